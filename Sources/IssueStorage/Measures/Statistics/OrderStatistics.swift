/// Which of the sorted values enclose the median that they were drawn around.
package enum OrderStatistics {
    /// The ranks, from 1, of the narrowest symmetric pair that encloses the median with at least 95 %; nil when not even
    /// the first and the last do, that is of fewer than 6.
    ///
    /// The number of values below the median is binomial with one half, whatever they are. Exact up to 1,000 values,
    /// beyond that by the normal approximation, which differs by at most one rank.
    ///
    /// - Source: Conover, Practical Nonparametric Statistics (1999), §3.2; Hahn and Meeker, Statistical Intervals
    ///   (1991), §5.2.
    package static func medianRanks(of count: Int) -> ClosedRange<Int>? {
        guard count >= 6 else { return nil }
        let low =
            count <= 1000
            ? exactLow(count) : max(1, Int(Double(count) / 2 - Normal.z95 * Double(count).squareRoot() / 2))
        return low...(count + 1 - low)
    }

    /// The greatest rank below which lies less than 2.5 % of the binomial distribution.
    private static func exactLow(_ count: Int) -> Int {
        var term = 1.0
        for _ in 0..<count { term /= 2 }
        var (sum, rank) = (term, 0)
        while sum <= 0.025 {
            rank += 1
            term *= Double(count - rank + 1) / Double(rank)
            sum += term
        }
        return rank
    }
}
