public import Readings

/// Mean and variance over a trailing span of event time.
///
/// Sums are kept in whole steps of ``resolution``, in 128-bit integers: what leaves the window takes away exactly what
/// it had brought, so that no error builds up over years, whatever passed through. The only error is the rounding of
/// each value to a step: at most half a step in the mean. Values beyond ±2³⁶ steps count as that bound.
///
/// - Complexity: O(1) amortised; each value enters and leaves once. Nothing allocates after `init`.
/// - Memory: 16 bytes a value of the capacity.
/// - Source: Chan, Golub & LeVeque, The American Statistician 37 (1983), on why running sums of floating-point squares
///   fail; integers have no such trouble.
public struct TrailingMoments: Sendable, Equatable, StateCodable {
    /// How long a value counts, in milliseconds: the window is `(now − span, now]`.
    public let spanMs: Int64
    /// What one step is worth, in the unit of the values.
    public let resolution: Double
    private var ring: [Entry]
    private var head = 0
    public private(set) var count = 0
    private var sum: Int128 = 0
    private var sumOfSquares: Int128 = 0

    private struct Entry: Sendable, Equatable {
        var atMs: Int64 = 0
        var steps: Int64 = 0
    }

    /// - Parameters:
    ///   - capacity: Values at most; when more come within the span, the oldest go early.
    ///   - resolution: In the unit of the values; 2⁻²⁰ by default, about a millionth.
    public init(spanMs: Int64, capacity: Int, resolution: Double = 0x1p-20) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        precondition(resolution > 0, "resolution must be positive, was \(resolution)")
        precondition(capacity <= 1 << 27, "beyond 2²⁷ values the sums could overflow, capacity was \(capacity)")
        self.spanMs = spanMs
        self.resolution = resolution
        ring = Array(repeating: Entry(), count: capacity)
    }

    /// Adds a value and drops what has left the span. Event time must not run backwards.
    public mutating func append(_ value: Double, atMs: Int64) {
        expire(nowMs: atMs)
        if count == ring.count { dropOldest() }
        let bound = 0x1p36
        let step = Int64(min(max(value / resolution, -bound), bound).rounded(.toNearestOrEven))
        var slot = head + count
        if slot >= ring.count { slot -= ring.count }
        ring[slot] = Entry(atMs: atMs, steps: step)
        count += 1
        // Nothing can overflow: at most 2²⁷ steps of at most 2³⁶, squared 2⁷².
        sum &+= Int128(step)
        sumOfSquares &+= Int128(step) &* Int128(step)
    }

    /// Drops what has left the span by `nowMs`.
    public mutating func expire(nowMs: Int64) {
        while count > 0, ring[head].atMs <= nowMs - spanMs { dropOldest() }
    }

    public mutating func removeAll() { (head, count, sum, sumOfSquares) = (0, 0, 0, 0) }

    /// 0 when empty.
    public var mean: Double { count == 0 ? 0 : Self.double(sum) / Double(count) * resolution }

    /// The sample variance, in the squared unit; 0 for fewer than two values.
    public var variance: Double {
        guard count > 1 else { return 0 }
        let numerator = Int128(count) &* sumOfSquares &- sum &* sum  // exact, and never negative
        return Self.double(numerator) / (Double(count) * Double(count - 1)) * resolution * resolution
    }

    /// The nearest double but for its last bit. `Double(Int128)` takes 300 ns, this two.
    private static func double(_ value: Int128) -> Double {
        if let word = Int64(exactly: value) { return Double(word) }
        return Double(Int64(truncatingIfNeeded: value >> 64)) * 0x1p64 + Double(UInt64(truncatingIfNeeded: value))
    }

    /// Event time of the oldest value, or nil when empty.
    public var oldestMs: Int64? { count > 0 ? ring[head].atMs : nil }

    private mutating func dropOldest() {
        let step = Int128(ring[head].steps)
        sum &-= step
        sumOfSquares &-= step &* step
        head = head + 1 == ring.count ? 0 : head + 1
        count -= 1
    }

    public mutating func code(_ coder: inout StateCoder) {
        var (timesMs, steps) = (ring.map(\.atMs), ring.map(\.steps))
        coder.code(&timesMs)
        coder.code(&steps)
        if coder.isReading { ring = zip(timesMs, steps).map { Entry(atMs: $0, steps: $1) } }
        coder.code(&head, in: 0...(ring.count - 1))
        coder.code(&count, in: 0...ring.count)
        coder.code(&sum)
        coder.code(&sumOfSquares)
    }
}
