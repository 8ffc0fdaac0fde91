import MQTTSession
import Testing

@Suite struct TopicFilterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var filter: String
        var other: String
        var covers: Bool
        var testDescription: String { "\(filter) \(covers ? "covers" : "does not cover") \(other)" }
    }

    @Test(arguments: [
        Case(filter: "a/b", other: "a/b", covers: true),
        Case(filter: "a/+", other: "a/b", covers: true),
        Case(filter: "a/b", other: "a/+", covers: false),
        Case(filter: "#", other: "a/+/c", covers: true),
        Case(filter: "a/#", other: "a", covers: true),
        Case(filter: "a/#", other: "a/#", covers: true),
        Case(filter: "a/+", other: "a/#", covers: false),
        Case(filter: "a/+", other: "a/b/c", covers: false),
        Case(filter: "+/+", other: "a", covers: false),
        Case(filter: "#", other: "$SYS/x", covers: false),
        Case(filter: "a/#", other: "$share/group/a/b", covers: false),
    ])
    func covering(_ c: Case) { #expect(TopicFilter.covers(c.filter, c.other) == c.covers) }

    @Test func reducedKeepsTheWidestInOrder() {
        #expect(TopicFilter.reduced(["a/b", "c/+", "a/#", "c/d", "e"]) == ["c/+", "a/#", "e"])
    }
}
