import Foundation
import TestSupport
import Testing

/// `sluice backtest`, as a person or a script runs it.
@Suite struct BacktestCommandTests {
    private static let street = "\(CommandTests.fixtures)/street"

    @Test func writesWhatTheScorerReadsAndPrintsTheScorersFigures() async throws {
        let folder = try TestFolder()
        let (incidents, forecasts) = ("\(folder.path)/incidents.ndjson", "\(folder.path)/forecasts.ndjson")
        let ran = try await SluiceProcess.run([
            "backtest", "--set", Self.street, "--group", "bin", "--incidents", incidents, "--forecasts", forecasts,
            "--folds", "3", "--explain",
        ])
        #expect(ran.code == 0, "\(ran.output)")
        #expect(ran.output.contains("Replaying: 263 852 readings in "))
        #expect(!ran.output.contains("\u{1B}"), "no colour into a pipe")
        #expect(ran.output.contains("\nMISSED ") && ran.output.contains("\nFALSE "))
        #expect(ran.output.contains("F1s by part of the set"))
        #expect(try String(contentsOfFile: forecasts, encoding: .utf8).contains(#""full_at":"2024-"#))

        let scored = try Self.score(["--set", Self.street, "--incidents", incidents, "--group", "bin"])
        try #require(scored != nil, "python3 and numpy are needed")
        // Precision, recall, F1 and F1s stand in a row there, and here.
        let theirs = try #require(Self.figures(of: "bin", in: scored ?? ""))
        let ours = try #require(Self.figures(of: "bin ", in: ran.output))
        #expect(theirs.count >= 4 && ours.prefix(4) == theirs.prefix(4), "\(ours) here, \(theirs) there")
    }

    @Test func otherRulesAreComparedAndTheEnvironmentSaysNothing() async throws {
        let folder = try TestFolder()
        let rules = "\(folder.path)/no-fires.yaml"
        try "rules: {bin-fire: {enabled: false}}\n".write(toFile: rules, atomically: true, encoding: .utf8)
        let empty = "\(folder.path)/empty.yaml"
        try "".write(toFile: empty, atomically: true, encoding: .utf8)
        let arguments = ["backtest", "--set", Self.street, "--group", "bin", "--rules", rules, "--against", empty]
        let compared = try await SluiceProcess.run(arguments, environment: ["SLUICE_RULES_BIN_FULL_ENABLED": "false"])
        #expect(compared.code == 0, "\(compared.output)")
        #expect(compared.output.contains("fire 13/13"))
        #expect(compared.output.contains("fire 0/13"))
        #expect(compared.output.contains("0 appear, 13 vanish, 0 move"))
        #expect(compared.output.contains("  bin-fire\n"))
    }

    @Test func printsJSONForMachines() async throws {
        let folder = try TestFolder()
        let ran = try await SluiceProcess.run(["backtest", "--set", Self.street, "--group", "water-wet", "--json"])
        let line = try #require(ran.output.split(separator: "\n").first { $0.hasPrefix("{") })
        let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(document?["readings"] as? Int == 23_040)
        let groups = document?["groups"] as? [String: [String: Any]]
        #expect(groups?["water-wet"]?["f1_strict"] as? Double == 1)
        withExtendedLifetime(folder) {}
    }

    @Test func filesOfASetMayBeLinks() async throws {
        let folder = try TestFolder()
        let files = FileManager.default
        try files.createDirectory(atPath: "\(folder.path)/readings", withIntermediateDirectories: true)
        for name in ["sensors.csv", "labels.json", "readings/water-wet.csv.gz"] {
            try files.createSymbolicLink(
                atPath: "\(folder.path)/\(name)", withDestinationPath: "\(Self.street)/\(name)")
        }
        let ran = try await SluiceProcess.run(["backtest", "--set", folder.path, "--group", "water-wet"])
        #expect(ran.code == 0 && ran.output.contains("leak_abrupt 4/4"), "\(ran.output)")
    }

    @Test func scoresACopyOfTheBenchmark() async throws {
        let folder = try TestFolder()
        let series = "\(folder.path)/data/realTraffic"
        try FileManager.default.createDirectory(atPath: series, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: "\(folder.path)/labels", withIntermediateDirectories: true)
        let rows = (10..<60).map { "2015-09-01 11:\($0):00,\($0 % 7)\n" }
        try ("timestamp,value\n" + rows.joined())
            .write(toFile: "\(series)/speed.csv", atomically: true, encoding: .utf8)
        try #"{"realTraffic/speed.csv":[["2015-09-01 11:40:00.000000","2015-09-01 11:45:00.000000"]]}"#
            .write(toFile: "\(folder.path)/labels/combined_windows.json", atomically: true, encoding: .utf8)
        let ran = try await SluiceProcess.run(["backtest", "--nab", folder.path, "--series", "realTraffic"])
        #expect(ran.code == 0, "\(ran.output)")
        #expect(ran.output.contains("realTraffic/speed.csv"))
        let none = try await SluiceProcess.run(["backtest", "--nab", folder.path, "--series", "nothing"])
        #expect(none.code == 64)
    }

    @Test(arguments: [
        (["backtest"], Int32(64), "give either --set or --nab"),
        (["backtest", "--set", "/nowhere"], 66, "/nowhere/sensors.csv: can't be opened"),
        (["backtest", "--set", street, "--group", "trams"], 64, "no group's name begins with trams"),
        (["backtest", "--set", street, "--rules", "/nowhere.yaml"], 78, "/nowhere.yaml"),
        (["backtest", "--set", street, "--fold", "6/5"], 64, "6/5"),
    ])
    func saysWhatIsWrong(_ arguments: [String], code: Int32, words: String) async throws {
        let ran = try await SluiceProcess.run(arguments)
        #expect(ran.code == code, "\(ran.output)")
        #expect(ran.output.contains(words), "\(ran.output)")
    }

    /// What `score.py events` prints, or nil where it can't run.
    private static func score(_ arguments: [String]) throws -> String? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "\(street)/score.py", "events"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
    }

    /// The numbers with three decimals in the first line that begins with `name` and has any.
    private static func figures(of name: String, in text: String) -> [Substring]? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let numbers = line.split(separator: " ").filter { word in
                word.wholeMatch(of: /[01]\.\d{3}/) != nil
            }
            if numbers.count >= 4 { return numbers }
        }
        return nil
    }
}
