import Foundation
import GRDB
import TestSupport
import Testing

/// `sluice explain`, as a person or a script runs it, on what a replay has filed.
@Suite struct ExplainCommandTests {
    /// A data directory with one request: bin-2 burned from 06:10 to 06:20.
    private static func replayed(in folder: TestFolder) async throws -> String {
        let data = "\(folder.path)/data"
        let files = try CommandTests.recordings(in: folder.path)
        let ran = try await SluiceProcess.run(["replay", "--data", data] + files)
        try #require(ran.code == 0, "\(ran.output)")
        return data
    }

    @Test func saysWhatWasSeenByWhichRuleAndThatItWouldBeTheSameToday() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayed(in: folder)
        let ran = try await SluiceProcess.run(["explain", "1", "--data", data])
        #expect(ran.code == 0, "\(ran.output)")
        // Lines are broken where they are full.
        let text = ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for expected in [
            "#1 Bin on fire: bin-2 (open)", "opened by bin-fire at bin-2: 80 °C, usual 12 °C, threshold 30 °C",
            "bin-fire, version ", "fire_c 55.0", "▲", "It would be opened by the same reading today.",
            "The rule has not changed since.",
        ] {
            #expect(text.contains(expected), "\(expected) is missing in\n\(ran.output)")
        }
        #expect(!ran.output.contains("\u{1B}"), "no colour into a pipe")
    }

    @Test func ofAFirstReadingNothingIsCalledUsual() async throws {
        let folder = try TestFolder()
        let (data, file) = ("\(folder.path)/data", "\(folder.path)/first.csv")
        try "timestamp,sensor_id,kind,metric,value\n2026-05-01T06:00:00Z,bin-3,bin-fill,temperature_c,90\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let replayed = try await SluiceProcess.run(["replay", "--data", data, file])
        try #require(replayed.code == 0, "\(replayed.output)")
        let ran = try await SluiceProcess.run(["explain", "1", "--data", data])
        let text = ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("90 °C, and what is usual is not known yet, threshold 55 °C"), "\(ran.output)")
        #expect(!text.contains("usual 90"), "\(ran.output)")
    }

    /// Five weeks of a district's inflow, and then 7 % more than usual: too little for any one night.
    @Test func whereSmallExcessesAddUpNoThresholdIsSaidToHaveBeenCrossed() async throws {
        let folder = try TestFolder()
        let (data, file) = ("\(folder.path)/data", "\(folder.path)/flow.csv")
        var random: UInt64 = 1
        let rows = (0..<(33 * 96)).map { quarter in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(random >> 40) / Double(1 << 24) - 0.5
            let hour = Double(quarter % 96) / 4
            let flow = 50 - 20 * cos(hour / 12 * .pi) + 5 * noise + (quarter >= 28 * 96 ? 3.5 : 0)
            let time = Date(timeIntervalSince1970: 1_777_593_600 + Double(quarter) * 900).ISO8601Format()
            return "\(time),dma-1,water-leak,flow_m3h,\(flow)\n"
        }
        try ("timestamp,sensor_id,kind,metric,value\n" + rows.joined()).write(
            toFile: file, atomically: true, encoding: .utf8)
        let replayed = try await SluiceProcess.run(["replay", "--data", data, file])
        try #require(replayed.code == 0, "\(replayed.output)")
        let ran = try await SluiceProcess.run(["explain", "1", "--data", data, "--no-replay"])
        let text = ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("opened by night-flow at dma-1"), "\(ran.output)")
        #expect(text.contains("what adds up passed its limit"), "\(ran.output)")
        #expect(text.contains("would decide at once") && !text.contains(", threshold "), "\(ran.output)")
    }

    @Test func explainsTheClosingAndComparesItWithTodays() async throws {
        let folder = try TestFolder()
        let (data, file) = ("\(folder.path)/data", "\(folder.path)/burns.csv")
        // Hot from 06:10 to 06:20, then calm for four hours: the rule waits for one.
        let rows = (0..<60).map { step in
            let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
            return "2026-05-01T\(two(6 + step / 12)):\(two(step % 12 * 5)):00Z,bin-2,bin-fill,temperature_c,"
                + "\((2...4).contains(step) ? 80 : 12)\n"
        }
        try ("timestamp,sensor_id,kind,metric,value\n" + rows.joined()).write(
            toFile: file, atomically: true, encoding: .utf8)
        let replayed = try await SluiceProcess.run(["replay", "--data", data, file])
        try #require(replayed.code == 0, "\(replayed.output)")
        func explain(_ arguments: [String]) async throws -> String {
            let ran = try await SluiceProcess.run(["explain", "1", "--data", data] + arguments)
            #expect(ran.code == 0, "\(ran.output)")
            return ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let text = try await explain([])
        for expected in [
            "closed by bin-fire at bin-2: 12 °C", "It had looked good for 60 minutes",
            "It would be closed by the same reading.",
        ] {
            #expect(text.contains(expected), "\(expected) is missing in\n\(text)")
        }
        let rules = "\(folder.path)/rules.yaml"
        try "rules: {bin-fire: {clear: 2h}}\n".write(toFile: rules, atomically: true, encoding: .utf8)
        let patient = try await explain(["--config", rules])
        #expect(
            patient.contains("It would be closed 60 minutes later.") || patient.contains("It would not be closed"),
            "\(patient)")
        #expect(patient.contains("The rule has changed since"), "\(patient)")
    }

    @Test func aBudgetNeverCutsAFire() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayed(in: folder)
        let ran = try await SluiceProcess.run(["budget", "--service", "bin-full", "--per-day", "0", "--data", data])
        #expect(ran.code == 0, "\(ran.output)")
        #expect(
            ran.output.contains("bin-fire: 1 of 1, never cut") && ran.output.contains("Nothing needs to be changed."))
        let none = try await SluiceProcess.run(["budget", "--service", "water-leak", "--per-day", "1", "--data", data])
        #expect(none.code == 66 && none.output.contains("no sensor has raised a request of water-leak yet"))
    }

    /// A replay that has ended knows since when it listened, as a daemon that has run for long does.
    @Test func aBudgetCountsTheDaysBeforeTheFirstRequestToo() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayedQuietDays(in: folder)
        let ran = try await SluiceProcess.run(["budget", "--service", "bin-full", "--per-day", "1", "--data", data])
        #expect(ran.output.contains("1 request in 20 days, 0.1 a day"), "\(ran.output)")
    }

    /// The state was saved for each day of the recording, and deleting that made a log as large again.
    @Test func aReplayOfManyDaysSavesItsStateOnceAndEmptiesTheLog() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayedQuietDays(in: folder)
        let log = try? FileManager.default.attributesOfItem(atPath: "\(data)/sluice.db-wal")[.size] as? Int
        #expect((log ?? 0) == 0)
        let (turns, deleted) = try await DatabaseQueue(path: "\(data)/sluice.db").read { db in
            let turns = try Int.fetchOne(db, sql: "SELECT count(DISTINCT turn) FROM state_slice")
            let sql = "SELECT seq - (SELECT count(*) FROM state_slice) FROM sqlite_sequence WHERE name = 'state_slice'"
            return (turns, try Int.fetchOne(db, sql: sql))
        }
        #expect(turns == 1 && deleted == 0)
    }

    /// Twenty quiet days, then a fire.
    private static func replayedQuietDays(in folder: TestFolder) async throws -> String {
        let (data, file) = ("\(folder.path)/data", "\(folder.path)/quiet.csv")
        let rows = (0..<20 * 24).map { hour in
            let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
            return "2026-05-\(two(1 + hour / 24))T\(two(hour % 24)):00:00Z,bin-2,bin-fill,temperature_c,12\n"
        }
        let fire = (0..<4).map { "2026-05-21T00:\($0)0:00Z,bin-2,bin-fill,temperature_c,80\n" }
        try ("timestamp,sensor_id,kind,metric,value\n" + (rows + fire).joined()).write(
            toFile: file, atomically: true, encoding: .utf8)
        let replayed = try await SluiceProcess.run(["replay", "--data", data, file])
        try #require(replayed.code == 0, "\(replayed.output)")
        return data
    }

    @Test func saysWhenTodaysRulesDecideOtherwise() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayed(in: folder)
        let rules = "\(folder.path)/rules.yaml"
        try "detection: {bin: {fire_c: 95, fire_rise_c: 90}}\n".write(toFile: rules, atomically: true, encoding: .utf8)
        let ran = try await SluiceProcess.run(["explain", "1", "--data", data, "--config", rules, "--json"])
        #expect(ran.code == 0, "\(ran.output)")
        let line = try #require(ran.output.split(separator: "\n").first { $0.hasPrefix("{") })
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let today = try #require(document["today"] as? [String: Any])
        let rule = try #require(document["rule"] as? [String: Any])
        #expect(today["decides"] as? String == "unknown" || today["decides"] as? String == "nothing")
        #expect(today["parameters_hash"] as? String != rule["parameters_hash"] as? String)
        #expect((rule["parameters"] as? [String: String])?["fire_c"] == "55.0")
        // When the request was raised, and when the reading was taken that decided it.
        #expect(document["opened_at"] as? String == "2026-05-01T06:10:00Z")
        #expect(document["decided_at"] as? String == "2026-05-01T06:10:00Z")
        #expect(document["decided_by"] as? String == "threshold")
        let sensors = try #require(document["sensors"] as? [[String: Any]])
        #expect((sensors.first?["readings"] as? [[Double]])?.count == 12)
    }

    @Test func saysWhenThereIsNothingToExplain() async throws {
        let folder = try TestFolder()
        let data = try await Self.replayed(in: folder)
        let ran = try await SluiceProcess.run(["explain", "99", "--data", data])
        #expect(ran.code == 66 && ran.output.contains("there is no request 99"), "\(ran.output)")
    }
}
