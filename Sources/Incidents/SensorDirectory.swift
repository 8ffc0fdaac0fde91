public import Detection
public import Readings

/// Who is who: what the incidents' texts and groups need to know of sensors and gateways.
public struct SensorDirectory: Sendable {
    /// By ``SensorIndex``.
    public private(set) var sensors: [Sensor] = []
    /// By gateway number, in order of first mention.
    public private(set) var gateways: [Gateway] = []
    /// The clock that texts speak in.
    public var zone: ZoneTable
    private var gatewayNumbers: [String: Int] = [:]
    /// Each sensor's gateway, or -1.
    private var gatewayOfSensor: [Int32] = []
    /// Rules that are other ones for some sensors; and each sensor's place among them, or -1.
    private let overrides: [RuleOverride]
    private var overrideOfSensor: [Int16] = []
    /// Sensors that name neighbours, by id.
    private var neighbourly: [String: SensorIndex] = [:]

    /// A radio gateway and the sensors heard through it; or a zone, for sensors whose gateway is not known.
    public struct Gateway: Sendable, Equatable {
        public var id: String
        public var sensors: [SensorIndex]

        static let zonePrefix = "zone:"
        /// The zone that stands for the unknown gateway of its sensors; nil for a gateway that the registry names.
        var zone: Substring? { id.hasPrefix(Self.zonePrefix) ? id.dropFirst(Self.zonePrefix.count) : nil }
    }

    /// - Parameter overrides: at most 32,767.
    public init(zone: ZoneTable, overrides: [RuleOverride] = []) {
        precondition(overrides.count <= Int16.max, "too many overrides: \(overrides.count)")
        self.zone = zone
        self.overrides = overrides
    }

    /// Adds the next sensor. Returns its gateway's number, if it has one.
    @discardableResult
    public mutating func append(_ sensor: Sensor) -> Int? {
        let index = SensorIndex(rawValue: UInt32(sensors.count))
        sensors.append(sensor)
        // Sensors of one zone hang on one line, as far as is known: when all of them fall silent at once, it is the line.
        let line = sensor.gateway ?? sensor.zone.map { Gateway.zonePrefix + $0 }
        let number = line.map { join($0, index) }
        gatewayOfSensor.append(Int32(number ?? -1))
        overrideOfSensor.append(Int16(overrides.firstIndex { $0.fits(sensor) } ?? -1))
        if !sensor.neighbours.isEmpty { neighbourly[sensor.id] = index }
        return number
    }

    private mutating func join(_ id: String, _ index: SensorIndex) -> Int {
        if let number = gatewayNumbers[id] {
            gateways[number].sensors.append(index)
            return number
        }
        gatewayNumbers[id] = gateways.count
        gateways.append(Gateway(id: id, sensors: [index]))
        return gateways.count - 1
    }

    /// The number of the gateway that the sensor is heard through.
    public func gateway(of sensor: SensorIndex) -> Int? {
        gatewayOfSensor[sensor.int] < 0 ? nil : Int(gatewayOfSensor[sensor.int])
    }

    /// The place of the override that the sensor is judged by, or nil: by the rules for all.
    public func override(of sensor: SensorIndex) -> Int? {
        overrideOfSensor[sensor.int] < 0 ? nil : Int(overrideOfSensor[sensor.int])
    }

    /// What the subject is judged by, where that is other than for all. A gateway is judged by the rules for all.
    func policies(of subject: Subject) -> RulePolicies? {
        guard case .sensor(let sensor) = subject else { return nil }
        return override(of: sensor).map { overrides[$0].settings.policies }
    }

    /// The number of the gateway with this id, once a sensor has named it.
    public func gateway(named id: String) -> Int? { gatewayNumbers[id] }

    public subscript(_ index: SensorIndex) -> Sensor { sensors[index.int] }

    /// Whether either names the other as its neighbour.
    func areNeighbours(_ one: SensorIndex, _ other: SensorIndex) -> Bool {
        self[one].neighbours.contains(self[other].id) || self[other].neighbours.contains(self[one].id)
    }

    /// The neighbours that the sensor names, of those that name some themselves: whoever keeps such a registry names both
    /// ends, and then no look-up goes through all sensors.
    func neighbours(of sensor: SensorIndex) -> [SensorIndex] { self[sensor].neighbours.compactMap { neighbourly[$0] } }

    /// The sensor, or the first behind the gateway: where a person would look first.
    public func representative(of subject: Subject) -> SensorIndex {
        switch subject {
        case .sensor(let index): index
        case .gateway(let number): gateways[number].sensors[0]
        }
    }

    /// The sensor, or all behind the gateway.
    func sensors(of subject: Subject) -> [SensorIndex] {
        switch subject {
        case .sensor(let index): [index]
        case .gateway(let number): gateways[number].sensors
        }
    }

    /// How people name the subject.
    public func name(of subject: Subject) -> String {
        switch subject {
        case .sensor(let index): self[index].id
        case .gateway(let number): gateways[number].id
        }
    }

    /// The sensor's place, or the middle of the sensors behind the gateway; nil when none is known.
    public func position(of subject: Subject) -> Sensor.Position? {
        switch subject {
        case .sensor(let index): return self[index].position
        case .gateway(let number):
            let known = gateways[number].sensors.compactMap { self[$0].position }
            guard !known.isEmpty else { return nil }
            return Sensor.Position(
                latitude: known.reduce(0) { $0 + $1.latitude } / Double(known.count),
                longitude: known.reduce(0) { $0 + $1.longitude } / Double(known.count))
        }
    }
}
