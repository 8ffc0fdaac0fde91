/// How much the figures depend on which events there happened to be: F1s of each part of the set.
public enum FoldTable {
    /// - Parameter count: parts, 2 or more.
    public static func lines(_ matching: Matching, count: Int) -> [String] {
        precondition(count >= 2, "a spread needs two parts, there were \(count)")
        let folds = (0..<count).map { Fold($0, of: count, set: matching.set) }
        let title = matching.class == .event ? "F1s by part of the set" : "F1s of faults by part"
        var table = TextTable([title] + (1...count).map { "\($0)" } + ["mean", "sd", "lowest"])
        for grouping in Grouping.allCases {
            let parts = folds.map { matching.tallies(by: grouping, fold: $0) }
            for (row, entry) in parts[0].enumerated() {
                let scores = parts.map { $0[row].tally.strictF1 }
                let known = scores.filter(\.isFinite)
                guard known.count > 1 else { continue }
                let mean = known.reduce(0, +) / Double(known.count)
                let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let deviation = (squares / Double(known.count - 1)).squareRoot()
                table.add(
                    [entry.name] + scores.map { fixed($0, 3) }
                        + [fixed(mean, 3), fixed(deviation, 3), fixed(known.min() ?? .nan, 3)])
            }
        }
        return table.lines
    }
}
