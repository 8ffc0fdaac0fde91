public import Synchronization

/// The memory that one producer and one consumer share: `[tail line | head line | slots]` in one allocation.
///
/// `@unchecked Sendable` holds because:
/// 1. the producer writes a slot only after an acquiring load of `head` showed it free;
/// 2. the consumer reads a slot only after an acquiring load of `tail` showed it written;
/// 3. ``RingProducer`` and ``RingConsumer`` are `~Copyable`, made once, in a pair: neither role can have two players;
/// 4. elements are bitwise-copyable: nothing to retain or destroy;
/// 5. its own properties never change after `init`, and both ends keep it alive.
@safe @usableFromInline final class RingStorage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Two cache lines: adjacent-line prefetch pulls them in pairs.
    @usableFromInline static var lineBytes: Int { 128 }

    @usableFromInline let capacity: Int
    /// How many elements were ever published. Only the producer stores it.
    @usableFromInline let tail: UnsafeMutablePointer<Atomic<Int>>
    /// How many elements were ever released. Only the consumer stores it.
    @usableFromInline let head: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    private let base: UnsafeMutableRawPointer

    @usableFromInline init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "capacity must be a power of two, was \(capacity)")
        self.capacity = capacity
        let line = Self.lineBytes
        let slotBytes = capacity * MemoryLayout<Element>.stride
        // Rounded up, so that no neighbour in the heap shares the last slot's line.
        let bytes = 2 * line + (slotBytes + line - 1) / line * line
        unsafe base = .allocate(byteCount: bytes, alignment: line)
        unsafe tail = base.bindMemory(to: Atomic<Int>.self, capacity: 1)
        unsafe head = (base + line).bindMemory(to: Atomic<Int>.self, capacity: 1)
        unsafe slots = (base + 2 * line).bindMemory(to: Element.self, capacity: capacity)
        unsafe tail.initialize(to: Atomic(0))
        unsafe head.initialize(to: Atomic(0))
    }

    deinit {
        unsafe tail.deinitialize(count: 1)
        unsafe head.deinitialize(count: 1)
        unsafe base.deallocate()
    }
}
