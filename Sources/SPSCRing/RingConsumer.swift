public import CPlatform
public import Synchronization

/// The reading end of a ``RingBuffer``. Owned by one thread.
///
/// `@unchecked Sendable`: it may move to its thread; being `~Copyable` it can't be on two.
@safe @frozen public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, @unchecked Sendable {
    /// Keeps the memory alive that the pointers below point into.
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline let tail: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let head: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let mask: Int
    /// Elements ever taken. Counts on across the end of `Int`: only differences and low bits are used.
    @usableFromInline var taken = 0
    /// The last `tail` seen: surely written up to here.
    @usableFromInline var seenTail = 0
    /// What had been taken when the ring was last found empty.
    @usableFromInline var takenWhenEmpty = 0

    @usableFromInline init(_ storage: RingStorage<Element>) {
        self.storage = storage
        unsafe slots = storage.slots
        unsafe tail = storage.tail
        unsafe head = storage.head
        mask = storage.capacity - 1
    }

    /// Elements that fit.
    @inlinable public var capacity: Int { mask &+ 1 }

    /// Takes the oldest element, or nil when there is none.
    @inlinable @inline(__always)
    public mutating func pop() -> Element? {
        guard readable(1) else {
            keepBehind()
            return nil
        }
        let element = unsafe slots[taken & mask]
        release(1)
        return element
    }

    /// Appends up to `limit` elements to `out` and frees their slots with one releasing store. Returns how many.
    ///
    /// It takes as many as were published when it looked; fewer than `limit` only when there were no more.
    @inlinable public mutating func pop(into out: inout [Element], limit: Int) -> Int {
        precondition(limit >= 0, "the limit must not be negative")
        _ = readable(limit)
        let count = min(limit, seenTail &- taken)
        guard count > 0 else { return 0 }
        // At most two runs: up to the end of the slots, and on from their start.
        let start = taken & mask
        let first = min(count, capacity &- start)
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: slots + start, count: first))
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: slots, count: count - first))
        release(count)
        return count
    }

    /// Shows `body` a contiguous run of the oldest elements in place, then frees their slots with one releasing store:
    /// the fastest way out, without a copy between.
    ///
    /// The run has at most `limit` elements. It is shorter where there are no more or the slots end, and `body` is not
    /// called when there is none. If `body` throws, nothing is taken.
    /// - Returns: how many elements were taken; 0 when the ring is empty.
    @inlinable @inline(__always)
    public mutating func pop<Failure: Error>(
        upTo limit: Int, _ body: (Span<Element>) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        precondition(limit >= 0, "the limit must not be negative")
        _ = readable(limit)
        let start = taken & mask
        let run = min(limit, seenTail &- taken, capacity &- start)
        guard run > 0 else { return 0 }
        let written = unsafe UnsafeBufferPointer(start: slots + start, count: run)
        try unsafe body(Span(_unsafeElements: written))
        release(run)
        return run
    }

    /// Whether `count` elements are there. Reads the producer's index only when its cached value says no.
    ///
    /// The acquiring load pairs with ``RingProducer/publish()``: the slots up to the index seen are written.
    @inlinable @inline(__always)
    public mutating func readable(_ count: Int) -> Bool {
        if seenTail &- taken >= count { return true }
        unsafe seenTail = tail.pointee.load(ordering: .acquiring)
        return seenTail &- taken >= count
    }

    /// Waits a moment, less than a microsecond, where a stream of single elements has been caught up with.
    ///
    /// Who stands right behind the producer takes the line of `tail` away from it with each look, for a few elements a look:
    /// four times slower than looking seldom, when many have come. An answer that is waited for comes alone: then nothing
    /// waits here, and it is seen at once.
    @inlinable @inline(__always)
    mutating func keepBehind() {
        let came = taken &- takenWhenEmpty
        takenWhenEmpty = taken
        guard came > 1 else { return }
        for _ in 0..<8 { cplatform_pause() }
    }

    /// How many elements wait: those that were published when it looked.
    @inlinable public var count: Int {
        mutating get {
            _ = readable(capacity)
            return seenTail &- taken
        }
    }

    @inlinable public var isEmpty: Bool {
        mutating get { !readable(1) }
    }

    /// Gives `count` slots back. Releasing: the producer may write them only after we have read them.
    @inlinable @inline(__always)
    mutating func release(_ count: Int) {
        taken &+= count
        unsafe head.pointee.store(taken, ordering: .releasing)
    }
}
