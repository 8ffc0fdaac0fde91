/// What the registry knows about one street sensor.
public struct Sensor: Sendable, Equatable {
    /// 1–128 bytes of printable UTF-8 without control characters. URNs are ids.
    public var id: String
    public var kind: SensorKind
    /// WGS 84 degrees, or nil for a sensor that announced itself and is not in the registry.
    public var position: Position?
    /// The ward that holds ``position``, by name.
    public var ward: String?
    /// The pipe zone or road corridor it belongs to. Sensors of one zone that go off together share one request.
    public var zone: String?
    /// The radio gateway it is heard through. Its silence is told apart from the sensor's own.
    public var gateway: String?
    /// Where it is, in words that a resident knows.
    public var address: String?
    /// The asset it watches (a bin, a main, a road link), as people name it.
    public var asset: String?
    /// The place that it belongs to, which may hold several sensors: a pumping station, a junction.
    public var site: String?
    /// Who answers for the device: a department, a contractor.
    public var owner: String?
    /// Sensors whose readings bear on its own, by id: along the same main, at the next junctions.
    public var neighbours: [String] = []
    /// The smallest difference that the device can tell, in the unit of what it measures.
    public var sensitivity: Double?
    /// Expected seconds between its messages, by their arrival, or nil: then the cadence is learned. `step_s` of a registry.
    public var expectedIntervalS: Int?
    /// How a level sensor sits above what it measures; makes a fill level of its distances.
    public var mounting: Mounting?
    /// IANA name of the clock that its daily pattern follows.
    public var timeZone: String?
    /// The rule under which it was adopted when it introduced itself; nil for one that was registered, or that no rule fitted.
    public var adoptedBy: String?

    public init(id: String, kind: SensorKind) {
        self.id = id
        self.kind = kind
    }

    /// Whether what it is heard through tells when it dies, and speaks only of what has changed: a Sparkplug edge node. Then
    /// quiet is no sign of anything.
    public var announcesDeath: Bool { gateway.flatMap(EdgeNodeID.init(gateway:)) != nil }

    /// A point on the WGS 84 ellipsoid, in degrees.
    public struct Position: Sendable, Equatable, BitwiseCopyable {
        public var latitude: Double
        public var longitude: Double

        public init(latitude: Double, longitude: Double) {
            (self.latitude, self.longitude) = (latitude, longitude)
        }
    }

    /// The longest id that is admitted, in bytes.
    public static let longestID = 128

    /// Why `id` can't name a sensor, or nil if it can.
    public static func problem(withID id: some Collection<UInt8>) -> String? {
        let bytes = Array(id)
        return problem(withID: bytes.span)
    }

    /// The same without allocating; the usual id of printable ASCII costs one pass over its words.
    public static func problem(withID id: borrowing Span<UInt8>) -> String? {
        if id.isEmpty { return "is empty" }
        if id.count > longestID { return "is \(id.count) bytes, at most \(longestID) are allowed" }
        return problem(withName: id)
    }

    /// Whether a topic can name the sensor in one level: separators and wildcards can't stand within one.
    public static func fitsTopicLevel(_ id: borrowing Span<UInt8>) -> Bool {
        for index in id.indices where [UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "#")].contains(id[index]) {
            return false
        }
        return true
    }

    /// Why a text of any length is not printable, or nil if it is.
    static func problem(withName id: borrowing Span<UInt8>) -> String? {
        if id.isPrintableASCII { return nil }
        for index in id.indices where id[index] < 0x20 || id[index] == 0x7F { return "has a control character" }
        guard let text = unsafe id.withUnsafeBufferPointer({ unsafe String(validating: $0, as: UTF8.self) }) else {
            return "isn't valid UTF-8"
        }
        let hasControl = text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) }
        return hasControl ? "has a control character" : nil
    }
}
