import Foundation
import Glibc
import Logging
import Telemetry
import Testing

@Suite struct SluiceLogHandlerTests {
    private let capture = LogCapture()

    // MARK: JSON

    @Test func writesOneJSONObjectALineWithKeysInOrder() {
        capture.logger().info(
            "request.opened",
            metadata: [
                "sensor": "wl-0042", "score": .stringConvertible(4.5), "request": .stringConvertible(12),
                "urgent": .stringConvertible(true), "wards": ["north", "south"], "at": ["lon": "6.9", "lat": "50.9"],
            ])
        #expect(
            capture.text() == #"{"time":"2026-05-01T02:10:00.123Z","level":"info","event":"request.opened","#
                + #""logger":"sluice","at":{"lat":"50.9","lon":"6.9"},"request":12,"score":4.5,"sensor":"wl-0042","#
                + #""urgent":true,"wards":["north","south"]}"# + "\n")
    }

    /// Text that tries to break out of its line.
    struct Hostile: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
    }

    static let hostile = [
        Hostile(testDescription: "a forged line", text: "x\"}\n{\"level\":\"critical\",\"event\":\"forged\"}"),
        Hostile(testDescription: "carriage return", text: "visible\rhidden"),
        Hostile(testDescription: "escape sequence", text: "\u{1B}[2J\u{1B}]0;title\u{7}"),
        Hostile(testDescription: "C1 control", text: "a\u{9B}31mb\u{85}c"),
        Hostile(testDescription: "NUL and DEL", text: "a\0b\u{7F}c"),
        Hostile(testDescription: "line and paragraph separators", text: "a\u{2028}b\u{2029}c"),
        Hostile(testDescription: "bidirectional override", text: "abc\u{202E}txt.exe\u{2066}"),
        Hostile(testDescription: "invisible tags beyond the basic plane", text: "a\u{E0041}\u{E007F}b"),
        Hostile(testDescription: "backslashes and quotes", text: #"\" \\n "" \u0000"#),
        Hostile(testDescription: "umlauts and emoji pass", text: "Köln 💧 日本"),
        Hostile(testDescription: "nothing", text: ""),
    ]

    @Test(arguments: hostile) func jsonGivesHostileTextBackUnchanged(_ hostile: Hostile) throws {
        let text = hostile.text
        capture.logger(label: text).info(
            "\(text)", metadata: ["value": "\(text)", "k\(text)": .array([.string(text)])])
        let line = capture.text()
        #expect(line.hasSuffix("}\n"))
        #expect(harmful(in: line.dropLast()).isEmpty)
        let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let object = try #require(parsed as? [String: any Sendable])
        #expect(object["event"] as? String == text)
        #expect(object["logger"] as? String == text)
        #expect(object["value"] as? String == text)
        #expect(object["k\(text)"] as? [String] == [text])
        #expect(object["level"] as? String == "info")
    }

    @Test(arguments: hostile) func textShowsNoControlCharacter(_ hostile: Hostile) {
        let text = hostile.text
        capture.logger(.text).info(
            "\(text)", metadata: ["k\(text)": "\(text)", "service": "\(text)", "list": ["\(text)"]])
        let line = capture.text()
        #expect(line.hasSuffix("\n"))
        #expect(harmful(in: line.dropLast()).isEmpty)
    }

    private func harmful(in text: Substring) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { scalar in
            [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }

    @Test func whatJSONCannotSayBecomesText() throws {
        capture.logger().info(
            "e",
            metadata: [
                "nan": .stringConvertible(Double.nan), "inf": .stringConvertible(-Double.infinity),
                "big": .stringConvertible(UInt64.max), "id": "007",
            ])
        let line = capture.text()
        #expect(line.contains(#""big":18446744073709551615,"id":"007","inf":"-inf","nan":"nan""#))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test func metadataCannotPoseAsTheLinesOwnFields() throws {
        capture.logger().warning("e", metadata: ["level": "debug", "time": "never", "event": "other", "repeated": "9"])
        let object = try #require(try capture.objects().first)
        #expect(object["level"] as? String == "warning" && object["level_"] as? String == "debug")
        #expect(object["event"] as? String == "e" && object["event_"] as? String == "other")
        #expect(object["repeated"] == nil)
    }

    @Test func nearestMetadataWins() throws {
        var logger = capture.logger(metadata: ["a": "logger", "b": "logger", "c": "logger"])
        logger.handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        logger.info("e", metadata: ["c": "call"])
        let object = try #require(try capture.objects().first)
        #expect(["a", "b", "c"].map { object[$0] as? String } == ["logger", "provider", "call"])
    }

    @Test func cutsWhatIsTooLong() throws {
        capture.logger().info("e", metadata: ["payload": "\(String(repeating: "ä", count: 5000))"])
        let object = try #require(try capture.objects().first)
        let shown = try #require(object["payload"] as? String)
        #expect(shown == String(repeating: "ä", count: 1024) + "… (10000 bytes)")
    }

    @Test(arguments: [
        ("password", true), ("mqtt.password", true), ("api_key", true), ("apiKey", true), ("TOKEN", true),
        ("client-secret", true), ("authorization", true), ("monkey", false), ("keyboard", false), ("tokens", false),
        ("sensor", false),
    ])
    func leavesSecretsOut(_ key: String, _ isSecret: Bool) throws {
        capture.logger().info("e", metadata: [key: "hunter2", "nested": [key: ["hunter2"]]])
        capture.logger(.text).info("e", metadata: [key: "hunter2", "nested": [key: "hunter2"]])
        #expect(capture.text().contains("hunter2") != isSecret)
    }

    // MARK: Text

    /// An event and the line that a terminal shows.
    struct Shown: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var level = Logger.Level.info
        var event: Logger.Message
        var metadata: Logger.Metadata = [:]
        var line: String
    }

    @Test(arguments: [
        Shown(testDescription: "no details", event: "daemon.ready", line: "02:10:00 INFO  daemon.ready"),
        Shown(
            testDescription: "details in order", level: .warning, event: "mqtt.disconnected",
            metadata: ["reason": "keep alive", "attempt": .stringConvertible(3)],
            line: #"02:10:00 WARN  mqtt.disconnected      attempt=3 reason="keep alive""#),
        Shown(
            testDescription: "a decision names its request", level: .notice, event: "request.opened",
            metadata: ["service": "water-leak", "request": .stringConvertible(12), "sensor": "wl-0042"],
            line: "02:10:00 NOTE  request.opened         water-leak #12 sensor=wl-0042"),
        Shown(
            testDescription: "a value can't pose as two", level: .critical, event: "e", metadata: ["a": "1 b=2"],
            line: #"02:10:00 CRIT  e                      a="1 b=2""#),
        Shown(
            testDescription: "an empty value", level: .error, event: "e", metadata: ["a": ""],
            line: #"02:10:00 ERROR e                      a="""#),
    ])
    func writesColumnsForPeople(_ shown: Shown) {
        capture.logger(.text).log(level: shown.level, shown.event, metadata: shown.metadata)
        #expect(capture.text() == shown.line + "\n")
    }

    @Test func choosesByWhoReads() throws {
        capture.logger(.auto).info("e")
        #expect(capture.text().hasPrefix("{"))
        // A terminal: its far end shows what a person would see.
        let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }
        var (unlocked, number): (Int32, Int32) = (0, -1)
        // TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>: what unlockpt and ptsname ask the kernel.
        try #require(unsafe ioctl(terminal, 0x4004_5431, &unlocked) == 0)
        try #require(unsafe ioctl(terminal, 0x8004_5430, &number) == 0)
        let near = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(near >= 0)
        defer { close(near) }
        let output = LogOutput(fileDescriptor: near)
        #expect(output.isTerminal)
        Logger(label: "sluice") { label in
            SluiceLogHandler(label: label, format: .auto, clock: { 0 }, output: output)
        }.info("e", metadata: ["a": "\u{1B}[31m"])
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(terminal, &bytes, bytes.count)
        let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        #expect(line.hasPrefix("00:00:00 "))
        #expect(line.contains(#"a="\u001b[31m""#))
    }

    @Test(
        arguments: [
            (nil, "xterm", true), ("", "xterm", true), ("1", "xterm", false), (nil, "dumb", false), (nil, nil, true),
        ] as [(String?, String?, Bool)])
    func coloursOnlyWhereWanted(_ noColor: String?, _ terminal: String?, _ isColoured: Bool) {
        #expect(LogOutput.wantsColour(noColor: noColor, terminal: terminal) == isColoured)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_777_601_400_123, "2026-05-01T02:10:00.123Z"),
        ] as [(Int64, String)])
    func tellsTheTimeInUTC(_ ms: Int64, _ time: String) {
        let output = capture.output
        Logger(label: "x") { SluiceLogHandler(label: $0, format: .json, clock: { ms }, output: output) }.info("e")
        #expect(capture.text().hasPrefix(#"{"time":"\#(time)","#))
    }
}
