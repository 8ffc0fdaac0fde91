internal import Telemetry

/// How the daemon does at one moment: what `sluice top` shows and `/api/top` answers.
struct OperationsFigures: Codable, Sendable {
    /// The daemon's time, in milliseconds since the Unix epoch.
    var atMs: Int64
    /// Milliseconds of a clock that never steps: two figures' difference is the time between them.
    var upMs: Int64
    var version: String
    var health: HealthReport
    var counts: Counts
    var latencies: [Latency]
    var brokers: [Broker]
    var store: Store
    /// By what they sent in the last minutes.
    var busiest: [Sensor]
    /// By how much of it was late, clamped or in conflict.
    var noisiest: [Sensor]
    var quarantine: [Reason]

    /// Since the start.
    struct Counts: Codable, Sendable {
        var messages = 0
        var readings = 0
        var late = 0
        var duplicates = 0
        var clamped = 0
        var conflicts = 0
        var shed = 0
        var quarantined = 0
        var opened = 0
        var closed = 0
        var commits = 0
    }

    /// Of one stage, in milliseconds, within 1 %; nil before the first.
    struct Latency: Codable, Sendable {
        var stage: String
        var p50: Double?
        var p99: Double?
        var p999: Double?
    }

    struct Broker: Codable, Sendable {
        var name: String
        /// connecting, connected, refused, backoff or stopped.
        var phase: String
        var isCaughtUp: Bool
        /// For how long the oldest message has waited for its commit; 0 when none waits.
        var lagMs: Int64
        /// Of the ring to the pipeline, 0 to 1, at the last batch's end.
        var ringFill: Double
        var messages: Int
    }

    struct Store: Codable, Sendable {
        /// writable, stalled, full, read_only or damaged.
        var state: String
        var databaseBytes: Int
        var walBytes: Int
        var lastCommitMs: Double?
    }

    struct Sensor: Codable, Sendable {
        var id: String
        var kind: String
        var ward: String?
        var readings: Int
        var odd: Int
    }

    struct Reason: Codable, Sendable {
        var reason: String
        var count: Int
    }
}
