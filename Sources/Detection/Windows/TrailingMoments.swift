public import Readings

/// Mean and variance over a trailing span of event time.
///
/// Sums are kept in whole steps of ``resolution``, in integers that can't overflow: what leaves the window takes away exactly what
/// it had brought, so that no error builds up over years, whatever passed through. The only error is the rounding of
/// each value to a step: at most half a step in the mean. Values beyond ±2³⁶ steps count as that bound.
///
/// Inlined wherever it is used: called across a module's border, each question costs a copy of the window's fields first, and
/// that is four times the work.
///
/// - Complexity: O(1) amortised; each value enters and leaves once. Nothing allocates after `init`.
/// - Memory: 16 bytes a value of the capacity.
/// - Source: Chan, Golub & LeVeque, The American Statistician 37 (1983), on why running sums of floating-point squares
///   fail; integers have no such trouble.
public struct TrailingMoments: Sendable, Equatable, StateCodable {
    /// How long a value counts, in milliseconds: the window is `(now − span, now]`.
    public let spanMs: Int64
    /// What one step is worth, in the unit of the values: a power of two.
    public let resolution: Double
    /// Steps in one unit: exact, because the resolution is a power of two.
    @usableFromInline let stepsPerUnit: Double
    @usableFromInline var ring: [Entry]
    @usableFromInline var head = 0
    @usableFromInline var used = 0
    @usableFromInline var sum: Int64 = 0
    @usableFromInline var sumOfSquares: Int128 = 0

    @usableFromInline struct Entry: Sendable, Equatable, BitwiseCopyable {
        @usableFromInline var atMs: Int64 = 0
        @usableFromInline var steps: Int64 = 0

        @inlinable init(atMs: Int64 = 0, steps: Int64 = 0) { (self.atMs, self.steps) = (atMs, steps) }
    }

    /// - Parameters:
    ///   - capacity: Values at most; when more come within the span, the oldest go early.
    ///   - resolution: A power of two, in the unit of the values; 2⁻²⁰ by default, about a millionth.
    public init(spanMs: Int64, capacity: Int, resolution: Double = 0x1p-20) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        precondition(
            resolution >= 0x1p-512 && resolution <= 0x1p512 && resolution.significand == 1,
            "resolution must be a power of two, was \(resolution)")
        precondition(capacity <= 1 << 26, "beyond 2²⁶ values the sums could overflow, capacity was \(capacity)")
        self.spanMs = spanMs
        self.resolution = resolution
        stepsPerUnit = 1 / resolution
        ring = Array(repeating: Entry(), count: capacity)
    }

    /// Adds a value and drops what has left the span. Event time must not run backwards.
    @inlinable @inline(__always)
    public mutating func append(_ value: Double, atMs: Int64) {
        expire(nowMs: atMs)
        if used == ring.count { dropOldest() }
        let step = Self.nearestStep(value * stepsPerUnit)
        var slot = head &+ used
        if slot >= ring.count { slot &-= ring.count }
        ring[slot] = Entry(atMs: atMs, steps: step)
        used &+= 1
        // Nothing can overflow: at most 2²⁶ steps of at most 2³⁶, squared 2⁷².
        sum &+= step
        sumOfSquares &+= Int128(step) &* Int128(step)
    }

    /// The nearest whole number, of two the even one; at most 2³⁶ from zero.
    ///
    /// Beside 1.5 · 2⁵² doubles are one apart, so that adding it rounds, and leaves the number in the lowest bits. The plain
    /// form, `Int64(clamped.rounded(.toNearestOrEven))`, calls the mathematics library where the processor is not known to
    /// round by itself, and checks the range again.
    @inlinable @inline(__always)
    package static func nearestStep(_ steps: Double) -> Int64 {
        let clamped = min(max(steps, -0x1p36), 0x1p36)
        return Int64(bitPattern: (clamped + 0x1.8p52).bitPattern &- (0x1.8p52 as Double).bitPattern)
    }

    /// Drops what has left the span by `nowMs`.
    @inlinable @inline(__always)
    public mutating func expire(nowMs: Int64) {
        while used > 0, ring[head].atMs <= nowMs &- spanMs { dropOldest() }
    }

    @inlinable public mutating func removeAll() { (head, used, sum, sumOfSquares) = (0, 0, 0, 0) }

    /// 0 when empty.
    @inlinable @inline(__always)
    public var mean: Double { used == 0 ? 0 : Double(sum) / Double(used) * resolution }

    /// The sample variance, in the squared unit; 0 for fewer than two values.
    @inlinable @inline(__always)
    public var variance: Double {
        guard used > 1 else { return 0 }
        let numerator = Int128(used) &* sumOfSquares &- Int128(sum) &* Int128(sum)  // exact, and never negative
        return Self.double(numerator) / (Double(used) * Double(used - 1)) * resolution * resolution
    }

    /// The nearest double but for its last bit, of a value from 0 to 2¹²⁴. `Double(Int128)` takes 300 ns, this one: two signed
    /// halves, which the processor converts, where an unsigned one takes six instructions.
    @inlinable @inline(__always)
    static func double(_ value: Int128) -> Double {
        let low = Int64(truncatingIfNeeded: value) & (1 << 62 - 1)
        return Double(Int64(truncatingIfNeeded: value >> 62)) * 0x1p62 + Double(low)
    }

    /// How many values it holds.
    @inlinable public var count: Int { used }

    /// Event time of the oldest value, or nil when empty.
    @inlinable public var oldestMs: Int64? { used > 0 ? ring[head].atMs : nil }

    @inlinable @inline(__always)
    mutating func dropOldest() {
        let step = ring[head].steps
        sum &-= step
        sumOfSquares &-= Int128(step) &* Int128(step)
        head = head &+ 1 == ring.count ? 0 : head &+ 1
        used &-= 1
    }

    public mutating func code(_ coder: inout StateCoder) {
        var (timesMs, steps) = (ring.map(\.atMs), ring.map(\.steps))
        coder.code(&timesMs)
        coder.code(&steps)
        if coder.isReading { ring = zip(timesMs, steps).map { Entry(atMs: $0, steps: $1) } }
        coder.code(&head, in: 0...(ring.count - 1))
        coder.code(&used, in: 0...ring.count)
        // Saved as wide as it once was.
        var wide = Int128(sum)
        coder.code(&wide)
        sum = Int64(truncatingIfNeeded: wide)
        coder.code(&sumOfSquares)
    }
}
