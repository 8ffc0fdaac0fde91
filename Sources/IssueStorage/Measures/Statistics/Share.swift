/// So many of so many, with how sure that makes us of the share behind it.
public struct Share: Sendable, Equatable {
    public var count: Int
    public var of: Int

    public init(count: Int, of: Int) { (self.count, self.of) = (count, of) }

    /// 0–1, or nil of nothing.
    public var value: Double? { of > 0 ? Double(count) / Double(of) : nil }

    /// The 95 % score interval of the share, within 0–1; nil of nothing. Unlike the textbook's ± it holds for few
    /// cases and for shares near 0 and 1.
    ///
    /// - Source: Wilson, J. Am. Stat. Assoc. 22 (1927); recommended by Brown, Cai and DasGupta, Stat. Sci. 16 (2001).
    public var interval: ClosedRange<Double>? {
        guard let share = value else { return nil }
        let (n, z) = (Double(of), Normal.z95)
        let scale = 1 + z * z / n
        let center = (share + z * z / (2 * n)) / scale
        let reach = z / scale * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        // Exactly 0 and 1 at the ends, where rounding would leave a trace.
        return (count == 0 ? 0 : max(0, center - reach))...(count == of ? 1 : min(1, center + reach))
    }
}

enum Normal {
    /// The 97.5 % point of the standard normal distribution.
    static let z95 = 1.959963984540054
}
