import Logging
import Telemetry
import Testing

@Suite struct LogFilterTests {
    private static let line =
        #"{"seq":7,"time":"2026-05-01T02:10:00.123Z","level":"warning","event":"request.opened","logger":"sluice","#
        + #""request":12,"score":4.5,"sensor":"wl-0042","service":"water-leak","urgent":true,"ward":"Sutton Vesey"}"#

    // MARK: Expressions

    @Test(arguments: [
        ("event = request.opened", true), ("event = request.closed", false), ("event = request.*", true),
        ("event = sensor.*", false), ("event != sensor.*", true), ("event != request.opened", false),
        ("request = 12", true), ("request=12", true), ("request = 12.0", true), ("request = 013", false),
        ("request > 9", true), ("request >= 12", true), ("request < 12", false), ("request <= 11", false),
        ("score > 4.4", true), ("sensor = wl-0042", true), ("sensor > wl-0041", true), ("urgent = true", true),
        ("ward = \"Sutton Vesey\"", true), ("ward = 'Sutton Vesey'", true), ("ward ~ vesey", true),
        ("ward ~ aston", false), ("level = warning", true), ("level >= warning", true), ("level > warning", false),
        ("level < error", true), ("level >= warn", true), ("level = WARNING", true), ("level ~ arn", true),
        ("level = warn*", true), ("level >= critical", false), ("seq = 7", true),
        ("time > 2026-05-01T02", true), ("sensor", true), ("broker", false), ("not broker", true),
        ("broker = a", false), ("broker != a", false), ("not broker = a", true), ("not not sensor", true),
        ("request = 1 or sensor = wl-0042", true), ("request = 1 and sensor = wl-0042", false),
        ("request = 1 and broker or sensor", true), ("request = 1 and (broker or sensor)", false),
        ("not (request = 1 or broker)", true), ("event = \"request.opened\" and not request = 1", true),
    ]) func holdsOrNot(text: String, holds: Bool) throws {
        var filter = LogFilter()
        filter.expression = text
        #expect(try filter.matcher().matches(json: Self.line) == holds)
    }

    @Test(arguments: [
        ("", "a field is missing at the end"), ("a =", "a value must stand behind “a =”, found nothing"),
        ("a = (", "a value must stand behind “a =”, found “(”"), ("(a", "a parenthesis is not closed"),
        ("a b", "“and” or “or” must stand before “b”"), ("a and", "a field is missing at the end"),
        ("= 3", "a field must stand where “=” does"), ("and", "a field must stand where “and” does"),
        ("a = \"b", "a quotation mark is not closed"), ("\"a\" = b", "a field must stand where “a” does"),
        (
            "level >= wat",
            "a level must be trace, debug, info, notice, warning, error or critical, found “wat”"
        ),
        ("a !b", "“!” means nothing here"), ("a)", "“and” or “or” must stand before “)”"),
    ]) func saysWhatIsWrong(text: String, sentence: String) {
        let error = #expect(throws: LogExpressionError.self) { try LogExpression(text) }
        #expect(error?.description == sentence)
    }

    @Test func deepNestingIsRefusedAndNotFollowed() {
        let text = String(repeating: "(", count: 100_000)
        #expect(throws: LogExpressionError.self) { try LogExpression(text) }
    }

    // MARK: Filters

    @Test(arguments: [
        ("service", ["water-leak"], true), ("service", ["bin-overflow", "water-leak"], true),
        ("service", ["bin-overflow"], false), ("ward", ["Sutton Vesey"], true), ("ward", ["Aston"], false),
        ("sensor", ["wl-0042"], true), ("sensor", ["wl-0043"], false), ("sensor", [], true),
    ]) func wantsOneOfThese(name: String, values: [String], isWanted: Bool) throws {
        var filter = LogFilter()
        switch name {
        case "service": filter.services = values
        case "ward": filter.wards = values
        default: filter.sensors = values
        }
        #expect(try filter.matcher().matches(json: Self.line) == isWanted)
    }

    @Test(arguments: [(Logger.Level.info, true), (.warning, true), (.error, false)])
    func wantsALevelAndAbove(level: Logger.Level, isWanted: Bool) throws {
        var filter = LogFilter()
        filter.level = level
        #expect(try filter.matcher().matches(json: Self.line) == isWanted)
    }

    @Test func whatIsNoEventMatchesNoFilter() throws {
        var filter = LogFilter()
        filter.level = .trace
        #expect(try !filter.matcher().matches(json: "{}"))
        #expect(try !filter.matcher().matches(json: "not JSON"))
    }
}
