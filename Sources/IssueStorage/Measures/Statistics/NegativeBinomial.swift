internal import Glibc

/// Counts that scatter more than by chance alone: Poisson counts whose rate is itself not known exactly.
package struct NegativeBinomial {
    /// Positive.
    package let mean: Double
    /// More than the mean.
    package let variance: Double

    package init(mean: Double, variance: Double) {
        precondition(mean > 0 && variance > mean, "must be 0 < mean < variance, was \(mean), \(variance)")
        (self.mean, self.variance) = (mean, variance)
    }

    /// The parameter often called r or size.
    private var size: Double { mean * mean / (variance - mean) }
    /// Of the next one more: μ/(μ + r).
    private var ratio: Double { (variance - mean) / variance }

    /// P(X ≥ count). Exact also where it is tiny.
    package func upperTail(_ count: Int) -> Double {
        guard count > 0 else { return 1 }
        // From the side on which there is less, so that no digits are lost.
        return Double(count) > mean ? sumUp(from: count) : max(0, 1 - sumDown(from: count - 1))
    }

    /// The least count that is exceeded with at most `probability`.
    package func quantile(upper probability: Double) -> Int {
        var (low, high) = (-1, max(1, Int(mean)))
        while upperTail(high + 1) > probability { (low, high) = (high, high * 2) }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if upperTail(middle + 1) > probability { low = middle } else { high = middle }
        }
        return high
    }

    private func sumUp(from count: Int) -> Double {
        var (term, k) = (density(count), Double(count))
        var sum = 0.0
        while term > sum * 1e-16, term > 0 {
            sum += term
            term *= (k + size) / (k + 1) * ratio
            k += 1
        }
        return min(1, sum)
    }

    private func sumDown(from count: Int) -> Double {
        var (term, k) = (density(count), Double(count))
        var sum = 0.0
        while k >= 0, term > sum * 1e-16 {
            sum += term
            term *= k / ((k - 1 + size) * ratio)
            k -= 1
        }
        return min(1, sum)
    }

    /// P(X = count).
    private func density(_ count: Int) -> Double {
        let k = Double(count)
        let chosen = logGamma(k + size) - logGamma(size) - logGamma(k + 1)
        return exp(chosen + size * log1p(-ratio) + k * log(ratio))
    }
}

/// ln Γ(x) for positive x, to 13 digits: Stirling's series from 15 on, reached by the recurrence. (The C library's
/// keeps the sign in a global variable.)
package func logGamma(_ x: Double) -> Double {
    var (shifted, product) = (x, 1.0)
    while shifted < 15 {
        product *= shifted
        shifted += 1
    }
    let square = 1 / (shifted * shifted)
    let series = (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680)))) / shifted
    return (shifted - 0.5) * log(shifted) - shifted + 0.5 * log(2 * Double.pi) + series - log(product)
}
