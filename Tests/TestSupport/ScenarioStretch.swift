/// A word of a scenario's values: the same thing, some number of times.
///
/// `40` · `40x16` · `40+2x10` · `~x4` · `~*1.45x24` · `~+10x4` · `~+0+0.5x20` · `_x8`
struct ScenarioStretch: Sendable, Equatable {
    private enum Base: Sendable, Equatable { case missing, value, usualPlus, usualTimes }

    private let base: Base
    /// The value, or what is added to or multiplied with the usual one.
    private let first: Double
    /// By how much ``first`` changes from one reading to the next.
    private let step: Double
    let count: Int

    var needsUsual: Bool { base == .usualPlus || base == .usualTimes }

    /// Nil if the word can't be read.
    init?(_ word: String) {
        var rest = word[...]
        if let mark = rest.lastIndex(of: "x") {
            guard let count = Int(rest[rest.index(after: mark)...]), (1...100_000).contains(count) else { return nil }
            self.count = count
            rest = rest[..<mark]
        } else {
            count = 1
        }
        var numbers = (first: 0.0, step: 0.0)
        switch rest.first {
        case "_":
            guard rest == "_" else { return nil }
            base = .missing
        case "~":
            rest.removeFirst()
            base = rest.first == "*" ? .usualTimes : .usualPlus
            if rest.first == "*" { rest.removeFirst() }
            if !rest.isEmpty || base == .usualTimes {
                guard let read = Self.numbers(rest) else { return nil }
                numbers = read
            }
        default:
            base = .value
            guard let read = Self.numbers(rest) else { return nil }
            numbers = read
        }
        (first, step) = numbers
    }

    /// The value of reading `index` of the stretch, or nil where it is missing.
    func value(_ index: Int, usual: Double) -> Double? {
        let number = first + step * Double(index)
        let value: Double
        switch base {
        case .missing: return nil
        case .value: value = number
        case .usualPlus: value = usual + number
        case .usualTimes: value = usual * number
        }
        return (value * 100).rounded() / 100
    }

    /// `40`, `-3.5`, `40+2`, `40-0.5`: a number and perhaps a signed step.
    private static func numbers(_ text: Substring) -> (first: Double, step: Double)? {
        let sign = text.dropFirst().firstIndex { $0 == "+" || $0 == "-" }
        guard let first = Double(text[..<(sign ?? text.endIndex)]), first.isFinite else { return nil }
        guard let sign else { return (first, 0) }
        guard let step = Double(text[sign...]), step.isFinite else { return nil }
        return (first, step)
    }
}
