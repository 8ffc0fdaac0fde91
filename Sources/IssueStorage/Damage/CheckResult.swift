/// What `PRAGMA quick_check` says, read closely: it tells a page that can't be read as it tells a damaged one, in words.
package enum CheckResult: Equatable {
    case sound
    case damaged(String)
    /// A read failed: nothing is known of the bytes.
    case unreadable(String)

    /// SQLITE_CORRUPT and SQLITE_NOTADB; what a page is refused for, other than these, is not its content.
    private static let codesOfDamage = [11, 26]

    /// - Parameter rows: of the pragma's answer.
    /// - Source: <https://www.sqlite.org/src/file/src/btree.c>, `checkTreePage` and `checkList`.
    package init(_ rows: [String]) {
        let lines = rows.flatMap { $0.split(separator: "\n") }
        if let line = lines.first(where: Self.isReadError) {
            self = .unreadable(String(line))
        } else if rows == ["ok"] {
            self = .sound
        } else {
            self = .damaged(lines.first(where: { !$0.hasPrefix("***") }).map(String.init) ?? "quick_check says nothing")
        }
    }

    private static func isReadError(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        // Numbers beyond the file's end have words of their own.
        if zip(words, words.dropFirst()).contains(where: { $0 == "failed" && $1 == "to" }), words.contains("page") {
            return true
        }
        guard let code = words.last?.split(separator: "="), code.count == 2, code[0] == "code" else { return false }
        return Int(code[1]).map { !codesOfDamage.contains($0 & 0xFF) } ?? false
    }
}
