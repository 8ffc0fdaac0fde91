public import Synchronization

/// The memory that one producer and one consumer share: `[tail line | head line | slots]` in one allocation.
///
/// `@unchecked Sendable` holds because:
/// 1. the producer writes a slot only after an acquiring load of `head` showed it free;
/// 2. the consumer reads a slot only after an acquiring load of `tail` showed it written;
/// 3. ``RingProducer`` and ``RingConsumer`` are `~Copyable`, made once, in a pair: neither role can have two players;
/// 4. elements are bitwise-copyable: nothing to retain or destroy.
@safe @usableFromInline final class RingStorage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Two cache lines: adjacent-line prefetch pulls them in pairs.
    @usableFromInline static var lineBytes: Int { 128 }

    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int

    @usableFromInline init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity must be a power of two, was \(capacity)")
        self.capacity = capacity
        let bytes = 2 * Self.lineBytes + capacity * MemoryLayout<Element>.stride
        unsafe base = .allocate(byteCount: bytes, alignment: Self.lineBytes)
        unsafe tail.initialize(to: Atomic(0))
        unsafe head.initialize(to: Atomic(0))
    }

    deinit {
        unsafe tail.deinitialize(count: 1)
        unsafe head.deinitialize(count: 1)
        unsafe base.deallocate()
    }

    /// How many elements were ever pushed. Only the producer stores it.
    @usableFromInline var tail: UnsafeMutablePointer<Atomic<Int>> {
        unsafe base.assumingMemoryBound(to: Atomic<Int>.self)
    }
    /// How many elements were ever popped. Only the consumer stores it.
    @usableFromInline var head: UnsafeMutablePointer<Atomic<Int>> {
        unsafe (base + Self.lineBytes).assumingMemoryBound(to: Atomic<Int>.self)
    }
    @usableFromInline var slots: UnsafeMutablePointer<Element> {
        unsafe (base + 2 * Self.lineBytes).assumingMemoryBound(to: Element.self)
    }
}
