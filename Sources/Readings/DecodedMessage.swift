/// What one MQTT message said: which sensor, and its measurements in order of event time.
public struct DecodedMessage: Sendable, Equatable {
    /// The sensor's id, 1–128 bytes of UTF-8.
    public internal(set) var sensorID: [UInt8] = []
    public internal(set) var kind = SensorKind.generic
    /// Whether the payload said when; otherwise its measurements have the time of arrival.
    public internal(set) var hasOwnTime = true
    /// At least one after a successful decode, sorted by time; those of one moment in the payload's order.
    public internal(set) var measurements: [Measurement] = []

    /// One number that a message carried. Becomes a ``Reading`` when its sensor's index is known.
    public struct Measurement: Sendable, Equatable, BitwiseCopyable {
        public var quantity: Quantity
        /// Event time in milliseconds since the Unix epoch; the arrival time where the payload has none.
        public var observedAtMs: Int64
        /// In the unit of `quantity`. Finite, and at most 1e12 in magnitude.
        public var value: Double
        /// The device's frame counter, or -1.
        public var counter: Int32

        public init(quantity: Quantity, observedAtMs: Int64, value: Double, counter: Int32 = -1) {
            (self.quantity, self.observedAtMs) = (quantity, observedAtMs)
            (self.value, self.counter) = (value, counter)
        }
    }

    init() {
        sensorID.reserveCapacity(Sensor.longestID)
        measurements.reserveCapacity(64)
    }

    /// The id as text.
    public var sensorName: String { String(copying: sensorID.span) }

    /// Stable and in place; messages are short and mostly sorted already.
    mutating func sortByTime() {
        for index in measurements.indices.dropFirst() {
            let measurement = measurements[index]
            var hole = index
            while hole > 0, measurements[hole - 1].observedAtMs > measurement.observedAtMs {
                measurements[hole] = measurements[hole - 1]
                hole -= 1
            }
            if hole != index { measurements[hole] = measurement }
        }
    }
}
