internal import Logging

/// Writes metadata values.
enum LogValue {
    /// Metadata nested deeper than this is shown as text.
    private static let maxDepth = 4

    static func appendJSON(_ value: Logger.MetadataValue, key: String, to line: inout String, depth: Int = 0) {
        if isSecret(key) {
            line += LogEscape.quoted(redacted)
            return
        }
        switch value {
        case .string(let text): line += LogEscape.quoted(text)
        case .stringConvertible(let value): line += json(value)
        case .dictionary where depth >= maxDepth, .array where depth >= maxDepth: line += LogEscape.quoted("…")
        case .dictionary(let fields):
            line += "{"
            for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
                line += (index > 0 ? "," : "") + LogEscape.quoted(field.key) + ":"
                appendJSON(field.value, key: field.key, to: &line, depth: depth + 1)
            }
            line += "}"
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                appendJSON(value, key: "", to: &line, depth: depth + 1)
            }
            line += "]"
        }
    }

    /// One word, quoted where it is none.
    static func text(_ value: Logger.MetadataValue, key: String) -> String {
        if isSecret(key) { return redacted }
        switch value {
        case .string(let text): return LogEscape.word(text)
        case .stringConvertible(let value): return LogEscape.word(value.description)
        case .dictionary, .array:
            var line = ""
            appendJSON(value, key: key, to: &line)
            return line
        }
    }

    /// The value itself, escaped, in one line.
    static func plain(_ value: Logger.MetadataValue, key: String) -> String {
        if isSecret(key) { return redacted }
        switch value {
        case .string(let text): return LogEscape.visible(text)
        case .stringConvertible(let value): return LogEscape.visible(value.description)
        case .dictionary, .array: return text(value, key: key)
        }
    }

    /// Numbers and truth values as such; what JSON cannot say (NaN, infinities) and the rest as text.
    private static func json(_ value: any CustomStringConvertible & Sendable) -> String {
        switch value {
        case let value as Bool: return value ? "true" : "false"
        case let value as any FixedWidthInteger: return value.description
        case let value as Double where value.isFinite: return value.description
        case let value as Float where value.isFinite: return value.description
        default: return LogEscape.quoted(value.description)
        }
    }

    // MARK: Secrets

    private static let redacted = "[redacted]"
    private static let secretWords: Set = [
        "password", "passwd", "passphrase", "token", "key", "secret", "authorization", "credential", "credentials",
    ]

    /// Whether a word of the key (`api_key`, `apiKey`, `http.token`) names a secret.
    private static func isSecret(_ key: String) -> Bool {
        var word = ""
        for character in key + "." {
            let startsWord = character.isUppercase && word.last?.isLowercase == true
            if startsWord || !character.isLetter {
                if secretWords.contains(word.lowercased()) { return true }
                word = ""
            }
            if character.isLetter { word.append(character) }
        }
        return false
    }
}
