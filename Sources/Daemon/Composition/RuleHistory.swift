internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline

/// Which rules held where in the stored stream, so that a start meets each stretch by its own.
///
/// Services and clocks are those of today throughout: they say what things are called, and are not part of a rule set. So is the
/// registry, which is asked about sensors that have not been met yet; what those are that have, the store knows for each place.
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
        return settings.judging(as: configuration)
    }

    /// Whether what held last is what holds today.
    var isUpToDate: Bool {
        guard let last = logged.last, let configuration = read(last.rules) else { return false }
        return configuration.judges(like: today)
    }

    private func read(_ rules: RuleText) -> Configuration? {
        // Files that it names need not be there any more; none of them is opened.
        try? Configuration.parse(
            rules.text, source: "the log's rules", environment: rules.variables, files: .none
        ).configuration
    }
}

extension PipelineConfiguration {
    /// The same world under the rules of another configuration.
    func judging(as configuration: Configuration) -> PipelineConfiguration {
        var settings = self
        settings.takeRules(of: configuration)
        return settings
    }
}
