internal import Readings

/// Where the saving of the state stands.
///
/// A turn goes once through everything that is saved, in slices of a fraction of a millisecond each:
/// ```
/// shared ─▶ people's requests ─▶ lanes of groups 0, 1, 2 … ─▶ silence of gateways 0, 1, 2 …
/// ```
/// Between two slices the stream goes on. That is no harm, because what two slices hold does not depend on each other, or
/// only on what the first slice holds and the stream: so each is true at its own place, and replay shows it only what
/// comes after.
struct StateSaving: Sendable {
    /// Raised whenever a slice's outer form changes. A detector's own fields need no new version: what does not fit makes
    /// that sensor's detectors begin afresh.
    static let version: UInt64 = 3

    enum Family: UInt8, Sendable {
        /// Connections, numbering: what belongs to no sensor.
        case shared = 0
        /// Sensors' lanes and incidents, in groups that can share a request.
        case lanes = 1
        /// When sensors were heard, in groups that share a gateway.
        case silence = 2
        /// Requests that no sensor holds open. Before the lanes: what sensors meet takes some of them over, and is saved
        /// with those.
        case people = 3
    }

    /// A turn that has begun and not ended.
    struct Turn: Sendable {
        /// Named by the place in the stream where it begins: rising, whatever happens between.
        var name: Int64
        var number = 0
        var family = Family.shared
        /// The next sensor to be looked at.
        var cursor = 0
        /// The next of people's requests; nil when all have been.
        var nextRequest: Int64? = 0
    }

    var turn: Turn?
    /// When the last turn began, by the daemon's clock; nil before the first.
    var beganAtMs: Int64?
    /// Where it began, and whether it ended without the stream going on.
    var beganAt: Int64 = 0
    var isStill = true
    /// What it took.
    var bytes: Int64 = 0

    /// The longest time between two turns.
    static let longestIntervalMs: Int64 = 86_400_000
}
