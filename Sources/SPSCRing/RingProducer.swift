public import Synchronization

/// The writing end of a ``RingBuffer``. Owned by one thread.
///
/// `@unchecked Sendable`: it may move to its thread; being `~Copyable` it can't be on two.
@safe @frozen public struct RingProducer<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline let tail: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let head: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let mask: Int
    /// Elements pushed so far, including those not yet published.
    @usableFromInline var written = 0
    /// The last `head` seen: the ring is surely free up to here.
    @usableFromInline var seenHead = 0

    @usableFromInline init(_ storage: RingStorage<Element>) {
        self.storage = storage
        unsafe slots = storage.slots
        unsafe tail = storage.tail
        unsafe head = storage.head
        mask = storage.capacity - 1
    }

    @inlinable public var capacity: Int { mask + 1 }

    /// Appends one element and publishes it. Returns false, and does nothing, when the ring is full.
    @inlinable @inline(__always)
    public mutating func push(_ element: Element) -> Bool {
        guard stage(element) else { return false }
        publish()
        return true
    }

    /// Appends one element that the consumer sees at the next ``publish()``. Returns false when the ring is full.
    @inlinable @inline(__always)
    public mutating func stage(_ element: Element) -> Bool {
        guard room(for: 1) else { return false }
        unsafe slots[written & mask] = element
        written &+= 1
        return true
    }

    /// Shows the consumer everything staged: one releasing store, however many elements.
    @inlinable @inline(__always)
    public mutating func publish() {
        unsafe tail.pointee.store(written, ordering: .releasing)
    }

    /// Stages all of `elements`, or none and returns false when they do not fit now.
    @inlinable public mutating func stage(contentsOf elements: Span<Element>) -> Bool {
        guard room(for: elements.count) else { return false }
        // At most two runs: up to the end of the slots, and on from their start.
        let start = written & mask
        let first = min(elements.count, mask + 1 - start)
        unsafe elements.withUnsafeBufferPointer { source in
            guard let from = source.baseAddress else { return }
            unsafe (slots + start).update(from: from, count: first)
            unsafe slots.update(from: from + first, count: source.count - first)
        }
        written &+= elements.count
        return true
    }

    /// Whether `count` more elements fit. Reads the consumer's index only when its cached value says no.
    @inlinable @inline(__always)
    public mutating func room(for count: Int) -> Bool {
        if written &+ count &- seenHead <= mask &+ 1 { return true }
        unsafe seenHead = head.pointee.load(ordering: .acquiring)
        return written &+ count &- seenHead <= mask &+ 1
    }

    /// Elements that the consumer has not taken yet, as far as can be seen from here.
    @inlinable public var backlog: Int {
        unsafe written &- head.pointee.load(ordering: .relaxed)
    }
}
