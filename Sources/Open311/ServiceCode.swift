/// A GeoReport `service_code`: 1–64 of `a`–`z`, `0`–`9` and `-`.
///
/// The four that Sluice's own rules file into are constants; a city's catalogue may hold more.
public struct ServiceCode: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    public let rawValue: String

    /// nil for what can't be a code.
    public init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.rawValue = rawValue
    }

    private init(_ rawValue: String) { self.rawValue = rawValue }

    public static let waterLeak = ServiceCode("water-leak")
    public static let trafficAnomaly = ServiceCode("traffic-anomaly")
    public static let binFull = ServiceCode("bin-full")
    public static let sensorFault = ServiceCode("sensor-fault")

    /// Those that rules file into.
    public static let standard: [ServiceCode] = [.waterLeak, .trafficAnomaly, .binFull, .sensorFault]

    public static func < (one: ServiceCode, other: ServiceCode) -> Bool { one.rawValue < other.rawValue }

    public var description: String { rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
}
