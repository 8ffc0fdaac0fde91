/// Whether a topic is among those that we subscribed to: for messages that no broker sorted out for us.
package struct TopicMatcher: Sendable {
    private let filters: [[UInt8]]

    /// - Parameter filters: sound topic filters, none of them shared.
    package init(_ filters: [String]) { self.filters = filters.map { Array($0.utf8) } }

    /// - Complexity: O(filters · topic). Allocates nothing.
    package func matches(_ topic: Span<UInt8>) -> Bool {
        for filter in filters where Self.matches(filter.span, topic) { return true }
        return false
    }

    /// MQTT 5 §4.7.
    private static func matches(_ filter: Span<UInt8>, _ topic: Span<UInt8>) -> Bool {
        let (slash, plus, hash) = (UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "#"))
        if !topic.isEmpty, topic[0] == UInt8(ascii: "$"), filter[0] != topic[0] { return false }
        var (at, position) = (0, 0)
        while at < filter.count {
            if filter[at] == hash { return true }
            if filter[at] == plus {
                while position < topic.count, topic[position] != slash { position += 1 }
            } else if position < topic.count, topic[position] == filter[at] {
                position += 1
            } else {
                // "a/#" also matches "a".
                return position == topic.count && filter[at] == slash && at + 2 == filter.count
                    && filter[at + 1] == hash
            }
            at += 1
        }
        return position == topic.count
    }
}
