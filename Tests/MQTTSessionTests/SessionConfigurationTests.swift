import MQTTSession
import Testing

@Suite struct SessionConfigurationTests {
    @Test func defaultsWork() { #expect(SessionConfiguration().problems() == []) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var key: String
        var change: @Sendable (inout SessionConfiguration) -> Void
    }

    @Test(arguments: [
        Case(testDescription: "no host", key: "mqtt.host", change: { $0.host = "" }),
        Case(testDescription: "port 0", key: "mqtt.port", change: { $0.port = 0 }),
        Case(testDescription: "port beyond 16 bits", key: "mqtt.port", change: { $0.port = 70_000 }),
        Case(testDescription: "no client id", key: "mqtt.client_id", change: { $0.clientID = "" }),
        Case(
            testDescription: "keepalive below the library's least", key: "mqtt.keepalive", change: { $0.keepaliveS = 4 }
        ),
        Case(testDescription: "window of 0", key: "mqtt.receive_maximum", change: { $0.receiveMaximum = 0 }),
        Case(testDescription: "tiny packets", key: "mqtt.max_packet_size", change: { $0.maxPacketBytes = 10 }),
        Case(testDescription: "password without user", key: "mqtt.username", change: { $0.password = "x" }),
        Case(testDescription: "+ inside a level", key: "mqtt.topics", change: { $0.topicFilters = ["a/b+/c"] }),
        Case(testDescription: "# before the end", key: "mqtt.topics", change: { $0.topicFilters = ["a/#/c"] }),
        Case(testDescription: "empty filter", key: "mqtt.topics", change: { $0.topicFilters = [""] }),
        Case(
            testDescription: "will on a filter", key: "mqtt.will.topic",
            change: { $0.will = .init(topic: "a/+", payload: "gone") }),
        Case(
            testDescription: "authority that isn't there", key: "mqtt.tls.ca",
            change: { $0.tls = TLSConfiguration(caFile: "/no/such/file.pem") }),
    ])
    func problemsNameTheirKey(_ c: Case) {
        var configuration = SessionConfiguration()
        c.change(&configuration)
        let problems = configuration.problems()
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("\(c.key): ") == true, "\(problems)")
    }

    @Test func allProblemsAtOnce() {
        var configuration = SessionConfiguration()
        configuration.host = ""
        configuration.port = -1
        configuration.topicFilters = ["a/#", "+/b", "sluice/+/+", "#"]
        #expect(
            configuration.problems(at: "mqtt[1]").map { $0.prefix(while: { $0 != ":" }) } == [
                "mqtt[1].host", "mqtt[1].port",
            ])
    }
}
