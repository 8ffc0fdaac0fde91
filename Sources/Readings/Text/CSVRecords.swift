/// Reads CSV (RFC 4180) into records of text: quoted fields, quotes doubled within them, LF or CRLF, a leading byte
/// order mark skipped. For files of people's size; ``ReadingsCSV`` is the fast one.
package struct CSVRecords {
    package struct Record: Equatable {
        /// Where it begins, from 1. A quoted field may span lines.
        package var line: Int
        package var fields: [String]
    }

    package private(set) var records: [Record] = []
    /// What is not CSV.
    package private(set) var problems: [SensorTable.Problem] = []

    private var fields: [String] = []
    private var field: [UInt8] = []
    private var line = 1
    private var recordLine = 1
    private var state = State.fieldStart

    private enum State { case fieldStart, plain, quoted, quoteInQuoted }

    package init(_ text: borrowing Span<UInt8>) {
        let hasMark = text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        for index in (hasMark ? 3 : 0)..<text.count { take(text[index]) }
        if state == .quoted { problems.append(.init(line: recordLine, text: "has a quoted field that never ends")) }
        if state != .fieldStart || !fields.isEmpty { endRecord() }
    }

    private mutating func take(_ byte: UInt8) {
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoted, _):
            if byte == UInt8(ascii: "\n") { line += 1 }
            field.append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (_, UInt8(ascii: ",")): endField()
        case (_, UInt8(ascii: "\n")):
            if field.last == UInt8(ascii: "\r") && state == .plain { field.removeLast() }
            endRecord()
            line += 1
            recordLine = line
        case (.quoteInQuoted, UInt8(ascii: "\r")): break
        case (.quoteInQuoted, _):
            problems.append(.init(line: line, text: "has text after a closing quote"))
            field.append(byte)
            state = .plain
        default:
            field.append(byte)
            state = .plain
        }
    }

    private mutating func endField() {
        if let text = String(validating: field, as: UTF8.self) {
            fields.append(text)
        } else {
            problems.append(.init(line: recordLine, text: "isn't valid UTF-8 in column \(fields.count + 1)"))
            fields.append("")
        }
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    /// An empty line is no record.
    private mutating func endRecord() {
        endField()
        if fields != [""] { records.append(Record(line: recordLine, fields: fields)) }
        fields = []
    }

    /// The fields as one line of CSV, quoted where they must be, without the line's end.
    static func line(_ fields: [String]) -> String {
        fields.map { field in
            let mustQuote = field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
            guard mustQuote else { return field }
            var quoted = "\""
            for scalar in field.unicodeScalars {
                if scalar == "\"" { quoted += "\"" }
                quoted.unicodeScalars.append(scalar)
            }
            return quoted + "\""
        }.joined(separator: ",")
    }
}
