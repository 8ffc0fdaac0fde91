/// A series as a small picture in text: a line of Braille dots (two by four in a character) over the shade of what is
/// usual.
///
/// ```
///   58.1 ┤                    ⡠⠒⠉
///        ┤░░░⣀⠤⠒░░░░⣀⠤⠒░░░░⣀⠜░░░
///   40.2 ┤⠒⠉░░░░⠉⠒⠒░░░⠉⠒⠊░░░░░░░
///         ───────────────────▲────
/// ```
struct DotChart {
    static let columns = 84
    static let rows = 9

    private let fromMs: Int64
    private let toMs: Int64
    private let readings: [(atMs: Int64, value: Double)]
    private let usual: [(atMs: Int64, low: Double, high: Double)]
    private let low, high: Double

    /// - Parameters:
    ///   - readings: by time.
    ///   - usual: the band, by time.
    init(
        readings: [(atMs: Int64, value: Double)], usual: [(atMs: Int64, low: Double, high: Double)], fromMs: Int64,
        toMs: Int64
    ) {
        (self.fromMs, self.toMs) = (fromMs, max(toMs, fromMs + 1))
        self.readings = readings.filter { (fromMs...max(toMs, fromMs + 1)).contains($0.atMs) && $0.value.isFinite }
        self.usual = usual.filter { (fromMs...max(toMs, fromMs + 1)).contains($0.atMs) }
        var (least, greatest) = (Double.infinity, -Double.infinity)
        for value in self.readings.map(\.value) + self.usual.flatMap({ [$0.low, $0.high] }) {
            (least, greatest) = (min(least, value), max(greatest, value))
        }
        if least > greatest { (least, greatest) = (0, 1) }
        (low, high) = greatest > least ? (least, greatest) : (least - 0.5, greatest + 0.5)
    }

    func lines(marks: [(atMs: Int64, symbol: Character)], label: (Double) -> String) -> [String] {
        let dots = self.dots
        let shade = self.shade
        var lines: [String] = []
        for row in 0..<Self.rows {
            let caption = row == 0 ? label(high) : row == Self.rows - 1 ? label(low) : ""
            var text = String(repeating: " ", count: max(0, 8 - caption.count)) + caption + " ┤"
            for column in 0..<Self.columns {
                let bits = dots[row * Self.columns + column]
                if bits > 0, let scalar = Unicode.Scalar(0x2800 + UInt32(bits)) {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += shade[row * Self.columns + column] ? "░" : " "
                }
            }
            lines.append(text.trimmedAtEnd)
        }
        var axis = [Character](repeating: "─", count: Self.columns)
        for mark in marks where (fromMs...toMs).contains(mark.atMs) { axis[x(mark.atMs) / 2] = mark.symbol }
        return lines + [String(repeating: " ", count: 10) + String(axis)]
    }

    /// The place of an instant, in half columns.
    private func x(_ atMs: Int64) -> Int {
        min(Int(Double(atMs - fromMs) / Double(toMs - fromMs) * Double(2 * Self.columns)), 2 * Self.columns - 1)
    }

    /// The place of a value, in quarters of a row from the top.
    private func y(_ value: Double) -> Int {
        let share = (high - value) / (high - low)
        return min(max(Int((share * Double(4 * Self.rows - 1)).rounded()), 0), 4 * Self.rows - 1)
    }

    /// The bits of each character's dots.
    private var dots: [UInt8] {
        // Braille patterns number their dots down the left column, then down the right one, and the lowest two last.
        let bit: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        var dots = [UInt8](repeating: 0, count: Self.rows * Self.columns)
        var before: (x: Int, y: Int)?
        for reading in readings {
            let place = (x: x(reading.atMs), y: y(reading.value))
            // Up and down within a column, as far as the values went.
            let from = before.map { $0.x >= place.x - 1 ? $0.y : place.y } ?? place.y
            for height in min(from, place.y)...max(from, place.y) {
                dots[height / 4 * Self.columns + place.x / 2] |= bit[place.x % 2][height % 4]
            }
            before = place
        }
        return dots
    }

    private var shade: [Bool] {
        var shade = [Bool](repeating: false, count: Self.rows * Self.columns)
        guard usual.count > 1 else { return shade }
        for column in 0..<Self.columns {
            let atMs = fromMs + (toMs - fromMs) * Int64(2 * column + 1) / Int64(2 * Self.columns)
            guard let point = usual.min(by: { abs($0.atMs - atMs) < abs($1.atMs - atMs) }) else { continue }
            guard (usual[0].atMs...usual[usual.count - 1].atMs).contains(atMs) else { continue }
            for row in (y(point.high) / 4)...(y(point.low) / 4) { shade[row * Self.columns + column] = true }
        }
        return shade
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
