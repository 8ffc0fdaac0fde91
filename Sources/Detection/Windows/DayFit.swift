public import Readings

/// What a whole day of residuals is made of: a constant, a share of what was expected, or both.
///
/// Water that leaks adds the same to every hour; another meter, another unit or a pipe's other half multiplies every hour.
/// So the residuals `r` of 24 hours are regressed on a constant and on the expected values `b`, each weighted by `w = 1/σ²` of
/// its time of week:
///
/// ```
/// minimise  Σ w (r − L − α b)²          L: what is added;  α: by what share everything has grown
/// ```
/// The share is believed only where it is large and where a constant alone leaves twice the misfit: a warm day, or a leak on
/// a busy one, is neither.
///
/// - Complexity: O(1). Memory: 0.1 kB.
/// - Source: weighted least squares with two regressors; comparing nested models by their residual sums: Draper & Smith,
///   Applied Regression Analysis (1998), ch. 6.
public struct DayFit: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// `L` and `α`: a value `b` is `(1 + α) b + L` now.
    public struct Change: Sendable, Equatable, BitwiseCopyable {
        public var added: Double
        public var share: Double

        public init(added: Double, share: Double) { (self.added, self.share) = (added, share) }

        public func applied(to value: Double) -> Double { (1 + share) * value + added }
    }

    /// The least share that is told from demand's own swing.
    public static let leastShare = 0.15

    private var weight = 0.0, level = 0.0, square = 0.0, residual = 0.0, product = 0.0, energy = 0.0
    private var count = 0
    private var sinceMs = Int64.min
    /// What the last whole day was like; nil where a constant explains it as well.
    public private(set) var change: Change?

    public init() {}

    /// Adds a residual, with what had been expected and the σ of its time of week.
    public mutating func append(_ distance: Double, expected: Double, sigma: Double, atMs: Int64) {
        if sinceMs == .min || atMs - sinceMs >= dayMs { beginDay(atMs: atMs) }
        let w = 1 / (sigma * sigma)
        weight += w
        level += w * expected
        square += w * expected * expected
        residual += w * distance
        product += w * expected * distance
        energy += w * distance * distance
        count += 1
    }

    /// What was expected is another now: the day that runs is begun anew.
    public mutating func removeAll() { self = DayFit() }

    private mutating func beginDay(atMs: Int64) {
        change = count >= 20 ? fit() : nil
        (weight, level, square, residual, product, energy) = (0, 0, 0, 0, 0, 0)
        (count, sinceMs) = (0, atMs)
    }

    private func fit() -> Change? {
        let determinant = weight * square - level * level
        guard determinant > 1e-9 * weight * square else { return nil }
        let added = (square * residual - level * product) / determinant
        let share = (weight * product - level * residual) / determinant
        let misfit = energy - added * residual - share * product
        let misfitOfConstant = energy - residual * residual / weight
        guard abs(share) >= Self.leastShare, share > -1, misfitOfConstant >= 2 * misfit else { return nil }
        return Change(added: added, share: share)
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&weight)
        coder.code(&level)
        coder.code(&square)
        coder.code(&residual)
        coder.code(&product)
        coder.code(&energy)
        coder.code(&count, in: 0...Int.max)
        coder.code(&sinceMs)
        var (isChanged, added, share) = (change != nil, change?.added ?? 0, change?.share ?? 0)
        coder.code(&isChanged)
        coder.code(&added)
        coder.code(&share)
        change = isChanged ? Change(added: added, share: share) : nil
    }
}
