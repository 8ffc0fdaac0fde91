internal import Glibc

/// What a place's own past lets us expect of it.
///
/// The mean of the windows before, for as many sensors as listen now; windows that were themselves outbreaks count less;
/// what the counts scatter more than by chance is kept as the dispersion.
///
/// - Source: Farrington, Andrews, Beale and Catchpole, J. R. Stat. Soc. A 159 (1996), with the changes of Noufaily et al.,
///   Stat. Med. 32 (2013): reweighting beyond 2.58, and a negative binomial for the new count.
package struct HotspotBaseline: Equatable {
    /// Requests in a window in which as many sensors listen as do now.
    package var mean: Double
    /// Variance of a window's count over its mean; 1 for pure chance.
    package var dispersion: Double
    /// Windows behind it, weighted.
    var weight: Double

    /// - Parameters:
    ///   - counts: of the windows before.
    ///   - exposures: how much listened in each, 1 for as much as now; those of 0 are left out.
    package init?(counts: [Int], exposures: [Double], fewest: Int = 4) {
        let windows = zip(counts, exposures).filter { $0.1 > 0 }.map { (count: Double($0.0), exposure: $0.1) }
        guard windows.count >= fewest else { return nil }
        var weights = [Double](repeating: 1, count: windows.count)
        (mean, dispersion, weight) = Self.fit(windows, weights)
        // The dispersion of most windows: one outbreak among them would hide itself in its own.
        let usual = Self.medianDispersion(windows, mean: mean)
        for (index, window) in windows.enumerated() {
            let residual = Self.anscombe(window.count, mean: mean * window.exposure, dispersion: usual)
            if residual > 2.58 { weights[index] = (2.58 / residual) * (2.58 / residual) }
        }
        (mean, dispersion, weight) = Self.fit(windows, weights)
    }

    /// Half a request more than were counted: Jeffreys' prior, so that a place without any yet is not thought to stay so.
    private static func fit(
        _ windows: [(count: Double, exposure: Double)], _ weights: [Double]
    ) -> (mean: Double, dispersion: Double, weight: Double) {
        var (counted, exposed) = (0.5, 0.0)
        for (window, weight) in zip(windows, weights) {
            counted += weight * window.count
            exposed += weight * window.exposure
        }
        let mean = counted / exposed
        var squares = 0.0
        for (window, weight) in zip(windows, weights) {
            let expected = mean * window.exposure
            squares += weight * (window.count - expected) * (window.count - expected) / expected
        }
        let freedom = max(1, weights.reduce(0, +) - 1)
        return (mean, max(1, squares / freedom), exposed)
    }

    /// As the median of the squares has it, which of one normal variable is 0.455.
    private static func medianDispersion(_ windows: [(count: Double, exposure: Double)], mean: Double) -> Double {
        let squares = windows.map { window in
            let expected = mean * window.exposure
            return (window.count - expected) * (window.count - expected) / expected
        }
        return max(1, squares.sorted()[squares.count / 2] / 0.455)
    }

    /// How far a count is above its mean, in standard deviations, on a scale on which Poisson counts are nearly normal.
    private static func anscombe(_ count: Double, mean: Double, dispersion: Double) -> Double {
        1.5 / dispersion.squareRoot() * (cbrt(count * count) - cbrt(mean * mean)) / pow(mean, 1.0 / 6)
    }

    /// What a new window's count is drawn from: scattered by chance, by the dispersion, and by how well the mean is known.
    ///
    /// - Parameter factor: of the season, and of how much of the window has passed.
    package func prediction(factor: Double) -> NegativeBinomial {
        let expected = mean * factor
        return NegativeBinomial(
            mean: expected, variance: dispersion * expected + expected * expected * dispersion / (mean * weight))
    }
}
