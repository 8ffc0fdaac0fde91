public import Readings

/// Other rules for some sensors: those of a kind, of a group (a pipe zone or a corridor), of a ward, or by name.
///
/// Of a list of these, the first that fits a sensor counts. What it leaves open is as for all sensors.
public struct RuleOverride: Sendable, Equatable {
    /// What a sensor must be; a list that is nil asks for nothing. Names are compared as they stand in the registry.
    public var kinds: [SensorKind]?
    public var zones: [String]?
    public var wards: [String]?
    /// Ids; a star at the end stands for any ending.
    public var sensors: [String]?
    /// The settings as a whole: those for all sensors, with what is different.
    public var settings: RuleSettings

    /// Fits every sensor.
    public init(settings: RuleSettings = RuleSettings()) { self.settings = settings }

    /// Whether the sensor is all that is asked for.
    public func fits(_ sensor: Sensor) -> Bool {
        (kinds?.contains(sensor.kind) ?? true) && Self.names(zones, sensor.zone) && Self.names(wards, sensor.ward)
            && (sensors?.contains { Self.names($0, sensor.id) } ?? true)
    }

    /// Whether anything is asked for.
    public var isSelective: Bool { kinds != nil || zones != nil || wards != nil || sensors != nil }

    private static func names(_ list: [String]?, _ name: String?) -> Bool {
        guard let list else { return true }
        return name.map { list.contains($0) } ?? false
    }

    private static func names(_ pattern: String, _ id: String) -> Bool {
        pattern.hasSuffix("*") ? id.hasPrefix(pattern.dropLast()) : pattern == id
    }
}
