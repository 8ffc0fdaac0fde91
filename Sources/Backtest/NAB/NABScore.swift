/// One or several series' score in the Numenta Anomaly Benchmark: 0 for a detector that says nothing, 100 for one that
/// alarms once at the very beginning of each window and never else.
public struct NABScore: Sendable, Equatable {
    public var windows = 0
    /// Windows with at least one alarm.
    public var hits = 0
    /// Alarms outside windows.
    public var falseAlarms = 0
    public var raw = 0.0
    public var profile: NABProfile

    public init(profile: NABProfile = .standard) { self.profile = profile }

    /// One series.
    ///
    /// - Parameters:
    ///   - alarmsMs: when alarms were raised; each counts at the first row that is not before it.
    ///   - timesMs: of the rows, ascending.
    ///   - windowsMs: ascending; both ends are rows' times.
    public init(
        alarmsMs: [Int64], timesMs: [Int64], windowsMs: [ClosedRange<Int64>], profile: NABProfile = .standard
    ) {
        self.init(profile: profile)
        windows = windowsMs.count
        let worth = NABWeights(timesMs: timesMs, windowsMs: windowsMs, profile: profile)
        var bestOfWindow = [Double?](repeating: nil, count: windowsMs.count)
        for row in Set(alarmsMs.map { Self.row(at: $0, in: timesMs) }).sorted()
        where row >= worth.firstRow && row < timesMs.count {
            let window = worth.windows[row]
            if window < 0 {
                falseAlarms += 1
                raw += worth.weights[row]
            } else {
                bestOfWindow[window] = max(bestOfWindow[window] ?? -profile.falseNegative, worth.weights[row])
            }
        }
        // Windows inside the learning rows can be neither hit nor missed.
        let counted = Set(worth.windows[min(worth.firstRow, timesMs.count)...].filter { $0 >= 0 })
        for window in counted.sorted() {
            if bestOfWindow[window] != nil { hits += 1 }
            raw += bestOfWindow[window] ?? -profile.falseNegative
        }
    }

    /// The first row at or after a moment.
    private static func row(at ms: Int64, in timesMs: [Int64]) -> Int {
        var (low, high) = (0, timesMs.count)
        while low < high {
            let middle = (low + high) / 2
            if timesMs[middle] < ms { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// 0–100, and below for worse than silence. All labelled windows count.
    public var normalised: Double {
        let (null, perfect) = (-profile.falseNegative * Double(windows), profile.truePositive * Double(windows))
        return 100 * (raw - null) / (perfect - null)
    }

    public static func + (a: NABScore, b: NABScore) -> NABScore {
        var sum = a
        sum.windows += b.windows
        sum.hits += b.hits
        sum.falseAlarms += b.falseAlarms
        sum.raw += b.raw
        return sum
    }
}
