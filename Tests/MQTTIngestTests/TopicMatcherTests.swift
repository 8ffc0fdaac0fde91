import MQTTIngest
import Testing

@Suite struct TopicMatcherTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var filter: String
        var topic: String
        var matches: Bool
        var testDescription: String { "\(filter) \(matches ? "matches" : "does not match") \(topic)" }
    }

    @Test(arguments: [
        Case(filter: "a/b", topic: "a/b", matches: true),
        Case(filter: "a/b", topic: "a/bc", matches: false),
        Case(filter: "a/b", topic: "a", matches: false),
        Case(filter: "a/+", topic: "a/b", matches: true),
        Case(filter: "a/+", topic: "a/", matches: true),
        Case(filter: "a/+", topic: "a", matches: false),
        Case(filter: "a/+", topic: "a/b/c", matches: false),
        Case(filter: "+/b/+", topic: "a/b/c", matches: true),
        Case(filter: "+/+", topic: "/x", matches: true),
        Case(filter: "a/#", topic: "a", matches: true),
        Case(filter: "a/#", topic: "a/b/c", matches: true),
        Case(filter: "a/#", topic: "ab", matches: false),
        Case(filter: "#", topic: "a", matches: true),
        Case(filter: "#", topic: "$SYS/x", matches: false),
        Case(filter: "+/x", topic: "$SYS/x", matches: false),
        Case(filter: "$SYS/x", topic: "$SYS/x", matches: true),
    ])
    func oneFilter(_ c: Case) {
        #expect(matches([c.filter], c.topic) == c.matches)
    }

    @Test func anyOfSeveral() {
        #expect(matches(["a/b", "c/#"], "c/d"))
        #expect(!matches(["a/b", "c/#"], "d"))
    }

    private func matches(_ filters: [String], _ topic: String) -> Bool {
        TopicMatcher(filters).matches(Array(topic.utf8).span)
    }
}
