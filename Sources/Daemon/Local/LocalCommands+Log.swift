internal import Telemetry

extension LocalCommands {
    /// A page of events, or that none are kept.
    struct LogAnswer: Codable, Sendable {
        var page: EventTapeReader.Page?
    }

    mutating func addLog(_ log: any LogSource) {
        register("log.read", needs: .observe) { call in
            do {
                return LogAnswer(page: try await log.page(try call.body(LogQuestion.self)))
            } catch let error as LogExpressionError {
                throw LocalError(code: "bad_expression", error.description)
            }
        }
    }
}
