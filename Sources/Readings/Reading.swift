/// One measurement from one street sensor, as the stream carries it.
///
/// Fixed-size and bitwise-copyable (40 bytes), so it crosses the ring without allocating.
public struct Reading: Sendable, BitwiseCopyable, Equatable {
    /// Event time, in milliseconds since the Unix epoch.
    /// This is the sensor's clock: it may run late, early or backwards.
    public var observedAtMs: Int64
    /// When the daemon met it, by the daemon's clock, in milliseconds since the Unix epoch.
    public var arrivedAtMs: Int64
    /// The measurement, in the unit of ``quantity``. Always finite.
    public var value: Double
    /// The device's frame counter, or -1 where the payload has none.
    public var counter: Int32
    public var sensor: SensorIndex
    /// What the sensor said the time was, in whole seconds since the Unix epoch, where that lay too far ahead and
    /// ``observedAtMs`` is the arrival instead; 0 otherwise. By it a repetition is known.
    public var claimedS: UInt32 = 0
    public var flags: ReadingFlags
    /// The source of the stream that it came by, from 1; 0 where that is not known.
    public var source: UInt8
    /// What ``value`` measures, and so its unit.
    public var quantity: Quantity

    /// - Precondition: `value` is finite: decoders refuse what is not, so that no detector checks again.
    public init(
        sensor: SensorIndex, quantity: Quantity, observedAtMs: Int64, arrivedAtMs: Int64, value: Double,
        counter: Int32 = -1, flags: ReadingFlags = [], source: UInt8 = 0
    ) {
        precondition(value.isFinite, "a reading must be finite, was \(value)")
        self.sensor = sensor
        self.quantity = quantity
        self.observedAtMs = observedAtMs
        self.arrivedAtMs = arrivedAtMs
        // Turns -0 into 0: a database keeps no sign of zero, and replay must see what was seen live.
        self.value = value + 0
        self.counter = counter
        self.flags = flags
        self.source = source
    }
}
