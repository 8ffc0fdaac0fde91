/// A figure that is reckoned, with its uncertainty: what a leak loses, how soon a bin overflows.
public struct Estimate: Sendable, Equatable, Codable {
    /// What it is, with its unit: `litres_per_hour`, `vehicle_hours`, `hours_to_overflow`.
    public var name: String
    public var value: Double
    /// The ends of its 90 % interval.
    public var low: Double
    public var high: Double

    public init(name: String, value: Double, low: Double, high: Double) {
        self.name = name
        self.value = value
        self.low = low
        self.high = high
    }
}
