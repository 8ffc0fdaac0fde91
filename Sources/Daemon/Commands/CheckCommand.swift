internal import ArgumentParser
internal import Foundation
internal import HTTPAPI
internal import Readings
internal import Settings

/// `sluice check`: is this configuration right, and what would its routes read?
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file, and show what its routes read from their samples.",
        discussion: """
            Prints every problem at once, with line and column, and ends with 78 when there is one.

            Examples:
              sluice check /etc/sluice/sluice.yaml
              sluice check --config sluice.yaml --settings
            """)

    @Argument(help: ArgumentHelp("The configuration file (YAML).", valueName: "file"), completion: .file())
    var argument: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The same, named as other commands have it.", valueName: "file"), completion: .file())
    var config: String?

    @Flag(help: "Also print every key with its value and where it was set.")
    var settings = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if argument == nil, config == nil { throw ValidationError("name the configuration file to check") }
        if argument != nil, config != nil { throw ValidationError("name one file: as it is, or with --config") }
    }

    private var file: String { argument ?? config ?? "" }

    func run() async throws {
        let loaded: Configuration.Loaded
        let mountings: Mountings
        do {
            loaded = try Configuration.load(path: file, environment: ProcessInfo.processInfo.environment)
            // Files that it names are read as a start would read them.
            mountings = try loaded.configuration.mountings()
            try loaded.configuration.httpConfiguration().tls?.check()
        } catch {
            let failure = Failure(error)
            report(problems: failure.sentence.split(separator: "\n").map(String.init), warnings: [], outcomes: [])
            throw ExitCode(failure.exit.rawValue)
        }
        let outcomes = SampleOutcome.all(of: loaded.configuration, mountings: mountings)
        report(
            problems: [], warnings: loaded.warnings.map { "\($0)" }, outcomes: outcomes,
            listed: loaded.settings.map { "\($0)" })
        if outcomes.contains(where: { !$0.isGood }) { throw ExitCode(SluiceExit.negative.rawValue) }
    }

    private func report(
        problems: [String], warnings: [String], outcomes: [SampleOutcome], listed: [String] = []
    ) {
        if json {
            let document: [String: Any] = [
                "file": file, "ok": problems.isEmpty, "problems": problems, "warnings": warnings,
                "settings": settings ? listed : [],
                "samples": outcomes.map { ["route": $0.route, "ok": $0.isGood, "result": $0.result] as [String: Any] },
            ]
            let data = try? JSONSerialization.data(withJSONObject: document, options: [.sortedKeys])
            Terminal.say(data.map { String(decoding: $0, as: UTF8.self) } ?? "{}")
            return
        }
        for problem in problems { Terminal.complain(problem) }
        for warning in warnings { Terminal.complain("warning: \(warning)") }
        for outcome in outcomes {
            let verdict = outcome.isGood ? "reads" : outcome.expected == nil ? "cannot read" : "reads otherwise"
            Terminal.say("\(verdict)  \(outcome.route): \(Terminal.printable(outcome.result))")
            if let expected = outcome.expected { Terminal.say("  expected \(Terminal.printable(expected))") }
        }
        if settings { for line in listed { Terminal.say("  \(line)") } }
        let unread = outcomes.count { !$0.isGood }
        if problems.isEmpty, unread > 0 {
            Terminal.complain("\(file): is right, but \(unread) of its samples become something else than they should")
        } else if problems.isEmpty {
            Terminal.say("\(file): is right")
        } else {
            Terminal.complain("\(file): \(problems.count) problem\(problems.count == 1 ? "" : "s")")
        }
    }
}
