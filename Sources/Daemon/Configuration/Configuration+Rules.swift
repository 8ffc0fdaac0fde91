internal import Detection
internal import Incidents

extension RulePolicies {
    /// Keys `rules.NAME.…`, where NAME is a rule's name.
    static let keys: [Key<Self>] = Rule.allCases.map { rule in .group(rule.name, \.[rule], Policy.keys) }
}

extension RulePolicies.Policy {
    /// Keys below `rules.NAME`. All durations are in event time.
    fileprivate static let keys: [Key<Self>] = [
        .scalar("enabled", \.isEnabled, .flag),
        .scalar("severity", \.severity, .integer(1...4)),
        .scalar("pending", \.lifecycle.pendingMs, upToAMonth),
        .scalar("clear", \.lifecycle.clearMs, upToAMonth),
        .scalar("hold_off", \.lifecycle.holdOffMs, upToAMonth),
    ]

    private static let upToAMonth = Syntax<Int64>.milliseconds(.seconds(0) ... .seconds(31 * 86_400))
}
