internal import Foundation
internal import MQTTSession
internal import Settings

/// Which topic filters this data directory's daemons have ever subscribed, by broker session.
///
/// A persistent session outlives the configuration: without this a changed route would leave its old filter behind, and
/// the broker would go on delivering for it. Kept in `subscriptions.json` beside the database.
struct SubscriptionMemory {
    private let path: String

    init(directory: String) { path = "\(directory)/subscriptions.json" }

    /// A broker knows a session by its client id.
    static func name(clientID: String, host: String, port: some BinaryInteger) -> String {
        "\(clientID)@\(host):\(port)"
    }

    /// Notes that `session` now subscribes `filters`, and returns all that it ever did.
    ///
    /// - Throws: ``Failure`` when it can't be written. A file that can't be read counts as empty.
    func remember(_ filters: [String], of session: String) throws -> [String] {
        var all =
            FileManager.default.contents(atPath: path)
            .flatMap { try? JSONDecoder().decode([String: [String]].self, from: $0) } ?? [:]
        let known = Set(all[session] ?? []).union(filters).sorted()
        guard known != all[session] else { return known }
        all[session] = known
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(all).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure("\(path): can't be written: \(error.localizedDescription)", .dataUnwritable)
        }
        return known
    }
}

extension SessionConfiguration {
    /// What its subscriptions are remembered under.
    var memoryName: String { SubscriptionMemory.name(clientID: clientID, host: host, port: port) }
}

extension Configuration.Broker {
    /// What its session's subscriptions are remembered under.
    var memoryName: String { SubscriptionMemory.name(clientID: clientID, host: host, port: port) }
}
