internal import ArgumentParser
internal import Foundation

/// `Benchmarks [name…]`: every figure beside its reference, measured in turns in the same run.
@main struct Benchmarks: AsyncParsableCommand {
    static var all: [any Benchmark.Type] {
        [
            RingBenchmark.self, WindowBenchmark.self, DetectorBenchmark.self, DecodeBenchmark.self,
            PipelineBenchmark.self, GrowthBenchmark.self, AllocationBenchmark.self, WireBenchmark.self,
            LatencyBenchmark.self, StallBenchmark.self,
            AlternativeBenchmark.self, DiskBenchmark.self, DaemonBenchmark.self, StoreBenchmark.self,
        ]
    }

    static let configuration = CommandConfiguration(
        abstract: "Measure Sluice against references, in the same run.",
        discussion: """
            Each figure is measured in turns with its reference, so that a busy machine disturbs both; the ratio's \
            median counts. With --smoke the figures mean nothing: it shows that every benchmark runs.

            Examples:
              Benchmarks
              Benchmarks ring decode --rounds 9
              Benchmarks --markdown report.md --json report.json
              Benchmarks growth --chart growth.svg
            """)

    @Argument(help: "What to measure; default: everything. --list says what there is.")
    var names: [String] = []

    @Flag(help: "List the benchmarks and end.")
    var list = false

    @Flag(help: "One short round of each.")
    var smoke = false

    @Option(help: "Rounds of each figure.")
    var rounds = 5

    @Option(help: ArgumentHelp("Write the report as Markdown to this file.", valueName: "file"))
    var markdown: String?

    @Option(help: ArgumentHelp("Write the report as JSON to this file.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Draw how cost grows (growth) into this file, as SVG.", valueName: "file"))
    var chart: String?

    @Option(help: ArgumentHelp("The daemon to measure; default: the one beside this program.", valueName: "file"))
    var sluice: String?

    @Option(help: ArgumentHelp("The Python that runs the alternatives; default: python3.", valueName: "file"))
    var python = "python3"

    @Option(
        help: ArgumentHelp(
            "Make a store of --requests in this data directory, for others to measure with, and end.",
            valueName: "folder"))
    var makeStore: String?

    @Option(help: "How many requests --make-store makes.")
    var requests = 100_000

    func validate() throws {
        guard requests >= 1 else { throw ValidationError("--requests must be at least 1, found \(requests)") }
        guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1, found \(rounds)") }
        let known = Self.all.map { $0.name }
        guard chart == nil || names.isEmpty || names.contains(GrowthBenchmark.name) else {
            throw ValidationError(
                "--chart draws the benchmark \(GrowthBenchmark.name), which is not among \(names.joined(separator: ", "))"
            )
        }
        for name in names where !known.contains(name) {
            throw ValidationError("there is no benchmark \(name); there are \(known.joined(separator: ", "))")
        }
    }

    func run() async throws {
        if list {
            for benchmark in Self.all { print("\(benchmark.name): \(benchmark.about)") }
            return
        }
        if let makeStore {
            try StoreBenchmark.make(in: makeStore, requests: requests)
            return
        }
        let rounds = Rounds(count: smoke ? 1 : rounds, isSmoke: smoke)
        let tools = try tools()
        defer { try? FileManager.default.removeItem(atPath: tools.scratch) }
        var report = Report(
            command: (["Benchmarks"] + CommandLine.arguments.dropFirst()).joined(separator: " "), rounds: rounds.count)
        for benchmark in Self.all where names.isEmpty || names.contains(benchmark.name) {
            print("\(benchmark.name): \(benchmark.about)")
            var section = Report.Section(benchmark: benchmark.name, figures: [])
            do {
                section.figures = try await benchmark.run(rounds, tools)
            } catch let reason as Unavailable {
                section.skipped = reason.description
                print("  skipped: \(reason)")
            }
            for figure in section.figures { print(Report.line(figure)) }
            report.sections.append(section)
        }
        if let markdown { try report.markdown.write(toFile: markdown, atomically: true, encoding: .utf8) }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(report).write(to: URL(filePath: json))
        }
        if let chart, let growth = report.sections.first(where: { $0.benchmark == GrowthBenchmark.name }) {
            try GrowthBenchmark.chart(of: growth.figures).write(toFile: chart, atomically: true, encoding: .utf8)
        }
        let missed = report.sections.flatMap(\.figures).filter { $0.isCounted && $0.isMet == false }
        guard missed.isEmpty else {
            print("a count that must hold on any machine does not: \(missed.map(\.name).joined(separator: ", "))")
            throw ExitCode.failure
        }
    }

    private func tools() throws -> Tools {
        let beside = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let scratch = FileManager.default.temporaryDirectory.appending(path: "sluice-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return Tools(
            sluice: sluice ?? beside.appending(path: "sluice").path, python: python,
            cores: (cores > 2 ? 1 : 0, cores - 1),
            scratch: scratch)
    }
}
