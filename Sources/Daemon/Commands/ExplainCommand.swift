internal import ArgumentParser
internal import Detection
internal import Foundation
internal import HTTPAPI
internal import Incidents
internal import IssueStorage
internal import Open311

/// `sluice explain`: why a request exists, and whether it would exist today.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a request was opened, changed and closed.",
        discussion: """
            Shows the readings, what was usual, the threshold, and the rule with its version and parameters that decided each
            step. Then it meets the stored readings again by the rules of the configuration, and says whether they would
            decide otherwise today. Reads the store of a daemon that runs, or has run, on this machine.

            Examples:
              sluice explain 12
              sluice explain 12 --config stricter.yaml --data /var/lib/sluice
              sluice explain 12 --json | jq .rule
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The request's id.")
    var request: Int64

    @Flag(help: "Leave out what today's rules would decide.")
    var noReplay = false

    @Flag(help: "As JSON, with all readings.")
    var json = false

    func run() async throws {
        try await Failure.report {
            let directory = try data.directory()
            let reader = try IssueReader(directory: directory)
            guard let found = try await reader.request(id: request) else {
                throw Failure("there is no request \(request) in \(directory)", .noInput)
            }
            guard let evidence = try await reader.evidence(ofRequest: request) else {
                throw Failure("no sensor's signal raised request \(request): there is nothing to explain", .noInput)
            }
            let updates = try await reader.updates(ofRequest: request)
            let configuration = try data.configuration.load().configuration
            let opinion = noReplay ? nil : try await SecondOpinion.ask(evidence, reader: reader, configuration)
            if json {
                Terminal.say(try Self.document(evidence, found, updates, opinion))
                return
            }
            let environment = ProcessInfo.processInfo.environment
            let zoneName = configuration.time.zone ?? SystemZones.current(environment: environment)
            let zone = try ZoneFiles.load(zoneName)
            let page = ExplanationPage(
                evidence: evidence, request: found, updates: updates, opinion: opinion, zone: zone, zoneName: zoneName)
            for line in page.lines { Terminal.say(Terminal.printable(line.text, isBold: line.isBold)) }
        }
    }

    private static func document(
        _ evidence: RequestEvidence, _ request: ServiceRequest, _ updates: [RequestUpdate], _ opinion: SecondOpinion?
    ) throws -> String {
        var document = GeoReportDocument.evidence(evidence, of: request, updates: updates)
        if let opinion, case .fields(let fields) = document.content {
            document.content = .fields(fields + [GeoReportDocument.Field("today", today(opinion))])
        }
        return String(decoding: document.encoded(as: .json), as: UTF8.self)
    }

    private static func today(_ opinion: SecondOpinion) -> GeoReportDocument.Node {
        let fields: [GeoReportDocument.Field] = [
            .init("decides", .text(opinion.code)), .init("text", .text(opinion.sentence)),
            .init("opened_at", .time(ifAny: opinion.openedAtMs)),
            .init("rule", .text(ifAny: opinion.rule?.name)),
            .init("parameters_hash", .text(opinion.signature.hash)),
            .init("readings", .integer(Int64(opinion.readings))),
            .init("steps", .list(of: "step", opinion.steps.map(step))),
        ]
        return .fields(fields)
    }
}

extension ExplainCommand {
    private static func step(_ step: SecondOpinion.Step) -> GeoReportDocument.Node {
        let fields: [GeoReportDocument.Field] = [
            .init("event", .text(step.event.name)), .init("then", .time(ifAny: step.thenMs)),
            .init("now", .time(ifAny: step.nowMs)),
        ]
        return .fields(fields)
    }
}

extension Terminal {
    /// A line of a page; its words may come from outside.
    fileprivate static func printable(_ text: String, isBold: Bool) -> String {
        isBold ? bold(printable(text)) : printable(text)
    }
}
