/// A series of readings as a small picture in text: the mean of each column's readings, as blocks of eighths.
///
/// ```
///   58.1 ┤            ▅██
///        ┤ ▂▃▁▁▂▃▁▁▂▄▆███
///   40.2 ┤███████████████
///         ──────────━━━━━    what was labelled
///                     ▲      where it was opened
/// ```
struct SeriesChart {
    static let columns = 64
    static let rows = 4
    private static let eighths = Array("▁▂▃▄▅▆▇█")

    let fromMs: Int64
    let toMs: Int64
    /// Mean of each column, nil where there was no reading.
    private let means: [Double?]

    /// - Parameter readings: time and value, in any order; those outside of the range are passed over.
    init(_ readings: [(atMs: Int64, value: Double)], fromMs: Int64, toMs: Int64) {
        precondition(fromMs < toMs, "a chart must have a length")
        (self.fromMs, self.toMs) = (fromMs, toMs)
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: Self.columns)
        for reading in readings where fromMs <= reading.atMs && reading.atMs < toMs {
            let column = Self.column(of: reading.atMs, fromMs, toMs)
            sums[column].sum += reading.value
            sums[column].count += 1
        }
        means = sums.map { $0.count > 0 ? $0.sum / Double($0.count) : nil }
    }

    /// - Parameters:
    ///   - labelledMs: what is underlined.
    ///   - markMs: what is pointed at.
    func lines(labelledMs: ClosedRange<Int64>?, markMs: Int64?) -> [String] {
        let known = means.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else { return ["        (no readings)"] }
        let height = Self.rows * Self.eighths.count
        // One eighth at least, so that the lowest reading can be told from none.
        let levels = means.map { mean in
            mean.map { high > low ? 1 + Int((($0 - low) / (high - low) * Double(height - 1)).rounded()) : 1 } ?? 0
        }
        var lines: [String] = []
        for row in (0..<Self.rows).reversed() {
            let caption = row == Self.rows - 1 ? fixed(high, 1) : row == 0 ? fixed(low, 1) : ""
            let blocks = levels.map { level -> Character in
                let eighth = min(level - row * Self.eighths.count, Self.eighths.count)
                return eighth > 0 ? Self.eighths[eighth - 1] : " "
            }
            lines.append(String(repeating: " ", count: max(0, 8 - caption.count)) + caption + " ┤" + String(blocks))
        }
        lines.append(String(repeating: " ", count: 10) + String(axis(labelledMs, markMs)))
        return lines.map(\.withoutTrailingSpaces)
    }

    private func axis(_ labelledMs: ClosedRange<Int64>?, _ markMs: Int64?) -> [Character] {
        var axis = [Character](repeating: "─", count: Self.columns)
        if let labelledMs, labelledMs.overlaps(fromMs...toMs - 1) {
            let range = labelledMs.clamped(to: fromMs...toMs - 1)
            let first = Self.column(of: range.lowerBound, fromMs, toMs)
            for column in first...Self.column(of: range.upperBound, fromMs, toMs) { axis[column] = "━" }
        }
        if let markMs, (fromMs..<toMs).contains(markMs) { axis[Self.column(of: markMs, fromMs, toMs)] = "▲" }
        return axis
    }

    private static func column(of ms: Int64, _ fromMs: Int64, _ toMs: Int64) -> Int {
        Int((ms - fromMs) * Int64(columns) / (toMs - fromMs))
    }
}

extension String {
    fileprivate var withoutTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
