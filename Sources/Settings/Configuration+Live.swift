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
    package func judges(like other: Configuration) -> Bool {
        rules == other.rules && detection == other.detection && overrides == other.overrides
            && routing == other.routing
            && sensors.mode == other.sensors.mode && sensors.adopt == other.sensors.adopt
            && sensors.max == other.sensors.max
            && sensors.rate == other.sensors.rate && sensors.burst == other.sensors.burst
            && time.dedupHorizon == other.time.dedupHorizon && time.clockAheadMax == other.time.clockAheadMax
            && services == other.services && time.zone == other.time.zone
    }

    /// 16 hexadecimal digits over everything that ``judges(like:)`` compares: equal for equal judges, on every machine.
    fileprivate var ruleHash: String {
        // As Swift describes them: every stored value, in its order. None of them holds anything without an order.
        var lines = [
            RuleSignatures(detection: detection, policies: rules).hash, "\(routing)", sensors.mode.rawValue,
            "\(sensors.max) \(sensors.rate) \(sensors.burst)", "\(time.dedupHorizon) \(time.clockAheadMax)",
        ]
        if !sensors.adopt.isEmpty { lines.append("\(sensors.adopt)") }
        if !services.isEmpty { lines.append("\(services)") }
        if let zone = time.zone { lines.append(zone) }
        for override in overrides {
            let whom = [override.kinds?.map(\.name), override.zones, override.wards, override.sensors]
            lines.append("\(whom) \(RuleSignatures(override.settings).hash)")
        }
        return RuleSignature(version: 0, content: lines.joined(separator: "\n")).hash
    }

    /// The configuration that rules in the log were part of, as far as they decide.
    ///
    /// - Throws: ``ConfigurationProblems``, when this program does not know what they say.
    package init(_ rules: RuleText) throws(ConfigurationProblems) {
        func read(_ text: String, _ variables: [String: String]) throws(ConfigurationProblems) -> Configuration {
            // Files that it names need not be there any more; none of them is opened.
            try Configuration.parse(text, source: "the log's rules", environment: variables, files: .none).configuration
        }
        self = try read(rules.text, rules.variables)
        if let started = rules.started { services = try read(started.text, started.variables).services }
        time.zone = rules.zone ?? time.zone
    }

    /// This configuration under other rules. Of those nothing but the rules is taken, and no file that they name is opened.
    package func judging(_ rules: RuleText) throws -> Configuration {
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
    package var ruleSet: RuleText { ruleSet(of: self) }

    /// The rules of a file that has been read again, as the log keeps them: what no reload applies stays what the daemon was
    /// started with.
    ///
    /// - Parameter started: what it was started with.
    package func ruleSet(of started: Self) -> RuleText {
        let effective = started.configuration.taking(live: configuration)
        let isOlder = effective.services != configuration.services
        return RuleText(
            hash: effective.ruleHash, text: text, variables: variables, zone: effective.time.zone,
            started: isOlder ? .init(text: started.text, variables: started.variables) : nil)
    }

    /// With the system's time zone named where the file names none: a daemon keeps the zone that it begins with.
    package func naming(zone: @autoclosure () -> String) -> Self {
        var named = self
        named.configuration.time.zone = configuration.time.zone ?? zone()
        return named
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
