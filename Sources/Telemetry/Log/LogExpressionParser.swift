internal import Logging

/// Reads a ``LogExpression``: descent by its grammar, at most so deep.
struct LogExpressionParser {
    enum Word: Equatable {
        /// A field, a value, or `and`, `or`, `not`.
        case word(String)
        /// A value in quotation marks: never a keyword.
        case quoted(String)
        case comparison(LogExpression.Comparison)
        case open, close

        var shown: String {
            switch self {
            // As much as a sentence needs: an answer does not grow with the question.
            case .word(let text), .quoted(let text): text.count > 40 ? "“\(text.prefix(40))…”" : "“\(text)”"
            case .comparison(let comparison): "“\(comparison.rawValue)”"
            case .open: "“(”"
            case .close: "“)”"
            }
        }
    }

    private static let deepest = 50

    private var words: ArraySlice<Word>
    private var depth = 0

    init(_ words: [Word]) { self.words = words[...] }

    mutating func whole() throws(LogExpressionError) -> LogExpression.Node {
        let node = try expression()
        if let rest = words.first { throw Self.error("“and” or “or” must stand before \(rest.shown)") }
        return node
    }

    private mutating func expression() throws(LogExpressionError) -> LogExpression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw Self.error("more than \(Self.deepest) parentheses in each other") }
        var terms = [try term()]
        while take(keyword: "or") { terms.append(try term()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func term() throws(LogExpressionError) -> LogExpression.Node {
        var factors = [try factor()]
        while take(keyword: "and") { factors.append(try factor()) }
        return factors.count == 1 ? factors[0] : .all(factors)
    }

    private mutating func factor() throws(LogExpressionError) -> LogExpression.Node {
        var negations = 0
        while take(keyword: "not") { negations += 1 }
        let node = try plainFactor()
        return negations % 2 == 0 ? node : .not(node)
    }

    private mutating func plainFactor() throws(LogExpressionError) -> LogExpression.Node {
        guard let first = words.popFirst() else { throw Self.error("a field is missing at the end") }
        if first == .open {
            let inner = try expression()
            guard words.popFirst() == .close else { throw Self.error("a parenthesis is not closed") }
            return inner
        }
        guard case .word(let field) = first, !Self.keywords.contains(field) else {
            throw Self.error("a field must stand where \(first.shown) does")
        }
        guard case .comparison(let comparison)? = words.first else { return .has(field) }
        words.removeFirst()
        switch words.popFirst() {
        case .word(let value), .quoted(let value):
            return .compare(field: field, comparison, value: try Self.value(value, of: field, comparison))
        case let other:
            throw Self.error(
                "a value must stand behind “\(field.prefix(40)) \(comparison.rawValue)”, found "
                    + (other?.shown ?? "nothing"))
        }
    }

    /// A level has a name that is one: compared with any other word, nothing would ever hold.
    private static func value(
        _ value: String, of field: String, _ comparison: LogExpression.Comparison
    ) throws(LogExpressionError) -> String {
        guard field == "level", comparison != .contains, !value.hasSuffix("*") else { return value }
        let word = value.lowercased() == "warn" ? "warning" : value.lowercased()
        if Logger.Level(rawValue: word) != nil { return word }
        let names = Logger.Level.allCases.map(\.rawValue)
        throw error(
            "a level must be \(names.dropLast().joined(separator: ", ")) or \(names[names.count - 1]), found "
                + Word.word(value).shown)
    }

    private static let keywords: Set = ["and", "or", "not"]

    private mutating func take(keyword: String) -> Bool {
        guard words.first == .word(keyword) else { return false }
        words.removeFirst()
        return true
    }

    // MARK: Words

    static func words(of text: String) throws(LogExpressionError) -> [Word] {
        var words: [Word] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "(" || first == ")" {
                words.append(first == "(" ? .open : .close)
                rest.removeFirst()
            } else if first == "\"" || first == "'" {
                let inside = rest.dropFirst()
                guard let end = inside.firstIndex(of: first) else { throw error("a quotation mark is not closed") }
                words.append(.quoted(String(inside[..<end])))
                rest = inside[inside.index(after: end)...]
            } else if let comparison = LogExpression.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
                words.append(.comparison(comparison))
                rest.removeFirst(comparison.rawValue.count)
            } else {
                let word = rest.prefix { !$0.isWhitespace && !"()\"'=!<>~".contains($0) }
                guard !word.isEmpty else { throw error("“\(first)” means nothing here") }
                words.append(.word(String(word)))
                rest = rest[word.endIndex...]
            }
        }
        return words
    }

    private static func error(_ sentence: String) -> LogExpressionError { LogExpressionError(description: sentence) }
}
