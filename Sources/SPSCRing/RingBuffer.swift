/// A lock-free ring buffer between exactly one producing and one consuming thread.
///
/// ```
///   producer ──push──▶ [ slot | slot | slot | … ] ──pop──▶ consumer
///               tail ──▶ only the producer stores      head ──▶ only the consumer stores
/// ```
/// Take the two ends apart (`let ring = RingBuffer…; let producer = ring.producer`) and move each to its thread.
/// Each end keeps its own index and the last value it saw of the other's as plain stored properties; take an end
/// into a local `var` on its thread, so that they live in registers.
///
/// - Source: Lamport, "Specifying Concurrent Program Modules" (1983); the cached opposite index is from Lee, Bu and
///   Chandranmenon, "A lock-free, cache-efficient shared ring buffer" (ANCS 2009).
@frozen public struct RingBuffer<Element: BitwiseCopyable & Sendable>: ~Copyable {
    public var producer: RingProducer<Element>
    public var consumer: RingConsumer<Element>

    /// - Parameter capacity: in elements, a power of two.
    @inlinable public init(capacity: Int) {
        let storage = RingStorage<Element>(capacity: capacity)
        producer = RingProducer(storage)
        consumer = RingConsumer(storage)
    }
}
