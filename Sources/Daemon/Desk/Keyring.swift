internal import HTTPAPI
package import IssueStorage
package import Open311
internal import Synchronization

/// The keys that hold, in memory, and what stands between them and those who try others.
///
/// The store thread is the only writer of keys, and every change comes by the local socket: so memory is never behind.
package final class Keyring: Sendable {
    /// A public key is everybody's: all together may use it so many times as often as one address.
    private static let publicShares = 20

    /// One who uses a key; for a public key, from where.
    private struct Asker: Hashable, Sendable {
        var key: Int64
        var address: CallerAddress?
    }

    /// A key and its SHA-256.
    package typealias Entry = (key: APIKey, hash: [UInt8])

    private struct State {
        var entries: [Entry] = []
        var lockOut = LockOut()
        var rates = RateLimiter<Asker>()
        /// Who has used which key rightly: a stranger behind the same proxy doesn't lock them out.
        var trusted: Set<Asker> = []
        /// Uses that are not stored yet: milliseconds since the Unix epoch by key.
        var uses: [Int64: Int64] = [:]
    }

    private static let mostTrusted = 10_000

    private let state = Mutex(State())

    package init() {}

    /// From now on these keys hold, and no others.
    package func replace(_ entries: [Entry]) {
        state.withLock { state in
            state.entries = entries.filter { !$0.key.isRevoked }
            let ids = Set(state.entries.map(\.key.id))
            state.trusted = state.trusted.filter { ids.contains($0.key) }
        }
    }

    package var isEmpty: Bool { state.withLock { $0.entries.isEmpty } }

    /// Whether a key of this text holds and may report.
    package func isPublicKey(_ text: String) -> Bool {
        guard let hash = KeySecret(text)?.hash else { return false }
        return state.withLock { state in Self.find(hash, in: state.entries)?.roles.contains(.report) ?? false }
    }

    /// Recognises a key that was sent.
    ///
    /// - Parameters:
    ///   - wallMs: when, in milliseconds since the Unix epoch.
    ///   - monotonicMs: when, by a clock that never goes back.
    package func access(
        _ sent: String, needing role: AccessRole, from address: String, wallMs: Int64, monotonicMs: Int64
    ) throws(GeoReportError) -> Access {
        let caller = CallerAddress(address)
        // Hashed whether it looks like a key or not, and outside the lock.
        let hash = KeySecret(sent)?.hash
        let outcome: Result<Access, GeoReportError> = state.withLock { state in
            let key = hash.flatMap { Self.find($0, in: state.entries) }
            let pair = key.map { Asker(key: $0.id, address: caller) }
            if let wait = state.lockOut.wait(caller.text, atMs: monotonicMs),
                !(pair.map(state.trusted.contains) ?? false)
            {
                return .failure(Self.later("Too many wrong keys came from your address.", afterMs: wait))
            }
            guard let key, let pair else {
                state.lockOut.noteWrong(caller.text, atMs: monotonicMs)
                return .failure(GeoReportError(code: 403, "api_key: is not known here, or has been revoked."))
            }
            guard key.roles.contains(role) else {
                return .failure(GeoReportError(code: 403, "api_key: this key does not have the role \(role.rawValue)."))
            }
            if let wait = Self.take(key, pair, atMs: monotonicMs, from: &state.rates) {
                return .failure(Self.later("This key is used more often than it may.", afterMs: wait))
            }
            if state.trusted.count >= Self.mostTrusted { state.trusted.removeAll() }
            state.trusted.insert(pair)
            state.uses[key.id] = wallMs
            return .success(Access(key: key.id, name: key.name, roles: key.roles))
        }
        return try outcome.get()
    }

    /// Uses since the last time this was asked: milliseconds since the Unix epoch by key.
    package func takeUses() -> [Int64: Int64] {
        state.withLock { state in
            defer { state.uses = [:] }
            return state.uses
        }
    }

    /// All are compared, each in a time that doesn't depend on where they differ: there are few.
    private static func find(_ hash: [UInt8], in entries: [Entry]) -> APIKey? {
        var found: APIKey?
        for entry in entries where isSameHash(entry.hash, hash) { found = entry.key }
        return found
    }

    private static func take(
        _ key: APIKey, _ pair: Asker, atMs nowMs: Int64, from rates: inout RateLimiter<Asker>
    ) -> Int64? {
        let whole = Asker(key: key.id, address: nil)
        guard key.isPublic else { return rates.take(whole, perMinute: key.ratePerMinute, atMs: nowMs) }
        return rates.take(pair, perMinute: key.ratePerMinute, atMs: nowMs)
            ?? rates.take(whole, perMinute: key.ratePerMinute * publicShares, atMs: nowMs)
    }

    private static func later(_ reason: String, afterMs: Int64) -> GeoReportError {
        let seconds = max(1, (afterMs + 999) / 1000)
        return GeoReportError(
            code: 429, "\(reason) Try again in \(seconds) s.", retryAfterS: Int(clamping: seconds))
    }
}
