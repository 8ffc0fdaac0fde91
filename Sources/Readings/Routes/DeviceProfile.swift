/// A device model: what its codec's decoded fields mean. Saves a route its fields.
///
/// Field names are those of the makers' public LoRaWAN codecs, as The Things Stack and ChirpStack run them, or of FIWARE's
/// smart data models.
public struct DeviceProfile: Sendable, Equatable {
    /// As in configuration: maker and model.
    public var name: String
    public var kind: SensorKind
    public var fields: [RouteField]
    public var series: [RouteSeries]
    /// Where the device's own time of measurement stands. Nil: the server's time counts.
    public var timeField: String?
    public var timeUnit: TimeUnit
    /// How its intervals are told in several messages; nil for a device that tells each in one.
    public var parts: RouteParts?

    init(
        _ name: String, _ kind: SensorKind, _ fields: [RouteField], series: [RouteSeries] = [],
        timeField: String? = nil, timeUnit: TimeUnit = .automatic, parts: RouteParts? = nil
    ) {
        self.parts = parts
        (self.name, self.kind, self.fields, self.series) = (name, kind, fields, series)
        (self.timeField, self.timeUnit) = (timeField, timeUnit)
    }

    /// The profile with this name, or nil.
    public init?(name: String) {
        guard let profile = Self.library.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    /// Every model that is known, by name.
    public static let library: [DeviceProfile] =
        (wetSensors + waterMeters + pressureSensors + trafficRadars + binSensors + dataModels).sorted {
            $0.name < $1.name
        }
}
