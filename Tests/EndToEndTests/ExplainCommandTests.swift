import Foundation
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
