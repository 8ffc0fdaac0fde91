internal import Detection
internal import Incidents
internal import Pipeline

// What a running daemon takes of a changed file, and what has to wait for its next start.
extension Configuration {
    /// Keys, or groups of keys, that a reload applies.
    private static let liveKeys = [
        "routes", "sensors", "rules", "detection", "overrides", "routing", "goals", "log.level", "time.dedup_horizon",
        "time.clock_ahead_max",
        "data.snapshot_interval",
    ]

    /// Whether a reload applies the key.
    package static func isLive(_ key: String) -> Bool {
        liveKeys.contains { key == $0 || key.hasPrefix($0 + ".") || key.hasPrefix($0 + "[") }
    }

    /// This configuration with everything that a reload applies from another one.
    package func taking(live other: Configuration) -> Configuration {
        var next = self
        (next.routes, next.sensors) = (other.routes, other.sensors)
        (next.rules, next.detection, next.routing) = (other.rules, other.detection, other.routing)
        next.overrides = other.overrides
        (next.time.dedupHorizon, next.time.clockAheadMax) = (other.time.dedupHorizon, other.time.clockAheadMax)
        next.storage.snapshotInterval = other.storage.snapshotInterval
        next.goals = other.goals
        next.log.level = other.log.level
        return next
    }

    /// Whether the pipeline would judge the same stream in the same way by both, the registry aside.
    func judges(like other: Configuration) -> Bool {
        rules == other.rules && detection == other.detection && overrides == other.overrides
            && routing == other.routing
            && sensors.mode == other.sensors.mode && sensors.max == other.sensors.max
            && sensors.rate == other.sensors.rate && sensors.burst == other.sensors.burst
            && time.dedupHorizon == other.time.dedupHorizon && time.clockAheadMax == other.time.clockAheadMax
    }
}

extension Configuration.Loaded {
    /// The rules as the stream's log keeps them.
    var ruleSet: RuleText {
        let signatures = RuleSignatures(detection: configuration.detection, policies: configuration.rules)
        return RuleText(hash: signatures.hash, text: text, variables: variables)
    }

    /// What has changed and can't be applied while the daemon runs: `mqtt.host: localhost → broker.example.org`.
    package func waitingForRestart(in next: Configuration.Loaded) -> [(key: String, old: String, new: String)] {
        func values(_ settings: [Setting]) -> [String: String] {
            Dictionary(settings.map { ($0.key, $0.value ?? "none") }, uniquingKeysWith: { first, _ in first })
        }
        let (old, new) = (values(settings), values(next.settings))
        return Set(old.keys).union(new.keys).sorted().compactMap { key in
            let (before, after) = (old[key] ?? "none", new[key] ?? "none")
            return Configuration.isLive(key) || before == after ? nil : (key, before, after)
        }
    }
}
