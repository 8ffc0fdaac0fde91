public import Synchronization

/// The writing end of a ``RingBuffer``. Owned by one thread.
///
/// Staging writes slots; ``publish()`` shows them to the consumer with one releasing store. What is staged occupies the
/// ring but can't be taken: whoever finds the ring full publishes before waiting for room.
///
/// `@unchecked Sendable`: it may move to its thread; being `~Copyable` it can't be on two.
@safe @frozen public struct RingProducer<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    /// Keeps the memory alive that the pointers below point into.
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline let tail: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let head: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let mask: Int
    /// Elements ever staged. Counts on across the end of `Int`: only differences and low bits are used.
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

    /// Elements that fit.
    @inlinable public var capacity: Int { mask &+ 1 }

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
    ///
    /// The consumer's acquiring load of `tail` that sees this store also sees the slots written before it.
    @inlinable @inline(__always)
    public mutating func publish() {
        unsafe tail.pointee.store(written, ordering: .releasing)
    }

    /// Stages all of `elements`, or none and returns false when they do not fit now. None always fit.
    @inlinable public mutating func stage(contentsOf elements: Span<Element>) -> Bool {
        guard room(for: elements.count) else { return false }
        // At most two runs: up to the end of the slots, and on from their start.
        let start = written & mask
        let first = min(elements.count, capacity &- start)
        unsafe elements.withUnsafeBufferPointer { source in
            guard let from = source.baseAddress else { return }
            unsafe (slots + start).update(from: from, count: first)
            unsafe slots.update(from: from + first, count: source.count - first)
        }
        written &+= elements.count
        return true
    }

    /// Stages up to `limit` elements, each made in its slot: the fastest way in, without a copy between.
    ///
    /// Fewer where the ring is nearly full or the slots end; none, and no call, when it is full. If `element` throws,
    /// nothing is staged.
    /// - Parameter element: makes the element at an offset from the first, which is 0. Inlined, so that the loop is that of
    ///   a plain array, without the check of each place that appending to an `OutputSpan` makes.
    /// - Returns: how many elements were staged; 0 when the ring is full.
    @inlinable @inline(__always)
    public mutating func stage<Failure: Error>(
        upTo limit: Int, _ element: (_ offset: Int) throws(Failure) -> Element
    ) throws(Failure) -> Int {
        precondition(limit >= 0, "the limit must not be negative")
        _ = room(for: limit)
        let start = written & mask
        let run = min(limit, seenHead &+ capacity &- written, capacity &- start)
        guard run > 0 else { return 0 }
        // Sound: these `run` slots are free and lie before the slots' end. What was made before an error is not staged: the
        // next call overwrites it.
        for offset in 0..<run { unsafe slots[start &+ offset] = try element(offset) }
        written &+= run
        return run
    }

    /// Whether `count` more elements fit. Reads the consumer's index only when its cached value says no.
    ///
    /// The acquiring load pairs with the consumer's releasing store: it has read the slots before we write them again.
    @inlinable @inline(__always)
    public mutating func room(for count: Int) -> Bool {
        // As a difference: a sum could overflow for the largest counts.
        if count <= seenHead &+ capacity &- written { return true }
        unsafe seenHead = head.pointee.load(ordering: .acquiring)
        return count <= seenHead &+ capacity &- written
    }

    /// Elements staged or published that the consumer has not taken yet, as far as can be seen from here.
    @inlinable public var backlog: Int {
        unsafe written &- head.pointee.load(ordering: .relaxed)
    }
}
