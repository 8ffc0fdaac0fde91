/// What a topic filter may look like (MQTT 5 §4.7).
public enum TopicFilter {
    /// What is wrong with `filter`, to be read after it, or nil.
    public static func problem(with filter: String) -> String? {
        if filter.isEmpty { return "is empty" }
        if filter.utf8.count > 65_535 { return "is longer than 65535 bytes" }
        if filter.utf8.contains(0) { return "contains a null character" }
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        for (place, level) in levels.enumerated() {
            if level.contains("+"), level != "+" { return "has a + that is not a level of its own" }
            if level.contains("#"), level != "#" || place != levels.count - 1 {
                return "has a # that is not its last level"
            }
        }
        return nil
    }

    /// Whether every topic that `other` matches is matched by `filter` too. Shared subscriptions stand for themselves.
    public static func covers(_ filter: String, _ other: String) -> Bool {
        if filter == other { return true }
        if filter.hasPrefix("$") || other.hasPrefix("$") { return false }
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        let others = other.split(separator: "/", omittingEmptySubsequences: false)
        for (place, level) in levels.enumerated() {
            if level == "#" { return true }  // also of nothing: "a/#" matches "a"
            guard place < others.count, others[place] != "#" else { return false }
            guard level == "+" || level == others[place] else { return false }
        }
        return levels.count == others.count
    }

    /// The filters without those that another one covers: brokers deliver a message once for each filter that matches.
    public static func reduced(_ filters: [String]) -> [String] {
        var kept: [String] = []
        for filter in filters where !kept.contains(where: { covers($0, filter) }) {
            kept.removeAll { covers(filter, $0) }
            kept.append(filter)
        }
        return kept
    }
}
