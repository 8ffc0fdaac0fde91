internal import Detection
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline
internal import Settings

/// Which rules held where in the stored stream, so that a start meets each stretch by its own, with the services and the clock
/// that went with them. What changed while nobody ran holds behind the log, as it would after a stop in order.
///
/// The registry is today's throughout: it is asked about sensors that have not been met yet; what those are that have, the store
/// knows for each place. So are the system's tables of the zones that the log names.
struct RuleHistory {
    private let logged: [LoggedRules]
    private let today: Configuration
    private let settings: PipelineConfiguration
    private let logger: Logger

    /// - Parameters:
    ///   - logged: what the log has, oldest first.
    ///   - settings: `today` as the pipeline takes it.
    init(_ logged: [LoggedRules], today: Configuration, settings: PipelineConfiguration, logger: Logger) {
        (self.logged, self.today, self.settings, self.logger) = (logged, today, settings, logger)
    }

    /// What held behind a place of the stream. Before the oldest that is known, that one; today's, when none is.
    func settings(behind sequence: Int64) -> PipelineConfiguration {
        guard let set = logged.last(where: { $0.sequence <= sequence }) ?? logged.first else { return settings }
        return settings(of: set.rules)
    }

    /// The rules as the pipeline takes them; today's, when a newer program does not know what they say.
    func settings(of rules: RuleText) -> PipelineConfiguration {
        guard let configuration = read(rules) else {
            logger.warning(
                "rules.unreadable",
                metadata: ["rules": "\(rules.hash)", "effect": "what they judged is met again by today's rules"])
            return settings
        }
        return settings.judging(as: configuration, zone: zone(of: configuration, rules))
    }

    /// The clock that texts and most sensors followed; today's, when the system knows it no more.
    private func zone(of configuration: Configuration, _ rules: RuleText) -> ZoneTable {
        guard let name = configuration.time.zone, name != today.time.zone else { return settings.zone }
        do {
            return try ZoneFiles.load(name)
        } catch {
            logger.warning(
                "rules.unreadable",
                metadata: [
                    "rules": "\(rules.hash)", "effect": "\(error); what followed it is met again by today's clock",
                ])
            return settings.zone
        }
    }

    /// Whether what held last is what holds today.
    var isUpToDate: Bool {
        guard let last = logged.last, let configuration = read(last.rules) else { return false }
        return configuration.judges(like: today)
    }

    private func read(_ rules: RuleText) -> Configuration? { try? Configuration(rules) }
}

extension PipelineConfiguration {
    /// The same world under the rules of another configuration.
    func judging(as configuration: Configuration, zone: ZoneTable) -> PipelineConfiguration {
        var settings = self
        settings.takeRules(of: configuration)
        settings.zone = zone
        return settings
    }
}
