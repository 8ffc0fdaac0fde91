internal import AsyncHTTPClient
internal import Forwarding
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Telemetry

/// Why nothing can be followed at the moment, though perhaps later.
package struct TailInterruption: Error, CustomStringConvertible {
    package var description: String
    /// For who waits until it is over.
    var brief: String
    /// What it means to who does not wait.
    var exit: SluiceExit

    package init(description: String, brief: String? = nil, exit: SluiceExit = .noInput) {
        (self.description, self.brief, self.exit) = (description, brief ?? description, exit)
    }
}

/// The daemon of a data directory on this machine; while none runs, the files that it left.
struct LocalTail: LogSource {
    let client: LocalClient

    func page(_ question: LogQuestion) async throws -> EventTapeReader.Page? {
        do {
            if let answer = try await client.askDaemon("log.read", question, for: LocalCommands.LogAnswer.self) {
                return answer.page
            }
        } catch let error as LocalError where error.code == "hung_up" {
            throw TailInterruption(description: "the daemon has ended")
        } catch let error as LocalError where error.code == "unreachable" {
            throw TailInterruption(
                description: error.message, brief: "the daemon does not answer at its socket", exit: .dataLocked)
        }
        return try await EventLog(directory: client.socket.directory, tape: nil, clock: .system).page(question)
    }
}

/// A daemon somewhere, over HTTP.
struct HTTPTail: LogSource {
    /// `http://host:port`.
    let address: String
    /// A key that may administer; on the daemon's own machine none is needed.
    let key: String?

    /// Says at once that nobody answers, where the shared one would try again for as long as an answer may take. Lives as long as
    /// the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    func page(_ question: LogQuestion) async throws -> EventTapeReader.Page? {
        var request = HTTPClientRequest(url: "\(address)/api/log?\(Self.query(question))")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await Self.client.execute(
                request, timeout: .milliseconds(question.waitMs + 30_000))
            body = try await response.body.collect(upTo: 64 << 20)
        } catch {
            let reason = ConnectionTrouble.words(of: error)
            throw TailInterruption(
                description: "\(address) does not answer: \(reason); is a daemon running there?",
                brief: "\(address) does not answer", exit: .noBroker)
        }
        switch response.status {
        case .ok: return try JSONDecoder().decode(EventTapeReader.Page.self, from: Data(body.readableBytesView))
        case .notFound: return nil
        case .badRequest, .forbidden, .unauthorized:
            throw Failure("\(address): \(Self.sentence(body) ?? "\(response.status)")", .badInput)
        default: throw TailInterruption(description: "\(address) answers \(response.status)")
        }
    }

    static func query(_ question: LogQuestion) -> String {
        var items: [(String, String)] = [("limit", "\(question.limit)"), ("wait_ms", "\(question.waitMs)")]
        if let position = question.position { items.append(("position", position.description)) }
        if let since = question.sinceMs { items.append(("since_ms", "\(since)")) }
        for (name, values) in [
            ("service", question.filter.services), ("ward", question.filter.wards), ("sensor", question.filter.sensors),
        ] {
            items += values.map { (name, $0) }
        }
        if let level = question.filter.level { items.append(("level", level.rawValue)) }
        if let expression = question.filter.expression { items.append(("where", expression)) }
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return items.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
        }.joined(separator: "&")
    }

    /// What the answer says is wrong.
    private static func sentence(_ body: ByteBuffer) -> String? {
        struct Problem: Decodable { var description: String }
        return try? JSONDecoder().decode([Problem].self, from: Data(body.readableBytesView)).first?.description
    }
}
