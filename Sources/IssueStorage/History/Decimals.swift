/// Numbers that are decimals with few digits behind the point, as sensors send them.
enum Decimals {
    /// The most digits that are looked for.
    static let most = 9

    private static let powers: InlineArray<10, Double> = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
    /// Up to here every integer is a Double.
    private static let largest = 9_007_199_254_740_992.0

    /// `value` times 10 to the `digits`, rounded; nil where that is beyond ±2^53.
    static func scaled(_ value: Double, digits: Int) -> Int64? {
        let scaled = (value * powers[digits]).rounded()
        return scaled.magnitude <= largest ? Int64(scaled) : nil
    }

    /// The Double nearest to `integer` / 10^`digits`: the one that reading the decimal's text gives.
    static func value(_ integer: Int64, digits: Int) -> Double { Double(integer) / powers[digits] }

    /// Whether `value` is, to the bit, a decimal with so many digits behind the point.
    static func isExact(_ value: Double, digits: Int) -> Bool {
        guard let scaled = scaled(value, digits: digits) else { return false }
        return self.value(scaled, digits: digits).bitPattern == value.bitPattern
    }

    /// The fewest digits, from `least` on, with which `value` is exact; nil if more than ``most``.
    static func digits(of value: Double, from least: Int = 0) -> Int? {
        var digits = least
        while digits <= most {
            if isExact(value, digits: digits) { return digits }
            digits += 1
        }
        return nil
    }

    /// `a + b`, without the error that adding in binary makes where both are decimals: their sum is one, too.
    /// So the sum of many does not depend on their order.
    static func sum(_ a: Double, _ b: Double) -> Double {
        guard let first = digits(of: a), let digits = digits(of: b, from: first),
            let scaled = scaled(a + b, digits: digits)
        else { return a + b }
        return value(scaled, digits: digits)
    }
}
