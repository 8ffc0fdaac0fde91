internal import ArgumentParser
internal import Backtest
internal import Foundation
internal import Readings
internal import TimeBase

/// `sluice backtest`: what would these rules have found, and how right would they have been?
struct BacktestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Replay a labelled set through the pipeline and score what it finds.",
        discussion: """
            A set is a folder with sensors.csv, labels.json and readings/*.csv.gz: see fixtures/street/README.md. Its \
            readings go through the very pipeline that runs live, as fast as it goes, and nothing is stored. F1s is F1 \
            with an incident that comes again during one event counted as false.

            Examples:
              sluice backtest --set fixtures/street
              sluice backtest --set fixtures/street --rules new.yaml --against sluice.yaml
              sluice backtest --set fixtures/street --group bin --explain | less
              sluice backtest --nab ../NAB --series realTraffic
            """)

    @Option(help: ArgumentHelp("The labelled set.", valueName: "folder"), completion: .directory)
    var set: String?

    @Option(
        help: ArgumentHelp("A copy of the Numenta Anomaly Benchmark, to score in its own way.", valueName: "folder"),
        completion: .directory)
    var nab: String?

    @Option(help: ArgumentHelp("With --nab: the series whose names contain this.", valueName: "text"))
    var series = ""

    @Option(
        help: ArgumentHelp(
            "The configuration with the rules (rules:, detection:); default: every default.", valueName: "file"),
        completion: .file())
    var rules: String?

    @Option(help: ArgumentHelp("Compare with what these other rules find.", valueName: "file"), completion: .file())
    var against: String?

    @Option(help: ArgumentHelp("Only groups whose names begin with this.", valueName: "group"))
    var group: String?

    @Option(
        help: ArgumentHelp("Write incidents to this file, a line of JSON each.", valueName: "file"), completion: .file()
    )
    var incidents: String?

    @Option(
        help: ArgumentHelp("Write preventive openings to this file, a line of JSON each.", valueName: "file"),
        completion: .file())
    var forecasts: String?

    @Option(help: ArgumentHelp("Score only part K of N of the set's events: 2/5.", valueName: "K/N"))
    var fold: FoldArgument?

    @Option(help: ArgumentHelp("Also show how the score of N parts of the set differs.", valueName: "N"))
    var folds: Int?

    @Flag(help: "Show, by kind, whether incidents that were given a confidence are real as often as it says.")
    var reliability = false

    @Flag(help: "Show every false and every missed incident with a picture of its readings.")
    var explain = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (set == nil) != (nab == nil) else { throw ValidationError("give either --set or --nab") }
        if nab == nil, !series.isEmpty { throw ValidationError("--series goes with --nab") }
        let isOfSets = [against, group, incidents, forecasts].contains { $0 != nil } || reliability
        if nab != nil, isOfSets || fold != nil || folds != nil || explain {
            throw ValidationError("--nab goes with --series, --rules and --json alone")
        }
        if let folds { try check("--folds", folds, in: 2...100) }
        if json, explain { throw ValidationError("--explain is for people; leave out --json") }
    }

    func run() async throws {
        try await Failure.report {
            try await offPool("sluice-backtest") {
                if let nab { try scoreBenchmark(nab) } else if let set { try scoreSet(set) }
            }
        }
    }

    // MARK: A labelled set

    private func scoreSet(_ path: String) throws {
        let run = try BacktestRun(rules: rules)
        let other = try against.map { try BacktestRun(rules: $0) }
        let folder = try LabelledFolder(path, group: group)
        let recording = try folder.recording()
        let began = ContinuousClock.now
        let registry = folder.set.sensors.map(\.sensor)
        let outcome = try run.replay(recording, registry: registry).evaluated(in: folder.set)
        let replayed = ContinuousClock.now - began
        if let incidents { try Self.write(outcome.incidents.map(IncidentLine.text), to: incidents) }
        if let forecasts { try Self.write(outcome.openings.map(IncidentLine.text), to: forecasts) }
        let report = report(on: outcome, folder, recording)
        let before = try other.map { try $0.replay(recording, registry: registry).evaluated(in: folder.set) }
        let comparison = before.map { IncidentComparison(before: $0.incidents, after: outcome.incidents) }
        if json {
            try printJSON(report, readings: recording.rows.count, replayed, comparison)
            return
        }
        if let before, let comparison {
            Terminal.say("with \(against ?? ""):")
            self.report(on: before, folder, recording).lines.forEach(Terminal.say)
            Terminal.say("\nwhat changes with \(rules ?? "the defaults"):")
            comparison.lines.forEach(Terminal.say)
            Terminal.say("")
        }
        report.lines.forEach(Terminal.say)
        if let folds {
            for matching in [report.events, report.sensorFaults] {
                Terminal.say("")
                FoldTable.lines(matching, count: folds).forEach(Terminal.say)
            }
        }
        if reliability { sayReliability(report) }
        guard explain else { return }
        let explanation = Explanation(recording)
        for matching in [report.events, report.sensorFaults] {
            Terminal.say("")
            explanation.lines(of: matching).forEach { Terminal.say(Terminal.printable($0)) }
        }
    }

    private func sayReliability(_ report: ScoreReport) {
        let kinds = SensorKind.allCases.map { ($0.name, ReliabilityTable([report.events], kind: $0)) }
        let tables =
            [("all incidents", ReliabilityTable([report.events]))] + kinds
            + [("sensor faults", ReliabilityTable([report.sensorFaults]))]
        for (name, table) in tables where table.incidents > 0 {
            Terminal.say("")
            table.lines(name).forEach(Terminal.say)
        }
    }

    private func report(
        on outcome: Replay.Outcome, _ folder: LabelledFolder, _ recording: Recording
    ) -> ScoreReport {
        ScoreReport(
            outcome, set: folder.set, truth: folder.hasBins ? folder.truth : nil,
            series: NABSeries.all(in: folder.set, recording),
            fold: fold.map { Fold($0.number - 1, of: $0.count, set: folder.set) })
    }

    private static func write(_ lines: [String], to path: String) throws {
        try TextFile.write(lines.map { $0 + "\n" }.joined(), to: path)
    }

    private func printJSON(
        _ report: ScoreReport, readings: Int, _ replayed: Duration, _ comparison: IncidentComparison?
    ) throws {
        let figures = try JSONSerialization.jsonObject(with: Data(report.json))
        var document = figures as? [String: Any] ?? [:]
        document["readings"] = readings
        document["replay_ms"] = replayed.milliseconds
        if let comparison {
            document["against"] = [
                "appeared": comparison.appeared.count, "vanished": comparison.vanished.count,
                "moved": comparison.moved.count, "unchanged": comparison.unchanged,
            ]
        }
        try Self.printJSON(document)
    }

    private static func printJSON(_ document: [String: Any]) throws {
        let data = try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys])
        Terminal.say(String(decoding: data, as: UTF8.self))
    }

    // MARK: The benchmark

    private func scoreBenchmark(_ path: String) throws {
        let rows = try BacktestRun(rules: rules).scores(try NABFolder.series(path, part: series))
        let total = rows.dropFirst().reduce(rows[0].score) { $0 + $1.score }
        guard json else {
            NABTable.lines(rows, total: total).forEach(Terminal.say)
            return
        }
        let scored = rows.map { ["series": $0.name, "raw": $0.score.raw] as [String: Any] }
        try Self.printJSON([
            "series": scored, "windows": total.windows, "hit": total.hits, "raw": total.raw, "score": total.normalised,
        ])
    }
}

/// `2/5`: the second of five parts.
struct FoldArgument: ExpressibleByArgument {
    var number: Int
    var count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/").map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], (1...100).contains(count),
            (1...count).contains(number)
        else { return nil }
        (self.number, self.count) = (number, count)
    }
}
