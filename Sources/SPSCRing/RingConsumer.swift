public import Synchronization

/// The reading end of a ``RingBuffer``. Owned by one thread.
///
/// `@unchecked Sendable`: it may move to its thread; being `~Copyable` it can't be on two.
@safe @frozen public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline let tail: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let head: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let mask: Int
    /// Elements popped so far.
    @usableFromInline var taken = 0
    /// The last `tail` seen: surely written up to here.
    @usableFromInline var seenTail = 0

    @usableFromInline init(_ storage: RingStorage<Element>) {
        self.storage = storage
        unsafe slots = storage.slots
        unsafe tail = storage.tail
        unsafe head = storage.head
        mask = storage.capacity - 1
    }

    /// Takes the oldest element, or nil when there is none.
    @inlinable @inline(__always)
    public mutating func pop() -> Element? {
        guard readable(1) else { return nil }
        let element = unsafe slots[taken & mask]
        taken &+= 1
        unsafe head.pointee.store(taken, ordering: .releasing)
        return element
    }

    /// Appends up to `limit` elements to `out` and frees their slots with one releasing store. Returns how many.
    @inlinable public mutating func pop(into out: inout [Element], limit: Int) -> Int {
        guard readable(1) else { return 0 }
        let count = min(limit, seenTail &- taken)
        let start = taken & mask
        let first = min(count, mask + 1 - start)
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: slots + start, count: first))
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: slots, count: count - first))
        taken &+= count
        unsafe head.pointee.store(taken, ordering: .releasing)
        return count
    }

    /// Whether `count` elements are there. Reads the producer's index only when its cached value says no.
    @inlinable @inline(__always)
    public mutating func readable(_ count: Int) -> Bool {
        if seenTail &- taken >= count { return true }
        unsafe seenTail = tail.pointee.load(ordering: .acquiring)
        return seenTail &- taken >= count
    }

    @inlinable public var isEmpty: Bool {
        mutating get { !readable(1) }
    }
}
