internal import Foundation
internal import IssueStorage

/// What can be asked over the local socket, by name; and what a command does itself where no daemon runs.
struct LocalCommands: Sendable {
    /// One question under way.
    struct Call: Sendable {
        fileprivate let line: Data
        /// Tells the asker how far it is.
        let report: @Sendable (LocalProgress) async -> Void

        init(line: Data, report: @escaping @Sendable (LocalProgress) async -> Void) {
            self.line = line
            self.report = report
        }

        func body<Body: Decodable>(_ type: Body.Type) throws -> Body {
            do {
                return try LocalCoding.read(LocalBody<Body>.self, from: line).body
            } catch {
                throw LocalError(code: "bad_body", "the command's body is not as it should be: \(error)")
            }
        }
    }

    private struct Command: Sendable {
        var right: LocalRight
        var answer: @Sendable (Call) async throws -> Data
    }

    private var commands: [String: Command] = [:]

    /// Adds a command.
    ///
    /// - Parameters:
    ///   - right: who may ask.
    ///   - answer: does it. What it throws is told as it describes itself.
    mutating func register<Result: Codable & Sendable>(
        _ name: String, needs right: LocalRight, _ answer: @escaping @Sendable (Call) async throws -> Result
    ) {
        precondition(commands[name] == nil, "two commands are called \(name)")
        commands[name] = Command(right: right) { call in
            try LocalCoding.line(LocalAnswer(result: try await answer(call)))
        }
    }

    /// Does what a line asks for, and returns the last line of the answer.
    ///
    /// - Parameter directory: the one that this daemon holds.
    func answer(
        _ line: Data, directory: String, right: LocalRight, report: @escaping @Sendable (LocalProgress) async -> Void
    ) async -> Data {
        do {
            guard let question = try? LocalCoding.read(LocalQuestion.self, from: line) else {
                throw LocalError(code: "bad_question", "a question is one line of JSON with command and data")
            }
            guard question.data == directory else {
                throw LocalError(code: "other_directory", "this daemon holds \(directory)")
            }
            guard let command = commands[question.command] else {
                throw LocalError(code: "unknown_command", "this version knows no command \(question.command)")
            }
            guard right >= command.right else {
                throw LocalError(
                    code: "not_permitted", "only the daemon's own user and root may do this; try with sudo")
            }
            return try await command.answer(Call(line: line, report: report))
        } catch {
            let answer = LocalAnswer<LocalNothing>(error: Self.told(error))
            return (try? LocalCoding.line(answer)) ?? Data("{}\n".utf8)
        }
    }

    private static func told(_ error: any Error) -> LocalError {
        switch error {
        case let error as LocalError: error
        case let error as KeyError: LocalError(code: error.code, error.description)
        case let error as StoreJobError: LocalError(code: error.code, error.description)
        case let error as StorageError: LocalError(code: error.code, error.description)
        default: LocalError(code: "failed", "\(error)")
        }
    }
}
