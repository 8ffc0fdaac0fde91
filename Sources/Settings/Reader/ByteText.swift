/// Amounts of bytes as people write them: `64MiB`.
enum ByteText {
    private static let units = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

    /// The amount, or nil when the text is none.
    static func parse(_ text: String) -> Int? {
        for (name, size) in units where text.hasSuffix(name) {
            let (product, overflow) = (Int(text.dropLast(name.count)) ?? -1).multipliedReportingOverflow(by: size)
            return overflow || product < 0 ? nil : product
        }
        return Int(text).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// In the largest unit that gives a whole number.
    static func string(_ bytes: Int) -> String {
        let unit = bytes == 0 ? nil : units.first { bytes % $0.1 == 0 }
        return unit.map { "\(bytes / $0.1)\($0.0)" } ?? "\(bytes)"
    }
}
