public import Readings

/// One measurement from the synthetic city.
public struct CityReading: Sendable, Equatable, BitwiseCopyable {
    /// The sensor's index in ``SyntheticCity/sensors``.
    public var sensor: Int
    public var quantity: Quantity
    /// When it was measured, in milliseconds since the Unix epoch.
    public var observedAtMs: Int64
    /// In the unit of the quantity, rounded as the device rounds.
    public var value: Double

    public init(sensor: Int, quantity: Quantity, observedAtMs: Int64, value: Double) {
        (self.sensor, self.quantity) = (sensor, quantity)
        (self.observedAtMs, self.value) = (observedAtMs, value)
    }
}

/// What one device measures at one moment: up to three quantities, or none when it is silent.
struct CitySample: Sendable {
    private var quantities = InlineArray<3, Quantity>(repeating: .generic)
    private var values = InlineArray<3, Double>(repeating: 0)
    private(set) var count = 0

    mutating func add(_ quantity: Quantity, _ value: Double) {
        quantities[count] = quantity
        values[count] = value
        count += 1
    }

    func quantity(_ index: Int) -> Quantity { quantities[index] }
    func value(_ index: Int) -> Double { values[index] }
}
