/// Durations as people write them: `90s`, `15m`, `6h`, `10d`, `1h30m`.
package enum DurationText {
    private static let units: [(symbol: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// The duration, or nil when the text is not one. Larger units come first and each unit at most once.
    package static func parse(_ text: String) -> Duration? {
        var total: Int64 = 0
        var digits = ""
        var nextUnit = 0
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units[nextUnit...].firstIndex(where: { $0.symbol == character }),
                let count = Int64(digits), count <= 1_000_000_000
            else { return nil }
            total += count * units[unit].seconds
            digits = ""
            nextUnit = unit + 1
        }
        return digits.isEmpty && nextUnit > 0 ? .seconds(total) : nil
    }

    /// The shortest text that ``parse(_:)`` reads back. Parts of a second are left out.
    package static func string(_ duration: Duration) -> String {
        var rest = duration.components.seconds
        var text = ""
        for unit in units where rest >= unit.seconds {
            text += "\(rest / unit.seconds)\(unit.symbol)"
            rest %= unit.seconds
        }
        return text.isEmpty ? "0s" : text
    }
}
