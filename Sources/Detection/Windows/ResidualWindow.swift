public import Readings

/// The weighted mean of residuals over a trailing span, under each of the three day types at once.
///
/// - Complexity: O(1) amortised: running sums, computed anew once a turn of the ring so that rounding cannot build up.
///   Nothing allocates after `init`.
/// - Memory: 40 bytes a value of the capacity.
public struct ResidualWindow: Sendable, Equatable, StateCodable {
    public let spanMs: Int64
    private var timesMs: [Int64]
    private var weights: [SIMD4<Float>]
    private var products: [SIMD4<Float>]
    private var head = 0
    public private(set) var count = 0
    private var weightSums = SIMD4<Double>()
    private var productSums = SIMD4<Double>()

    public init(spanMs: Int64, capacity: Int) {
        precondition(spanMs > 0 && capacity > 0, "a window needs a span and room, got \(spanMs) ms for \(capacity)")
        self.spanMs = spanMs
        timesMs = Array(repeating: 0, count: capacity)
        weights = Array(repeating: SIMD4(), count: capacity)
        products = Array(repeating: SIMD4(), count: capacity)
    }

    /// Adds one moment's residuals and weights, a lane for each day type.
    public mutating func append(_ residuals: SIMD4<Double>, weights newWeights: SIMD4<Double>, atMs: Int64) {
        while count > 0, timesMs[head] <= atMs - spanMs { dropOldest() }
        if count == timesMs.count { dropOldest() }
        var slot = head + count
        if slot >= timesMs.count { slot -= timesMs.count }
        timesMs[slot] = atMs
        weights[slot] = SIMD4<Float>(newWeights)
        products[slot] = SIMD4<Float>(newWeights * residuals)
        count += 1
        weightSums += SIMD4<Double>(weights[slot])
        productSums += SIMD4<Double>(products[slot])
        if slot == 0 { sumAnew() }
    }

    /// The weighted mean in each lane; 0 where there is no weight.
    public var means: SIMD4<Double> {
        productSums.replacing(with: 0, where: weightSums .<= 0)
            / weightSums.replacing(with: 1, where: weightSums .<= 0)
    }

    /// Event time of the oldest value, or nil when empty.
    public var oldestMs: Int64? { count > 0 ? timesMs[head] : nil }

    /// Subtracts `shift` from every residual: the profile has moved.
    public mutating func subtract(_ shift: Double) {
        for slot in products.indices { products[slot] -= weights[slot] * Float(shift) }
        sumAnew()
    }

    private mutating func dropOldest() {
        weightSums -= SIMD4<Double>(weights[head])
        productSums -= SIMD4<Double>(products[head])
        head = head + 1 == timesMs.count ? 0 : head + 1
        count -= 1
    }

    private mutating func sumAnew() {
        (weightSums, productSums) = (SIMD4(), SIMD4())
        for offset in 0..<count {
            let slot = head + offset < timesMs.count ? head + offset : head + offset - timesMs.count
            weightSums += SIMD4<Double>(weights[slot])
            productSums += SIMD4<Double>(products[slot])
        }
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&timesMs)
        coder.code(&weights)
        coder.code(&products)
        coder.code(&head, in: 0...(timesMs.count - 1))
        coder.code(&count, in: 0...timesMs.count)
        coder.code(&weightSums)
        coder.code(&productSums)
    }
}
