internal import Metrics
internal import Synchronization

/// A whole-number counter: one relaxed atomic addition an increment, no lock.
final class CounterMetric: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    /// A counter only grows: a negative amount counts nothing.
    func increment(by amount: Int64) { count.wrappingAdd(max(0, amount), ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// A counter of fractions, such as seconds spent. Lock-free.
final class FractionCounterMetric: FloatingPointCounterHandler {
    private let count = AtomicDouble()

    var value: Double { count.value }

    /// A counter only grows: a negative or not finite amount counts nothing.
    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { count.add(amount) }
    }

    func reset() { count.set(0) }
}

/// A number that goes up and down. Lock-free.
final class GaugeMetric: MeterHandler, RecorderHandler {
    private let current = AtomicDouble()

    var value: Double { current.value }

    func set(_ value: Int64) { current.set(Double(value)) }
    func set(_ value: Double) { current.set(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// A `Double` kept as its bits in one atomic word.
private struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var seen = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + amount).bitPattern
            let attempt = bits.weakCompareExchange(expected: seen, desired: sum, ordering: .relaxed)
            if attempt.exchanged { return }
            seen = attempt.original
        }
    }
}
