import Foundation
import Hummingbird
import Logging
import Open311
import Telemetry

/// The events of the daemon, page by page, for who follows them.
struct LogEndpoint: Sendable {
    let site: SiteParts
    let log: any LogSource

    /// `GET /api/log`. Not for everyone: events name sensors and addresses.
    func answer(_ call: Call) async throws -> Response {
        guard await site.isConfidant(call) else {
            throw GeoReportError(
                code: 403,
                "Events can be followed from the machine that Sluice runs on, or with a key that may administer.")
        }
        let question = try Self.question(call.query)
        let page: EventTapeReader.Page?
        do {
            page = try await log.page(question)
        } catch let error as LogExpressionError {
            throw GeoReportError(code: 400, "where: \(error)")
        }
        guard let page else { throw GeoReportError(code: 404, "No events are kept: log.history is 0.") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .text(
            String(decoding: try encoder.encode(page), as: UTF8.self), contentType: "application/json; charset=utf-8")
    }

    static func question(_ query: QueryString) throws -> LogQuestion {
        var question = LogQuestion()
        for (name, value) in query.parameters {
            switch name {
            case "position":
                guard let position = EventTapeReader.Position(value) else {
                    throw GeoReportError(code: 400, "position must be one that an earlier answer gave.")
                }
                question.position = position
            case "since_ms": question.sinceMs = try number(name, value)
            case "wait_ms": question.waitMs = try number(name, value)
            case "limit": question.limit = Int(try number(name, value))
            case "service": question.filter.services.append(value)
            case "ward": question.filter.wards.append(value)
            case "sensor": question.filter.sensors.append(value)
            case "where": question.filter.expression = value
            case "level":
                guard let level = Logger.Level(rawValue: value) else {
                    let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                    throw GeoReportError(code: 400, "level must be one of \(levels).")
                }
                question.filter.level = level
            default: break
            }
        }
        return question
    }

    private static func number(_ name: String, _ value: String) throws -> Int64 {
        guard let number = Int64(value), (0...1_000_000_000_000).contains(number) else {
            throw GeoReportError(code: 400, "\(name) must be a whole number that is not negative.")
        }
        return number
    }
}
