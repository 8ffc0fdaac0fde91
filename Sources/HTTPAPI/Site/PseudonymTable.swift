import Synchronization

/// Which sensor stands behind a pseudonym: what pages were shown leads back to the sensor, and to nobody's eyes.
final class PseudonymTable: Sendable {
    private let known = Mutex<(ids: [String: String], madeAt: ContinuousClock.Instant?)>(([:], nil))
    /// An id that nobody knows must not have all sensors read again at every call.
    private static let lifetime = Duration.seconds(30)

    /// The stored id behind `shown`, or nil when that is no pseudonym.
    ///
    /// - Parameter read: all pseudonyms with their ids; called at most every half a minute.
    func id(
        behind shown: String, _ read: () async throws -> [(shown: String, stored: String)]
    ) async rethrows -> String? {
        let (found, isFresh) = known.withLock { known in
            (known.ids[shown], known.madeAt.map { .now - $0 < Self.lifetime } ?? false)
        }
        if found != nil || isFresh || !shown.hasPrefix("anon-") { return found }
        let pairs = try await read()
        return known.withLock { known in
            known = (Dictionary(pairs.map { ($0.shown, $0.stored) }, uniquingKeysWith: { first, _ in first }), .now)
            return known.ids[shown]
        }
    }
}
