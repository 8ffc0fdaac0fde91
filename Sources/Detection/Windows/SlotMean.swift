public import Readings
internal import TimeBase

/// Gathers readings into the mean of each slot of event time, whatever the sensor's own cadence.
///
/// A slot is handed out with the reading that is its last, as far as the latest interval tells; a sensor that reports
/// once a slot or less often waits for nothing. If that guess was wrong, or the sensor fell silent in the middle, the
/// slot is handed out when the next begins; readings that come for a slot already handed out are left out.
///
/// - Complexity: O(1). Memory: 56 bytes.
public struct SlotMean: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// One slot's mean.
    public struct Slot: Sendable, Equatable, BitwiseCopyable {
        /// Event time of its last reading.
        public var atMs: Int64
        public var mean: Double
    }

    public let lengthMs: Int64
    private var slot = Int64.min
    private var sum = 0.0
    private var count = 0
    private var lastMs = Int64.min
    private var isHandedOut = false

    public init(lengthMs: Int64) {
        precondition(lengthMs > 0, "a slot must last, was \(lengthMs) ms")
        self.lengthMs = lengthMs
    }

    /// Folds in a reading; event time must not run backwards.
    ///
    /// - Returns: The slots that it completes, oldest first: an earlier one that had been waiting, and its own.
    public mutating func append(_ value: Double, atMs: Int64) -> (earlier: Slot?, own: Slot?) {
        var earlier: Slot?
        let ofReading = floorDivide(atMs, lengthMs)
        let interval = lastMs == .min ? 0 : atMs - lastMs
        if ofReading != slot {
            if count > 0, !isHandedOut { earlier = Slot(atMs: lastMs, mean: sum / Double(count)) }
            (slot, sum, count, isHandedOut) = (ofReading, 0, 0, false)
        }
        lastMs = atMs
        guard !isHandedOut else { return (earlier, nil) }
        sum += value
        count += 1
        guard interval > 0, floorDivide(atMs + interval, lengthMs) != slot else { return (earlier, nil) }
        isHandedOut = true
        return (earlier, Slot(atMs: atMs, mean: sum / Double(count)))
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&slot)
        coder.code(&sum)
        coder.code(&count, in: 0...Int.max)
        coder.code(&lastMs)
        coder.code(&isHandedOut)
    }
}
