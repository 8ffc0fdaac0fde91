internal import Foundation

// The local socket's protocol: one line of JSON each way, and then the end.
//
//     → {"command":"keys.add","data":"/var/lib/sluice","body":{…}}
//     ← {"progress":{"done":4096,"total":100000}}        as often as there is something to tell
//     ← {"result":{…}}                                   or {"error":{"code":"name_taken","message":"…"}}
//
// `data` is the directory that is meant: a daemon that holds another one refuses.

/// The head of a question.
struct LocalQuestion: Decodable {
    var command: String
    var data: String
}

/// A question with its body, as it is sent.
struct LocalQuestionWithBody<Body: Encodable>: Encodable {
    var command: String
    var data: String
    var body: Body
}

/// The body of a question, as it is read once the command is known.
struct LocalBody<Body: Decodable>: Decodable {
    var body: Body
}

/// What stands in one line of an answer: one of the three.
struct LocalAnswer<Result: Codable>: Codable {
    var progress: LocalProgress?
    var result: Result?
    var error: LocalError?
}

struct LocalProgress: Codable, Sendable {
    var done: Int
    var total: Int
}

/// Why a command was not done.
struct LocalError: Error, Codable, Equatable, Sendable, CustomStringConvertible {
    /// Stable.
    var code: String
    /// A sentence for the person who typed the command.
    var message: String

    var description: String { message }

    init(code: String, _ message: String) { (self.code, self.message) = (code, message) }

    /// A name that nothing has: a typing mistake, most likely.
    static func unknown(_ what: String, _ name: String, among known: [String]) -> LocalError {
        let verb = known.count == 1 ? "is" : "are"
        let there = known.isEmpty ? "is none" : "\(verb) \(known.joined(separator: ", "))"
        return LocalError(code: "unknown_name", "there is no \(what) \(name); there \(there)")
    }
}

/// For commands that have nothing to say.
struct LocalNothing: Codable, Sendable {}

enum LocalCoding {
    /// A line longer than this is no question: room for an import of 500,000 assets.
    static let longestLine = 64 << 20

    static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data([0x0A])
    }

    static func read<Value: Decodable>(_ type: Value.Type, from line: Data) throws -> Value {
        try JSONDecoder().decode(type, from: line)
    }
}
