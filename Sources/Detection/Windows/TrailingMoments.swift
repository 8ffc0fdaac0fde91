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
    private var timesMs: [Int64]
    private var steps: [Int64]
    private var head = 0
    public private(set) var count = 0
    private var sum: Int128 = 0
    private var sumOfSquares: Int128 = 0

    /// - Parameters:
    ///   - capacity: Values at most; when more come within the span, the oldest go early.
    ///   - resolution: In the unit of the values; 2⁻²⁰ by default, about a millionth.
    public init(spanMs: Int64, capacity: Int, resolution: Double = 0x1p-20) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        precondition(resolution > 0, "resolution must be positive, was \(resolution)")
        self.spanMs = spanMs
        self.resolution = resolution
        timesMs = Array(repeating: 0, count: capacity)
        steps = Array(repeating: 0, count: capacity)
    }

    /// Adds a value and drops what has left the span. Event time must not run backwards.
    public mutating func append(_ value: Double, atMs: Int64) {
        expire(nowMs: atMs)
        if count == steps.count { dropOldest() }
        let bound = 0x1p36
        let step = Int64(min(max(value / resolution, -bound), bound).rounded(.toNearestOrEven))
        var slot = head + count
        if slot >= steps.count { slot -= steps.count }
        timesMs[slot] = atMs
        steps[slot] = step
        count += 1
        sum += Int128(step)
        sumOfSquares += Int128(step) * Int128(step)
    }

    /// Drops what has left the span by `nowMs`.
    public mutating func expire(nowMs: Int64) {
        while count > 0, timesMs[head] <= nowMs - spanMs { dropOldest() }
    }

    public mutating func removeAll() { (head, count, sum, sumOfSquares) = (0, 0, 0, 0) }

    /// 0 when empty.
    public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) * resolution }

    /// The sample variance, in the squared unit; 0 for fewer than two values.
    public var variance: Double {
        guard count > 1 else { return 0 }
        let n = Int128(count)
        let numerator = n * sumOfSquares - sum * sum  // exact, and never negative
        return Double(numerator) / Double(n * (n - 1)) * resolution * resolution
    }

    /// Event time of the oldest value, or nil when empty.
    public var oldestMs: Int64? { count > 0 ? timesMs[head] : nil }

    private mutating func dropOldest() {
        let step = Int128(steps[head])
        sum -= step
        sumOfSquares -= step * step
        head = head + 1 == steps.count ? 0 : head + 1
        count -= 1
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&timesMs)
        coder.code(&steps)
        coder.code(&head, in: 0...(steps.count - 1))
        coder.code(&count, in: 0...steps.count)
        coder.code(&sum)
        coder.code(&sumOfSquares)
    }
}
