/// Which messages to take, how they are written, and what they mean where they don't say it themselves.
public struct Route: Sendable, Equatable {
    /// Names the route in logs, metrics and configuration.
    public var name: String
    public var topic: TopicPattern
    public var format: PayloadFormat
    /// The kind of the sensors. Nil only where the topic has `{kind}`; if both are given, this one counts.
    public var kind: SensorKind?
    /// What a lone `value` measures where the payload names no metric. Nil: the kind's default.
    public var quantity: Quantity?
    /// The unit of a lone `value` where the payload names none. Nil: the quantity's own.
    public var unit: MeasurementUnit?

    /// The device model whose messages these are: its fields and series are read beside the route's own.
    public var profile: DeviceProfile?
    /// The sensor's id made of the topic's captures: `{app}-{device}`. Nil: see ``sensorField``.
    public var sensor: String?
    /// Where in the payload the sensor's id stands. Nil: the topic's `{sensor}`, else where the format has it.
    public var sensorField: String?
    /// Where in the payload the event time stands. Nil: where the format has it, else the time of arrival.
    public var timeField: String?
    public var timeUnit = TimeUnit.automatic
    /// Where in the payload a frame counter stands. Nil: where the format has it.
    public var counterField: String?
    /// What to read. Paths begin at the payload's body: for a LoRaWAN server's message, at what the device's codec gave.
    public var fields: [RouteField] = []
    /// Histories to read.
    public var series: [RouteSeries] = []
    /// Traffic intervals that come in several messages, beside the profile's. Nil: none.
    public var parts: RouteParts?
    /// Over how long a device sums what it counts, in seconds, for fields that do not say it themselves.
    public var intervalS: Int?
    /// How sensors are mounted of which the registry does not say it.
    public var mounting: Mounting?
    /// The columns of a CSV payload that does not name them in a first line.
    public var columns: [String] = []
    /// What stands between the columns: one ASCII character.
    public var delimiter = ","

    public init(
        name: String, topic: TopicPattern, format: PayloadFormat = .flatJSON, kind: SensorKind? = nil,
        quantity: Quantity? = nil, unit: MeasurementUnit? = nil
    ) {
        (self.name, self.topic, self.format) = (name, topic, format)
        (self.kind, self.quantity, self.unit) = (kind, quantity, unit)
    }

    /// `sluice/{kind}/{sensor}`, flat JSON: works for any sensor that can be told its topic.
    public static let standard: Route = {
        guard let topic = try? TopicPattern("sluice/{kind}/{sensor}") else { preconditionFailure("a sound pattern") }
        return Route(name: "standard", topic: topic)
    }()
}

extension Route {
    var effectiveParts: RouteParts? { parts ?? profile?.parts }

    /// How numbers that are times are meant: the route's word, else the profile's.
    var effectiveTimeUnit: TimeUnit { timeUnit == .automatic ? profile?.timeUnit ?? .automatic : timeUnit }
}

extension Quantity {
    /// How to turn a number in `unit` into ``Reading/value``, or nil if the unit is of another dimension.
    /// A generic quantity is kept in whatever unit it comes.
    public func conversion(from unit: MeasurementUnit) -> MeasurementUnit.Conversion? {
        self == .generic ? .identity : unit.conversion(to: self.unit)
    }
}
