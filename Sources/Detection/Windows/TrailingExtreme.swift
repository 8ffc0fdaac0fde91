public import Readings

/// The smallest or largest value of a trailing span of event time.
///
/// Two stacks that share one ring: the older part holds, at each place, the extreme from there to the part's end; the
/// newer part holds raw values and one running extreme. When the older part is used up, the newer one is folded into
/// it.
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
    private var ring: [Entry]
    private var head = 0
    public private(set) var count = 0
    /// How many of the ``count``, from the head on, hold extremes and not values.
    private var folded = 0
    private var newerExtreme = Double.infinity

    private struct Entry: Sendable, Equatable {
        var atMs: Int64 = 0
        /// Negated for a maximum, so that the smallest always wins.
        var value = 0.0
    }

    /// - Parameter capacity: Values at most; when more come within the span, the oldest go early.
    public init(_ kind: Kind, spanMs: Int64, capacity: Int) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        self.kind = kind
        self.spanMs = spanMs
        ring = Array(repeating: Entry(), count: capacity)
    }

    /// Adds a value and drops what has left the span. Event time must not run backwards.
    public mutating func append(_ value: Double, atMs: Int64) {
        expire(nowMs: atMs)
        if count == ring.count { dropOldest() }
        let signed = kind == .minimum ? value : -value
        let slot = place(count)
        ring[slot] = Entry(atMs: atMs, value: signed)
        count += 1
        newerExtreme = min(newerExtreme, signed)
    }

    /// Drops what has left the span by `nowMs`.
    public mutating func expire(nowMs: Int64) {
        while count > 0, ring[head].atMs <= nowMs - spanMs { dropOldest() }
    }

    public mutating func removeAll() { (head, count, folded, newerExtreme) = (0, 0, 0, .infinity) }

    /// The extreme, or nil when empty.
    public var value: Double? {
        guard count > 0 else { return nil }
        let smallest = folded > 0 ? min(ring[head].value, newerExtreme) : newerExtreme
        return kind == .minimum ? smallest : -smallest
    }

    /// Event time of the oldest value, or nil when empty.
    public var oldestMs: Int64? { count > 0 ? ring[head].atMs : nil }

    private func place(_ offset: Int) -> Int {
        let slot = head + offset
        return slot >= ring.count ? slot - ring.count : slot
    }

    private mutating func dropOldest() {
        if folded == 0 { fold() }
        head = place(1)
        count -= 1
        folded -= 1
    }

    private mutating func fold() {
        var smallest = Double.infinity
        for offset in stride(from: count - 1, through: 0, by: -1) {
            let slot = place(offset)
            smallest = min(smallest, ring[slot].value)
            ring[slot].value = smallest
        }
        folded = count
        newerExtreme = .infinity
    }

    public mutating func code(_ coder: inout StateCoder) {
        var (timesMs, values) = (ring.map(\.atMs), ring.map(\.value))
        coder.code(&timesMs)
        coder.code(&values)
        if coder.isReading { ring = zip(timesMs, values).map { Entry(atMs: $0, value: $1) } }
        coder.code(&head, in: 0...(ring.count - 1))
        coder.code(&count, in: 0...ring.count)
        coder.code(&folded, in: 0...count)
        coder.code(&newerExtreme)
    }
}
