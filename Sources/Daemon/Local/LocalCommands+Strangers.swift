internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Readings
internal import Settings

/// A sensor that speaks and is not let in: what its messages in the quarantine say of it, by today's routes.
struct Stranger: Codable, Sendable, Equatable {
    var id: String
    /// By name.
    var kind: String
    /// Why it is not let in: `unknown_sensor` or `too_many_sensors`.
    var reason: String
    var route: String
    /// Of its newest message.
    var topic: String
    var gateway: String?
    /// How many messages of it wait, and when the first and the last of them arrived, in milliseconds since the Unix epoch.
    var messages: Int
    var firstMs: Int64
    var lastMs: Int64
}

extension LocalCommands {
    struct StrangersFound: Codable, Sendable {
        var strangers: [Stranger]
        /// Messages of unknown sensors that today's routes can't read.
        var unreadable: Int
        /// Whether there are more messages than were looked at.
        var hasMore: Bool
    }

    /// The newest messages of each reason that are looked at.
    private static let mostLookedAt = 20_000

    mutating func addStrangers(
        _ reader: IssueReader, _ directory: String, _ configuration: @escaping @Sendable () throws -> Configuration
    ) {
        register("sensors.unknown", needs: .observe) { _ in
            let known = try await Self.knownIDs(reader, directory, try configuration())
            var entries: [QuarantineEntry] = []
            var hasMore = false
            for reason in [QuarantineReason.unknownSensor, .tooManySensors] {
                var selection = QuarantineSelection()
                selection.reason = reason.label
                let found = try await reader.quarantine(selection, limit: Self.mostLookedAt)
                hasMore = hasMore || found.count == Self.mostLookedAt
                entries += found
            }
            let (all, routes) = (entries, try configuration().routeTable)
            var found = try await offPool("sluice-unknown") { Self.strangers(all, routes, besides: known) }
            found.hasMore = hasMore
            return found
        }
    }

    private static func knownIDs(
        _ reader: IssueReader, _ directory: String, _ configuration: Configuration
    ) async throws -> Set<String> {
        let met = try await reader.sensors(limit: .max).map(\.id)
        let registered = try await offPool("sluice-registry") {
            try ImportedRegistry(directory: directory).sensors() + (configuration.sensors.file.map(Registry.load) ?? [])
        }
        return Set(met).union(registered.map(\.id))
    }

    /// In the order of their ids.
    private static func strangers(
        _ entries: [QuarantineEntry], _ routes: RouteTable, besides known: Set<String>
    ) -> StrangersFound {
        var decoder = MessageDecoder(routes: routes)
        var found: [String: Stranger] = [:]
        var unreadable = 0
        // The oldest first, so that the newest message has the last word.
        for entry in entries.sorted(by: { $0.id < $1.id }) {
            let message = entry.message
            let (topic, payload) = (message.topic, message.payload)
            do throws(DecodeError) {
                try decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: message.arrivedAtMs)
            } catch {
                unreadable += 1
                continue
            }
            let gateway = decoder.message.gateway
            for (index, mention) in decoder.message.sensors.enumerated() {
                let id = decoder.message.name(of: index)
                guard !known.contains(id) else { continue }
                let before = found[id]
                found[id] = Stranger(
                    id: id, kind: mention.kind.name, reason: message.reason.label,
                    route: decoder.route.map { routes.routes[$0].name } ?? "",
                    topic: String(decoding: topic, as: UTF8.self),
                    gateway: gateway.isEmpty ? before?.gateway : String(decoding: gateway, as: UTF8.self),
                    messages: (before?.messages ?? 0) + 1,
                    firstMs: min(before?.firstMs ?? .max, message.arrivedAtMs),
                    lastMs: max(before?.lastMs ?? .min, message.arrivedAtMs))
            }
        }
        return StrangersFound(
            strangers: found.values.sorted { $0.id < $1.id }, unreadable: unreadable, hasMore: false)
    }
}
