internal import Glibc

/// So many successes of so many trials.
package struct Binomial {
    let trials: Int
    /// Between 0 and 1, neither.
    let probability: Double

    package init(trials: Int, probability: Double) {
        precondition(probability > 0 && probability < 1, "must be between 0 and 1, was \(probability)")
        (self.trials, self.probability) = (trials, probability)
    }

    /// P(X ≥ count).
    package func upperTail(_ count: Int) -> Double {
        if count <= 0 { return 1 }
        if count > trials { return 0 }
        // From the side on which there is less, so that no digits are lost.
        if Double(count) <= Double(trials) * probability {
            return max(0, 1 - Binomial(trials: trials, probability: 1 - probability).upperTail(trials - count + 1))
        }
        let n = Double(trials)
        var (k, sum) = (Double(count), 0.0)
        var term = exp(
            logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * log(probability)
                + (n - k) * log1p(-probability))
        while k <= n, term > sum * 1e-16 {
            sum += term
            term *= (n - k) / (k + 1) * probability / (1 - probability)
            k += 1
        }
        return min(1, sum)
    }
}
