import MQTTIngest
import MQTTSession
import Testing

@Suite struct IngestConfigurationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var key: String?
        var change: @Sendable (inout IngestConfiguration) -> Void
    }

    @Test(arguments: [
        Case(testDescription: "a journal", key: nil, change: { $0.journal = "/var/lib/mosquitto/journal" }),
        Case(testDescription: "a relative journal", key: "mqtt.journal", change: { $0.journal = "journal" }),
        Case(
            testDescription: "a journal and a shared subscription", key: "mqtt.topics",
            change: {
                $0.journal = "/j"
                $0.session.topicFilters = ["$share/group/a/#"]
            }),
        Case(
            testDescription: "a journal and a client id that is too long for a file", key: "mqtt.client_id",
            change: {
                $0.journal = "/j"
                $0.session.clientID = String(repeating: "x", count: 65)
            }),
        Case(testDescription: "no time to stop", key: "mqtt.stop_grace", change: { $0.stopGrace = .zero }),
    ])
    func problemsNameTheirKey(_ c: Case) {
        var configuration = IngestConfiguration(session: SessionConfiguration())
        c.change(&configuration)
        #expect(configuration.problems().map { $0.prefix(while: { $0 != ":" }) } == [c.key].compactMap { $0?[...] })
    }
}
