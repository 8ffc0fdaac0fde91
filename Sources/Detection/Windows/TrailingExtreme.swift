public import Readings

/// The smallest or largest value of a trailing span of event time.
///
/// Two stacks that share one ring: the older part holds, at each place, the extreme from there to the part's end; the
/// newer part holds raw values and one running extreme. When the older part is used up, the newer one is folded into
/// it. Inlined wherever it is used, for ``TrailingMoments``' reason.
///
/// - Complexity: O(1) amortised, at most one fold of the window; nothing allocates after `init`.
/// - Memory: 16 bytes a value of the capacity.
/// - Source: Tangwongsan, Hirzel & Schneider, "In-Order Sliding-Window Aggregation in Worst-Case Constant Time", VLDB
///   Journal 30 (2021): Two-Stacks Lite.
public struct TrailingExtreme: Sendable, Equatable, StateCodable {
    public enum Kind: Sendable { case minimum, maximum }

    public let kind: Kind
    /// How long a value counts, in milliseconds: the window is `(now − span, now]`.
    public let spanMs: Int64
    @usableFromInline var ring: [Entry]
    @usableFromInline var head = 0
    @usableFromInline var used = 0
    /// How many of the ``count``, from the head on, hold extremes and not values.
    @usableFromInline var folded = 0
    @usableFromInline var newerExtreme = Double.infinity

    @usableFromInline struct Entry: Sendable, Equatable, BitwiseCopyable {
        @usableFromInline var atMs: Int64 = 0
        /// Negated for a maximum, so that the smallest always wins.
        @usableFromInline var value = 0.0

        @inlinable init(atMs: Int64 = 0, value: Double = 0) { (self.atMs, self.value) = (atMs, value) }
    }

    /// - Parameter capacity: Values at most; when more come within the span, the oldest go early.
    public init(_ kind: Kind, spanMs: Int64, capacity: Int) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        self.kind = kind
        self.spanMs = spanMs
        ring = Array(repeating: Entry(), count: capacity)
    }

    /// Adds a value and drops what has left the span. Event time must not run backwards.
    @inlinable @inline(__always)
    public mutating func append(_ value: Double, atMs: Int64) {
        expire(nowMs: atMs)
        if used == ring.count { dropOldest() }
        let signed = kind == .minimum ? value : -value
        let slot = place(used)
        ring[slot] = Entry(atMs: atMs, value: signed)
        used &+= 1
        newerExtreme = min(newerExtreme, signed)
    }

    /// Drops what has left the span by `nowMs`.
    @inlinable @inline(__always)
    public mutating func expire(nowMs: Int64) {
        while used > 0, ring[head].atMs <= nowMs &- spanMs { dropOldest() }
    }

    @inlinable public mutating func removeAll() { (head, used, folded, newerExtreme) = (0, 0, 0, .infinity) }

    /// The extreme, or nil when empty.
    @inlinable @inline(__always)
    public var value: Double? {
        guard used > 0 else { return nil }
        let smallest = folded > 0 ? min(ring[head].value, newerExtreme) : newerExtreme
        return kind == .minimum ? smallest : -smallest
    }

    /// How many values it holds.
    @inlinable public var count: Int { used }

    /// Event time of the oldest value, or nil when empty.
    @inlinable public var oldestMs: Int64? { used > 0 ? ring[head].atMs : nil }

    @inlinable @inline(__always)
    func place(_ offset: Int) -> Int {
        let slot = head &+ offset
        return slot >= ring.count ? slot &- ring.count : slot
    }

    @inlinable @inline(__always)
    mutating func dropOldest() {
        if folded == 0 { fold() }
        head = head &+ 1 == ring.count ? 0 : head &+ 1
        used &-= 1
        folded &-= 1
    }

    @usableFromInline mutating func fold() {
        // What was appended last stands before the ring's end, or has gone on at its start.
        let wrapped = max(0, head + used - ring.count)
        let straight = head..<(head + used - wrapped)
        // A span asks once whether the ring is ours alone, where each element of an array would.
        var slots = ring.mutableSpan
        let newest = Self.fold(0..<wrapped, .infinity, &slots)
        _ = Self.fold(straight, newest, &slots)
        folded = used
        newerExtreme = .infinity
    }

    /// Puts the smallest from each place to the run's end into that place, and returns that of the whole run.
    private static func fold(_ run: Range<Int>, _ newer: Double, _ slots: inout MutableSpan<Entry>) -> Double {
        var smallest = newer
        var slot = run.upperBound
        while slot > run.lowerBound {
            slot -= 1
            smallest = min(smallest, slots[slot].value)
            slots[slot].value = smallest
        }
        return smallest
    }

    public mutating func code(_ coder: inout StateCoder) {
        var (timesMs, values) = (ring.map(\.atMs), ring.map(\.value))
        coder.code(&timesMs)
        coder.code(&values)
        if coder.isReading { ring = zip(timesMs, values).map { Entry(atMs: $0, value: $1) } }
        coder.code(&head, in: 0...(ring.count - 1))
        coder.code(&used, in: 0...ring.count)
        coder.code(&folded, in: 0...used)
        coder.code(&newerExtreme)
    }
}
