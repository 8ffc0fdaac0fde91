internal import Detection
internal import Incidents
internal import Open311
internal import Readings

/// One publish, as a sensor makes it; a repetition is the same publish once more.
struct StreetMessage: Sendable, Equatable {
    var topic: String
    var payload: String
    /// What must be found in the store; none when it belongs into quarantine.
    var measurements: [Fact]
}

/// One measurement as it can be known again in the store, whatever happened on its way.
struct Fact: Hashable, Sendable {
    var sensor: String
    var quantity: Quantity
    /// What tells it from the sensor's other readings: the event time, or the value of one whose time is replaced.
    var mark: Int64
    var value: Double
}

/// A handful of sensors with good and bad clocks and habits, and what they say.
struct Street {
    /// A sensor, and how far its clock is off.
    private struct Device {
        var sensor: Sensor
        var clockErrorMs: Int64
        var lastMs: Int64 = 0
        /// Is wet, tilted, burning or standing still.
        var isOdd = false
        var counter: Int32?
    }

    private var devices: [Device] = []
    private var serial = 0
    private let swarm: Swarm

    /// - Parameter swarm: which bad habits there are in this run.
    init(_ swarm: Swarm, chance: inout Chance) {
        self.swarm = swarm
        for number in 0..<swarm.sensors {
            let kind = SensorKind.allCases[number % SensorKind.allCases.count]
            var sensor = Sensor(id: "\(kind.name)-\(number)", kind: kind)
            if number % 3 == 0 { sensor.zone = "zone-\(number % 2)" }
            sensor.position = Sensor.Position(latitude: 52.5 + Double(number) / 2000, longitude: -1.9)
            if number % 4 == 1 { sensor.gateway = "gateway-1" }
            devices.append(
                Device(
                    sensor: sensor, clockErrorMs: Self.clockError(kind, swarm, &chance),
                    counter: chance.happens(50) ? Int32(chance.number(0...1000)) : nil))
        }
    }

    /// Some leaks are for another department, too.
    static let routing: Routing = {
        var routing = Routing()
        var both = Routing.Rule(service: .waterLeak)
        both.parts = [.init(service: .trafficAnomaly, agency: "Highways")]
        routing.rules = [both]
        return routing
    }()

    /// Half of the sensors are in the registry; the others announce themselves.
    var registry: [Sensor] { devices.enumerated().filter { $0.offset % 2 == 0 }.map(\.element.sensor) }

    /// The registry after somebody has edited it: sensors stand elsewhere, hang on other gateways, are other devices, are named
    /// or named no more.
    ///
    /// - Parameters:
    ///   - keepsAll: where only those are let in that it names: whoever may speak always may.
    ///   - edition: which edit it is.
    func editedRegistry(keepingAll keepsAll: Bool, edition: Int, _ chance: inout Chance) -> [Sensor] {
        var edited = keepsAll ? registry : devices.map(\.sensor).filter { _ in chance.happens(70) }
        for place in edited.indices where chance.happens(50) {
            switch chance.number(0...5) {
            case 0, 1: edited[place].zone = chance.element(of: [nil, "zone-0", "zone-1"])
            case 2: edited[place].gateway = chance.element(of: [nil, "gateway-1", "gateway-2"])
            case 3: edited[place].address = "\(edition) Mill Lane"
            case 4: edited[place].expectedIntervalS = chance.element(of: [nil, 5, 60])
            default: edited[place].kind = chance.happens(20) ? .generic : edited[place].kind
            }
        }
        return edited
    }

    private static func clockError(_ kind: SensorKind, _ swarm: Swarm, _ chance: inout Chance) -> Int64 {
        guard swarm.hasOddClocks, chance.happens(30) else { return 0 }
        // Only where each value is another one: a time that lies ahead is replaced, and the value is what is left.
        if kind == .generic, chance.happens(50) { return Int64(chance.number(6...600)) * 60_000 }
        return -Int64(chance.number(1...40)) * 60_000
    }

    // MARK: What they say

    /// The next message of some sensor.
    mutating func next(nowMs: Int64, chance: inout Chance) -> StreetMessage {
        serial += 1
        if swarm.hasPoison, chance.happens(6) { return poison(&chance) }
        let number = chance.number(0...devices.count - 1)
        if swarm.hasOddClocks, chance.happens(2), devices[number].sensor.kind != .generic {
            devices[number].clockErrorMs = -Int64(chance.number(0...40)) * 60_000
        }
        if chance.happens(15) { devices[number].isOdd.toggle() }
        var claimedMs = nowMs + devices[number].clockErrorMs
        if swarm.hasReordering, chance.happens(10) { claimedMs -= Int64(chance.number(1...30)) * 1000 }
        // Each its own moment, unless the sensor contradicts itself.
        let contradicts = swarm.hasConflicts && chance.happens(3) && devices[number].lastMs != 0
        claimedMs = contradicts ? devices[number].lastMs : claimedMs / 1000 * 1000 + Int64(serial % 1000)
        devices[number].lastMs = claimedMs
        return message(number, claimedMs, &chance)
    }

    private mutating func message(_ number: Int, _ claimedMs: Int64, _ chance: inout Chance) -> StreetMessage {
        let device = devices[number]
        let values = values(of: device, &chance)
        let members = values.map { "\"\($0.quantity.name)\":\(Self.text($0.value))" }.joined(separator: ",")
        var payload = "{\"ts\":\(claimedMs),\"metrics\":{\(members)}"
        if let counter = device.counter {
            devices[number].counter = counter &+ 1
            payload += ",\"seq\":\(counter)"
        }
        return StreetMessage(
            topic: "sluice/\(device.sensor.kind.name)/\(device.sensor.id)", payload: payload + "}",
            measurements: values.map {
                Fact(
                    sensor: device.sensor.id, quantity: $0.quantity,
                    mark: $0.quantity == .generic ? 0 : claimedMs, value: $0.value)
            })
    }

    private func values(of device: Device, _ chance: inout Chance) -> [(quantity: Quantity, value: Double)] {
        let odd = device.isOdd
        switch device.sensor.kind {
        case .waterLeak: return [(.wetness, odd ? 1 : 0)]
        case .binFill:
            return [
                (.fill, Double(chance.number(0...100))), (.temperature, odd ? 95 : Double(chance.number(5...30))),
                (.tilt, chance.happens(odd ? 90 : 5) ? 1 : 0),
            ]
        case .traffic: return [(.speed, Double(chance.number(odd ? 0...9 : 40...60)))]
        case .generic: return [(.generic, Double(serial) + 0.5)]
        }
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    /// What can't be decoded, or comes where nothing is expected.
    private func poison(_ chance: inout Chance) -> StreetMessage {
        // The serial number tells quarantined messages apart.
        let (topic, payload) = chance.element(of: [
            ("sluice/bin-fill/poison", "{\"n\":\(serial),\"fill_pct\":"), ("sluice/bin-fill/poison", "\(serial)"),
            ("sluice/plant/poison", "{\"n\":\(serial),\"value\":1}"), ("elsewhere", "{\"n\":\(serial),\"value\":1}"),
            ("sluice/generic/poison", "{\"n\":\(serial),\"value\":1e999}"),
            ("sluice/generic/poison", "{\"value\":\(serial),\"value\":2}"),
        ])
        return StreetMessage(topic: topic, payload: payload, measurements: [])
    }
}
