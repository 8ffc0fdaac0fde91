internal import Detection
internal import Incidents

extension RulePolicies {
    /// Keys `rules.NAME.…`, where NAME is a rule's name.
    static let keys: [Key<Self>] = Rule.allCases.map { rule in .group(rule.name, \.[rule], Policy.keys(of: rule)) }
}

extension RulePolicies.Policy {
    /// Keys below `rules.NAME`. All durations are in event time.
    fileprivate static func keys(of rule: Rule) -> [Key<Self>] {
        let conditions: [Key<Self>] = [
            .scalar("pending", \.lifecycle.pendingMs, upToAMonth),
            .scalar("clear", \.lifecycle.clearMs, upToAMonth),
            .scalar("least_score", \.leastScore, .number(0...1_000_000)),
        ]
        return [.scalar("enabled", \.isEnabled, .flag), .scalar("severity", \.severity, .integer(1...4))]
            // The allowances under `detection.silence` are what a silence waits for.
            + (rule.tellsChangesOnly ? [] : conditions)
            + [.scalar("hold_off", \.lifecycle.holdOffMs, upToAMonth)]
    }

    private static let upToAMonth = Syntax<Int64>.milliseconds(.seconds(0) ... .seconds(31 * 86_400))
}
