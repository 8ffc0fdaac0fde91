/// A table for people: columns as wide as their widest cell, the first to the left, the others to the right.
struct TextTable {
    private var rows: [[String]]
    /// Columns that stand to the left.
    private let leftColumns: Set<Int>

    init(_ header: [String], leftColumns: Set<Int> = [0]) {
        rows = [header]
        self.leftColumns = leftColumns
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (leftColumns.contains(column) ? cell + gap : gap + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// With so many digits behind the point; `–` for what is not a number.
func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "–" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let tail = String(part)
    return "\(sign)\(whole).\(String(repeating: "0", count: digits - tail.count))\(tail)"
}

/// A delay as people say it: minutes below two hours, hours below two days, then days.
func span(hours: Double) -> String {
    guard hours.isFinite else { return "–" }
    if hours < 2 { return "\(fixed(hours * 60, 0)) min" }
    return hours < 48 ? "\(fixed(hours, 1)) h" : "\(fixed(hours / 24, 1)) d"
}
