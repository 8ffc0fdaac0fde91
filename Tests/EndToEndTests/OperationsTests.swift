import Foundation
import Telemetry
import TestSupport
import Testing

/// What those who run the daemon look at: its log, `sluice tail`, the quarantine.
@Suite struct OperationsTests {
    typealias Site = DaemonProcessTests.Site

    private static func bad(_ site: Site, _ names: [String]) throws {
        try site.publish(names.map { ("sluice/water-leak/\($0)", Array("{bad".utf8)) })
    }

    // MARK: Tail

    enum Way: String, CaseIterable { case socket, http }

    @Test(arguments: Way.allCases) func tailGoesOnOverAKillWithoutGapOrDouble(way: Way) async throws {
        let site = try Site()
        let daemon = try await site.started()
        let place = way == .socket ? ["--data", "\(site.folder)/data"] : ["--address", site.address]
        let tail = try SluiceProcess(["tail", "--since", "1h", "--level", "debug", "--json"] + place)
        try Self.bad(site, ["one", "two"])
        _ = try await tail.line { $0.contains("sluice/water-leak/two") }
        daemon.send(SIGKILL)
        try await daemon.expectExit(-SIGKILL)
        let again = try await site.started()
        try Self.bad(site, ["three"])
        _ = try await tail.line { $0.contains("sluice/water-leak/three") }
        let records = tail.output.split(separator: "\n").compactMap { LogRecord(json: String($0)) }
        let numbers = records.compactMap(\.sequence)
        #expect(numbers == Array(1...Int64(numbers.count)), "\(tail.output)")
        #expect(records.count { $0.event == "daemon.starting" } == 2)
        tail.send(SIGTERM)
        again.send(SIGTERM)
        try await again.expectExit(0, within: .seconds(10))
    }

    @Test func tailShowsWhatIsAskedForAndSaysWhatIsWrong() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try Self.bad(site, ["one", "two", "three"])
        _ = try await daemon.line { $0.contains("sluice/water-leak/three") }
        let run = try await SluiceProcess.run([
            "tail", "--since", "1h", "--no-follow", "--data", "\(site.folder)/data", "--where",
            "event = message.* and topic ~ WATER-LEAK/T and not quarantine = 2",
        ])
        #expect(run.code == 0)
        #expect(run.output.split(separator: "\n").count == 1, "\(run.output)")
        #expect(run.output.contains("WARN  message.quarantined"))
        #expect(run.output.contains("quarantine=3 reason=not_json topic=sluice/water-leak/three"))
        let wrong = try await SluiceProcess.run(["tail", "--where", "event =", "--data", "\(site.folder)/data"])
        #expect(wrong.code != 0)
        #expect(wrong.output.contains("a value must stand behind “event =”"))
        for (query, status) in [
            ("since_ms=60000&limit=1", 200), ("level=loud", 400), ("where=(", 400), ("position=x", 400),
        ] {
            #expect(try await HTTPAnswer.get("\(site.address)/api/log?\(query)").status == status, "\(query)")
        }
        // The files can be read when nobody runs.
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let after = try await SluiceProcess.run([
            "tail", "--since", "1h", "--no-follow", "--data", "\(site.folder)/data", "--where", "event = daemon.stopped",
        ])
        #expect(after.output.contains("daemon.stopped"))
    }

    // MARK: The log

    @Test func everyLineOfADaemonIsAsTheCatalogueSays() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try Self.bad(site, ["one"])
        let aheadS = Int(Date.now.timeIntervalSince1970) + 86_400
        try site.publish([
            ("sluice/bin-fill/ahead", Array("{\"ts\":\(aheadS),\"value\":1}".utf8)),
            ("sluice/bin-fill/late", Array("{\"ts\":1777600600,\"value\":20}".utf8)),
            ("sluice/bin-fill/late", Array("{\"ts\":1777600000,\"value\":10}".utf8)),
        ])
        _ = try await daemon.line { $0.contains("\"reading.late\"") }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let lines = daemon.output.split(separator: "\n").map(String.init)
        var seen: Set<String> = []
        for line in lines {
            let record = try #require(LogRecord(json: line), "no event: \(line)")
            seen.insert(record.event)
            let known = try #require(EventCatalog.event(named: record.event), "\(record.event)")
            #expect(known.levels.contains(record.level), "\(line)")
            for (name, value) in record.fields where name != "repeated" {
                let field = try #require(known.fields.first { $0.name == name }, "\(record.event) has no \(name)")
                let isRight =
                    switch (field.kind, value) {
                    case (.text, .text), (.integer, .whole), (.number, .number), (.number, .whole), (.truth, .truth):
                        true
                    default: false
                    }
                #expect(isRight, "\(line): \(name) is no \(field.kind.rawValue)")
            }
        }
        #expect(
            seen.isSuperset(of: ["message.quarantined", "reading.clamped", "reading.late", "sensor.adopted"]), "\(seen)"
        )
    }

    // MARK: Quarantine

    @Test func quarantinedMessagesAreListedShownTriedAgainAndDiscarded() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try site.publish([
            ("sluice/water-leak/one", Array("{bad".utf8)), ("sluice/water-leak/two", [0xFF, 0x00, 0x1B]),
            ("sluice/hut/three", Array("{\"ts\":1777600000,\"value\":10}".utf8)),
        ])
        _ = try await daemon.line { $0.contains("sluice/hut/three") }
        func command(_ arguments: String...) async throws -> String {
            let run = try await SluiceProcess.run(["quarantine"] + arguments + ["--data", "\(site.folder)/data"])
            #expect(run.code == 0, "\(arguments): \(run.output)")
            return run.output
        }
        #expect(try await command("list").contains("3 messages in quarantine"))
        #expect(try await command("list", "--topic", "/two", "--json").contains("\"payload\":\"/wAb\""))
        #expect(try await command("show", "2").contains("000000  ff 00 1b"))
        #expect(try await command("retry", "1", "99").contains("99  stays: there is no message of this number"))
        #expect(try await command("discard", "1", "2").contains("2 messages discarded"))
        #expect(try await command("list").contains("1 message in quarantine"))
        let wrong = try await SluiceProcess.run(["quarantine", "discard", "--data", "\(site.folder)/data"])
        #expect(wrong.code != 0)
        #expect(wrong.output.contains("say which"))
        // Without a daemon the store is opened; what needs the routes of a running one says so.
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        #expect(try await command("list").contains("1 message in quarantine"))
        let retry = try await SluiceProcess.run(["quarantine", "retry", "--all", "--data", "\(site.folder)/data"])
        #expect(retry.code != 0)
        #expect(retry.output.contains("needs the daemon"))
        #expect(try await command("discard", "--all").contains("1 message discarded"))
    }
}
