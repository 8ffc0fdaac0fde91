import Foundation
import TestSupport
import Testing

/// Whoever may ask the daemon over its local socket can't end it by what he asks.
@Suite struct HostileSocketTests {
    /// Bodies with a place for a number.
    private static let bodies: [(command: String, body: String)] = [
        ("requests.list", #"{"limit":%}"#), ("requests.show", #"{"id":%}"#),
        ("requests.explain", #"{"request":%,"isReplayed":true,"isJSON":false}"#),
        ("requests.budget", #"{"service":"bin-full","perDay":1,"days":%,"isJSON":false}"#),
        ("requests.budget", #"{"service":"bin-full","perDay":%,"days":7,"isJSON":false}"#),
        ("sensors.list", #"{"limit":%,"isJSON":false}"#), ("sensors.unknown", #"{"limit":%,"isJSON":false}"#),
        ("assets.list", #"{"offset":%}"#), ("outbox.list", #"{"selection":{},"limit":%,"isJSON":false}"#),
        ("outbox.show", #"{"selection":{"ids":[%]},"limit":1,"isJSON":true}"#),
        ("outbox.retry", #"{"selection":{"ids":[%]},"isSure":true}"#),
        ("outbox.discard", #"{"selection":{"ids":[%]},"isSure":true}"#),
        ("outbox.filed", #"{"id":%,"number":"x"}"#), ("quarantine.list", #"{"selection":{"ids":[%]},"limit":%}"#),
        ("quarantine.retry", #"{"selection":{"ids":[%]},"limit":%}"#),
        ("quarantine.discard", #"{"selection":{"ids":[%]},"limit":%}"#),
        ("log.read", #"{"sinceMs":%,"filter":{},"limit":1,"waitMs":0}"#),
        ("log.read", #"{"filter":{},"limit":%,"waitMs":0}"#),
        ("log.read", #"{"position":"TAPE.%.99.0","filter":{},"limit":1,"waitMs":0}"#),
        ("log.read", #"{"position":"TAPE.1.%.%","filter":{},"limit":1,"waitMs":0}"#),
        ("keys.add", #"{"name":"n","roles":["report"],"ratePerMinute":%,"isPublic":false}"#),
        ("privacy.erase", #"{"request":%}"#), ("privacy.erase", #"{"beforeMs":%}"#),
    ]
    private static let numbers = [
        "-1", "0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "-1e308", "0.5",
        "null",
    ]

    @Test func noNumberEndsTheDaemon() async throws {
        let site = try DaemonProcessTests.Site()
        let daemon = try await site.started()
        let (folder, socket) = ("\(site.folder)/data", "\(site.folder)/data/sluice.sock")
        let filter = #"{"services":[],"wards":[],"sensors":[]}"#
        let end = try LocalLine.ask(
            Self.question("log.read", #"{"filter":\#(filter),"limit":1,"waitMs":0}"#, folder), at: socket)
        let position = try #require(end.firstMatch(of: /"position":"([^".]+)\./), "\(end)")
        for (command, body) in Self.bodies {
            for number in Self.numbers {
                let body = body.replacing("\"filter\":{}", with: "\"filter\":\(filter)")
                    .replacing("TAPE", with: position.output.1).replacing("%", with: number)
                let answer = try LocalLine.ask(Self.question(command, body, folder), at: socket)
                #expect(
                    answer.hasPrefix("{\"result\":") || answer.hasPrefix("{\"error\":"), "\(command) \(body): \(answer)"
                )
            }
        }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    private static func question(_ command: String, _ body: String, _ folder: String) -> String {
        #"{"command":"\#(command)","data":"\#(folder)","body":\#(body)}"#
    }

    @Test func sensorsOfAKindAreListedHoweverManyOfOthersCameFirst() async throws {
        let site = try DaemonProcessTests.Site()
        let daemon = try await site.started()
        let payload = Array(#"{"ts":1777600000,"value":1}"#.utf8)
        try site.publish((0..<5).map { ("sluice/generic/meter-\($0)", payload) } + [("sluice/bin-fill/bin-1", payload)])
        _ = try await site.metric("sluice_readings_total 6")
        let listed = try await SluiceProcess.run([
            "sensors", "list", "--kind", "bin-fill", "--limit", "2", "--data", "\(site.folder)/data",
        ])
        #expect(listed.output.contains("bin-1"), "\(listed.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }
}
