internal import Detection
internal import Foundation
internal import HTTPAPI
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Settings

/// Works out why a request exists, where its store is read.
struct Explainer {
    let reader: IssueReader
    let directory: String
    /// Whose rules and time zone count.
    let configuration: Configuration

    func explain(_ wanted: LocalCommands.ExplanationWanted) async throws -> [ExplanationPage.Line] {
        let id = wanted.request
        guard let request = try await reader.request(id: id) else {
            throw LocalError(code: "not_found", "there is no request \(id) in \(directory)")
        }
        guard let evidence = try await reader.evidence(ofRequest: id) else {
            throw LocalError(
                code: "not_found", "no sensor's signal raised request \(id): there is nothing to explain")
        }
        let updates = try await reader.updates(ofRequest: id)
        let rules = try wanted.rules.map(configuration.judging) ?? configuration
        let opinion = wanted.isReplayed ? try await SecondOpinion.ask(evidence, reader: reader, rules) : nil
        if wanted.isJSON {
            return [ExplanationPage.Line(text: Self.document(evidence, request, updates, opinion))]
        }
        let zoneName = configuration.time.zone ?? SystemZones.current(environment: ProcessInfo.processInfo.environment)
        return ExplanationPage(
            evidence: evidence, request: request, updates: updates, opinion: opinion,
            zone: try ZoneFiles.load(zoneName), zoneName: zoneName
        ).lines
    }

    private static func document(
        _ evidence: RequestEvidence, _ request: ServiceRequest, _ updates: [RequestUpdate], _ opinion: SecondOpinion?
    ) -> String {
        var document = GeoReportDocument.evidence(evidence, of: request, updates: updates)
        if let opinion, case .fields(let fields) = document.content {
            document.content = .fields(fields + [GeoReportDocument.Field("today", today(opinion))])
        }
        return String(decoding: document.encoded(as: .json), as: UTF8.self)
    }

    private static func today(_ opinion: SecondOpinion) -> GeoReportDocument.Node {
        .fields([
            .init("decides", .text(opinion.code)), .init("text", .text(opinion.sentence)),
            .init("opened_at", .time(ifAny: opinion.openedAtMs)),
            .init("rule", .text(ifAny: opinion.rule?.name)),
            .init("parameters_hash", .text(opinion.signature.hash)),
            .init("readings", .integer(Int64(opinion.readings))),
            .init("steps", .list(of: "step", opinion.steps.map(step))),
        ])
    }

    private static func step(_ step: SecondOpinion.Step) -> GeoReportDocument.Node {
        .fields([
            .init("event", .text(step.event.name)), .init("then", .time(ifAny: step.thenMs)),
            .init("now", .time(ifAny: step.nowMs)),
        ])
    }
}
