internal import Glibc

/// What an alarm at each row of one series would be worth.
///
/// Inside a window an alarm is worth the more the earlier it comes, from 1 at its left end to nearly 0 at its right end.
/// Behind a window it costs the more the later it comes, and everything elsewhere costs its full price. The first 15 %
/// of rows, at most 750, are the detector's to learn from: alarms and windows there don't count.
///
/// - Source: Lavin & Ahmad (2015), §III; the positions are those of numenta/NAB's `nab/sweeper.py`.
struct NABWeights {
    /// By row.
    private(set) var weights: [Double]
    /// By row: the window that it lies in, or -1.
    private(set) var windows: [Int]
    /// Rows before this one don't count.
    let firstRow: Int

    /// - Parameters:
    ///   - timesMs: of the rows, ascending.
    ///   - windowsMs: ascending, apart from each other; both ends are rows' times.
    init(timesMs: [Int64], windowsMs: [ClosedRange<Int64>], profile: NABProfile) {
        let count = timesMs.count
        weights = Array(repeating: -profile.falsePositive, count: count)
        windows = Array(repeating: -1, count: count)
        // Rows below 15 % of the first 5000.
        firstRow = Swift.min(Int(0.15 * Double(count)), 750)
        let firstOfMoment = Dictionary(timesMs.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let best = Self.sigmoid(-1)
        var next = 0
        var inside: (number: Int, right: Int, width: Double)?
        var behind: (right: Int, width: Double)?
        for row in 0..<count {
            if next < windowsMs.count, timesMs[row] == windowsMs[next].lowerBound,
                let left = firstOfMoment[timesMs[row]], let right = firstOfMoment[windowsMs[next].upperBound]
            {
                inside = (next, right, Double(right - left + 1))
                next += 1
            }
            if let window = inside {
                let position = -Double(window.right - row + 1) / window.width
                weights[row] = Self.sigmoid(position) * profile.truePositive / best
                windows[row] = window.number
                if timesMs[row] == windowsMs[window.number].upperBound {
                    (behind, inside) = ((row, window.width), nil)
                }
            } else if let window = behind {
                let position = Double(row - window.right) / (window.width - 1)
                weights[row] = (position > 3 ? -1 : Self.sigmoid(position)) * profile.falsePositive
            }
        }
    }

    /// From 1 far left of the origin to −1 far right of it.
    static func sigmoid(_ position: Double) -> Double { 2 / (1 + exp(5 * position)) - 1 }
}
