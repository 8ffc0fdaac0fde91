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

    /// Every problem that keeps the route from decoding anything, each starting with the key it is about.
    public func problems() -> [String] {
        var found: [String] = []
        if kind == nil && topic.kindCapture == nil {
            found.append("kind: must be given, because the topic \(topic) has no {kind}")
        }
        if let unit {
            let quantities = quantity.map { [$0] } ?? (kind.map { [$0.defaultQuantity] } ?? [])
            if quantities.isEmpty {
                found.append("unit: needs kind or quantity beside it, found \(unit.symbol) alone")
            }
            for quantity in quantities where !quantity.accepts(unit) {
                found.append(
                    "unit: must be convertible into \(quantity.unit.symbol) for \(quantity.name), found \(unit.symbol)")
            }
        }
        return found
    }
}

extension Quantity {
    /// How to turn a number in `unit` into ``Reading/value``, or nil if the unit is of another dimension.
    /// A generic quantity is kept in whatever unit it comes.
    public func conversion(from unit: MeasurementUnit) -> MeasurementUnit.Conversion? {
        self == .generic ? .identity : unit.conversion(to: self.unit)
    }

    func accepts(_ unit: MeasurementUnit) -> Bool { conversion(from: unit) != nil }
}
