internal import Readings

/// One quantity of one sensor, as a number that sorts by sensor first.
struct StreamKey: RawRepresentable, Hashable, Comparable {
    var rawValue: Int64

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(sensor: SensorIndex, quantity: Quantity) {
        rawValue = Int64(sensor.rawValue) << 8 | Int64(quantity.rawValue)
    }

    static func < (a: StreamKey, b: StreamKey) -> Bool { a.rawValue < b.rawValue }
}
