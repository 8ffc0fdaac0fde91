internal import Detection
package import Incidents
internal import Pipeline
internal import Readings

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
            && sensors.mode == other.sensors.mode && sensors.adopt == other.sensors.adopt
            && sensors.max == other.sensors.max
            && sensors.rate == other.sensors.rate && sensors.burst == other.sensors.burst
            && time.dedupHorizon == other.time.dedupHorizon && time.clockAheadMax == other.time.clockAheadMax
    }

    /// 16 hexadecimal digits over everything that ``judges(like:)`` compares: equal for equal judges, on every machine.
    fileprivate var ruleHash: String {
        // As Swift describes them: every stored value, in its order. None of them holds anything without an order.
        var lines = [
            RuleSignatures(detection: detection, policies: rules).hash, "\(routing)", sensors.mode.rawValue,
            "\(sensors.max) \(sensors.rate) \(sensors.burst)", "\(time.dedupHorizon) \(time.clockAheadMax)",
        ]
        if !sensors.adopt.isEmpty { lines.append("\(sensors.adopt)") }
        for override in overrides {
            let whom = [override.kinds?.map(\.name), override.zones, override.wards, override.sensors]
            lines.append("\(whom) \(RuleSignatures(override.settings).hash)")
        }
        return RuleSignature(version: 0, content: lines.joined(separator: "\n")).hash
    }

    /// This configuration under other rules. Of those nothing but the rules is taken, and no file that they name is opened.
    func judging(_ rules: RuleText) throws -> Configuration {
        let other = try Configuration.parse(
            rules.text, source: "the rules", environment: rules.variables, files: .none
        ).configuration
        var next = self
        (next.rules, next.detection, next.overrides) = (other.rules, other.detection, other.overrides)
        next.routing = other.routing
        return next
    }
}

extension Configuration.Loaded {
    /// The rules as the stream's log keeps them.
    package var ruleSet: RuleText {
        RuleText(hash: configuration.ruleHash, text: text, variables: variables)
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
