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

    /// A radio gateway and the sensors heard through it.
    public struct Gateway: Sendable, Equatable {
        public var id: String
        public var sensors: [SensorIndex]
    }

    public init(zone: ZoneTable) { self.zone = zone }

    /// Adds the next sensor. Returns its gateway's number, if it has one.
    @discardableResult
    public mutating func append(_ sensor: Sensor) -> Int? {
        let index = SensorIndex(rawValue: UInt32(sensors.count))
        sensors.append(sensor)
        guard let id = sensor.gateway else { return nil }
        if let number = gatewayNumbers[id] {
            gateways[number].sensors.append(index)
            return number
        }
        gatewayNumbers[id] = gateways.count
        gateways.append(Gateway(id: id, sensors: [index]))
        return gateways.count - 1
    }

    public subscript(_ index: SensorIndex) -> Sensor { sensors[index.int] }

    /// The sensor, or the first behind the gateway: where a person would look first.
    public func representative(of subject: Subject) -> SensorIndex {
        switch subject {
        case .sensor(let index): index
        case .gateway(let number): gateways[number].sensors[0]
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
