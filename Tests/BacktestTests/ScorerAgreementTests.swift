import Backtest
import Detection
import Foundation
import Readings
import Testing

/// The figures here against those of the independent scorer in Python, which comes with the set.
@Suite(.enabled(if: Scorer.isThere, "needs python3 with numpy"))
struct ScorerAgreementTests {
    private let set = try! Sets.streetSet()

    /// Incidents thrown near the set's labels and anywhere else: every rule of the matching is met many times.
    private func thrown(seed: UInt64, count: Int) -> [DetectedIncident] {
        var dice = Dice(seed: seed)
        return (0..<count).map { _ in
            let label = set.labels.randomElement(using: &dice)!
            let sensor = set.sensors[label.sensor]
            let hour: Int64 = 3_600_000
            var openedMs = Int64.random(in: sensor.evaluateFromMs - hour...sensor.evaluateToMs + hour, using: &dice)
            if Int.random(in: 0..<4, using: &dice) > 0 {
                openedMs = Int64.random(in: label.startMs - 6 * hour...label.endMs + 3 * hour, using: &dice)
            }
            // Whole minutes, so that incidents fall together and onto the ends of labels.
            openedMs = openedMs / 60_000 * 60_000
            return DetectedIncident(
                sensorID: sensor.sensor.id, kind: sensor.sensor.kind,
                rule: Rule.allCases.randomElement(using: &dice)!, openedAtMs: openedMs)
        }
    }

    private func report(_ incidents: [DetectedIncident]) -> ScoreReport {
        ScoreReport(Replay.Outcome(incidents: incidents), set: set)
    }

    @Test(arguments: [(1, 50), (2, 500), (3, 5000), (4, 5000)] as [(UInt64, Int)])
    func thrownIncidentsAreScoredAlike(seed: UInt64, count: Int) throws {
        let incidents = thrown(seed: seed, count: count)
        let theirs = try Scorer.events(incidents)
        let ours = try #require(
            try JSONSerialization.jsonObject(with: Data(report(incidents).json)) as? [String: Any])
        for part in ["events", "groups", "faults"] {
            let (a, b) = (ours[part] as? [String: Any] ?? [:], theirs[part] as? [String: Any] ?? [:])
            #expect(Set(a.keys) == Set(b.keys))
            for (name, figures) in b { try compare(a[name], figures, "\(part) \(name)") }
        }
    }

    private func compare(_ ours: Any?, _ theirs: Any, _ place: String) throws {
        let ours = try #require(ours as? [String: Any])
        let theirs = try #require(theirs as? [String: Any])
        for (name, value) in theirs {
            guard let value = value as? NSNumber else {
                #expect(ours[name] as? [String: String] == value as? [String: String], "\(place) \(name)")
                continue
            }
            let mine = (ours[name] as? NSNumber)?.doubleValue ?? .nan
            let isSame = mine.isNaN && value.doubleValue.isNaN || abs(mine - value.doubleValue) < 1e-6
            #expect(isSame, "\(place) \(name): \(mine) here, \(value) there")
        }
    }

    @Test func theBenchmarksScoreIsTheSame() throws {
        let recording = try Sets.streetRecording(["nab"])
        let series = NABSeries.all(in: set, recording)
        #expect(series.count == 4)
        var dice = Dice(seed: 5)
        for alarms in [0, 3, 40, 400] {
            let incidents = (0..<alarms).map { _ in
                let one = series.randomElement(using: &dice)!
                let atMs = one.timesMs.randomElement(using: &dice)! - Int64.random(in: 0...1, using: &dice) * 1000
                return DetectedIncident(sensorID: one.file, kind: .traffic, rule: .trafficDrop, openedAtMs: atMs)
            }
            let total = series.map { $0.score(incidents) }.reduce(NABScore()) { $0 + $1 }
            let theirs = try Scorer.nab(incidents)
            #expect(abs(total.raw - theirs.raw) < 0.0006, "\(alarms) alarms")
            #expect(abs(total.normalised - theirs.score) < 0.006, "\(alarms) alarms")
        }
    }
}

/// `score.py`, run on incidents.
enum Scorer {
    static let isThere = (try? run(["-c", "import numpy"], output: nil)) == 0

    static func events(_ incidents: [DetectedIncident]) throws -> [String: Any] {
        try inFolder(incidents) { folder, arguments in
            let figures = "\(folder)/figures.json"
            let code = try run(
                ["\(Sets.street)/score.py", "events"] + arguments + ["--json", figures], output: nil)
            try #require(code == 0)
            // Python writes NaN, which JSON does not know.
            let text = try String(contentsOfFile: figures, encoding: .utf8).replacing("NaN", with: "null")
            let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            return try #require(read).mapValues(nullsAsNotANumber)
        }
    }

    /// The last line: `TOTAL windows 9 raw -7.157 normalised 10.24`.
    static func nab(_ incidents: [DetectedIncident]) throws -> (raw: Double, score: Double) {
        try inFolder(incidents) { folder, arguments in
            let output = "\(folder)/output"
            try #require(try run(["\(Sets.street)/score.py", "nab"] + arguments, output: output) == 0)
            let last = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").last ?? ""
            let words = last.split(separator: " ").map(String.init)
            return (try #require(Double(words[4])), try #require(Double(words[6])))
        }
    }

    private static func nullsAsNotANumber(_ value: Any) -> Any {
        if value is NSNull { return NSNumber(value: Double.nan) }
        if let dictionary = value as? [String: Any] { return dictionary.mapValues(nullsAsNotANumber) }
        return value
    }

    private static func inFolder<Value>(
        _ incidents: [DetectedIncident], _ body: (String, [String]) throws -> Value
    ) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-score-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "incidents.ndjson").path
        let lines = incidents.map { IncidentLine.text($0) + "\n" }
        try lines.joined().write(toFile: file, atomically: true, encoding: .utf8)
        return try body(folder.path, ["--set", Sets.street, "--incidents", file])
    }

    /// Output goes to a file: nothing is lost when the process ends.
    private static func run(_ arguments: [String], output: String?) throws -> Int32 {
        let process = Process()
        process.standardOutput = FileHandle.nullDevice
        if let output {
            try Data().write(to: URL(filePath: output))
            process.standardOutput = FileHandle(forWritingAtPath: output)
        }
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
