import Telemetry

private let sample = LogRecord(
    json: #"{"seq":7,"time":"2026-05-01T02:10:00.123Z","level":"warning","event":"request.opened","logger":"sluice","#
        + #""request":12,"score":4.5,"sensor":"wl-0042","service":"water-leak","urgent":true,"a":"","b":"nan","c":[1]}"#
)

/// An expression, as `sluice tail --where` takes it, and behind its first line end a line of a log: put together with other
/// expressions it means what logic says, whatever it says of the line.
func fuzzEvents(_ input: borrowing Span<UInt8>) {
    let end = input.indices.first { input[$0] == 0x0A } ?? input.count
    let text = String(decoding: (0..<end).map { input[$0] }, as: UTF8.self)
    let line = String(decoding: (min(end + 1, input.count)..<input.count).map { input[$0] }, as: UTF8.self)
    guard let sample else { preconditionFailure("a log line") }
    let records = [sample] + (LogRecord(json: line).map { [$0] } ?? [])
    for record in records { checkIsOneLine(record.text(isColoured: false).dropLast()) }
    if let position = EventTapeReader.Position(text) {
        precondition(EventTapeReader.Position(position.description) == position, "\(position) is read as another")
    }
    guard let expression = expression(text), let inParentheses = combined("", text, "") else { return }
    for record in records {
        let holds = expression.holds(for: record)
        precondition(inParentheses.holds(for: record) == holds, "parentheses change it")
        precondition(combined("not ", text, "")?.holds(for: record) == !holds, "“not” does not turn it round")
        precondition(combined("level or ", text, "")?.holds(for: record) == true, "“or” wants both")
        precondition(combined("nothing and ", text, "")?.holds(for: record) == false, "“and” wants one")
        precondition(combined("", text, " and level")?.holds(for: record) == holds, "“and” changes it")
        precondition(combined("", text, " or nothing")?.holds(for: record) == holds, "“or” changes it")
    }
}

/// On lines of their own: no character of the text becomes one with what stands around it.
private func combined(_ before: String, _ text: String, _ behind: String) -> LogExpression? {
    expression("\(before)(\n\(text)\n)\(behind)")
}

private func expression(_ text: String) -> LogExpression? {
    do throws(LogExpressionError) {
        return try LogExpression(text)
    } catch {
        precondition(!error.description.isEmpty && error.description.count < 200, "an answer grows with the question")
        return nil
    }
}

/// What a terminal is shown is one line, whatever stands in it.
private func checkIsOneLine(_ text: Substring) {
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: false
        default: true
        }
    }
    precondition(isPlain, "a control character in a log")
}
