import Daemon
import Forwarding
import IssueStorage
import Open311
import Settings
import Testing

@Suite struct ForwardingConfigurationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Below `forwarding`, `destinations`, one item: each line a key.
        var item: String
        var line: String
    }

    private static func yaml(_ items: String...) -> String {
        "forwarding:\n  destinations:\n"
            + items.map { "    - " + $0.replacing("\n", with: "\n      ") + "\n" }.joined()
    }

    private func problems(_ yaml: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try Configuration.parse(yaml, source: "s.yaml", environment: environment, files: .none)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: [
        Case(
            testDescription: "no name", item: "kind: mqtt\nbroker: {}",
            line: "name: is missing; what is queued for a destination is kept under its name"),
        Case(
            testDescription: "no kind", item: "name: a\nurl: https://x\nsecret_env: S",
            line: "kind: is missing; one of mqtt, webhook, georeport, stewards"),
        Case(
            testDescription: "a kind that is none", item: "name: a\nkind: ftp\nurl: https://x\nsecret_env: S",
            line: "kind: must be mqtt, webhook, georeport or stewards, found ftp"),
        Case(testDescription: "no address", item: "name: a\nkind: webhook\nsecret_env: S", line: "url: is missing"),
        Case(
            testDescription: "no secret", item: "name: a\nkind: webhook\nurl: https://x",
            line: "secret_file: is missing (or secret_env): receivers know by the signature who calls them"),
        Case(
            testDescription: "a secret in the file",
            item: "name: a\nkind: webhook\nurl: https://x\nsecret_env: S\nsecret: hunter2",
            line:
                "secret: a secret may not stand in the file; write it to a file that only the daemon can read and name"
                + " that in secret_file, or set secret_env to the name of a variable that holds it"),
        Case(
            testDescription: "unencrypted", item: "name: a\nkind: webhook\nurl: http://example.org\nsecret_env: S",
            line: "url: must be https://, or on this machine; for a test set allow_insecure: true as well"),
        Case(
            testDescription: "no broker", item: "name: a\nkind: mqtt",
            line: "broker: is missing; a destination of kind mqtt needs one, such as broker: {host: localhost}"),
        Case(
            testDescription: "the name of the connection that listens",
            item: "name: a\nkind: mqtt\nbroker: {client_id: sluice}",
            line: "broker.client_id: a second connection to one broker needs another client_id, or the two throw each"
                + " other out"),
        Case(
            testDescription: "half a code",
            item: "name: a\nkind: georeport\nurl: https://x\ncodes: [{service: bin-full}]",
            line: "codes[0]: needs service (ours) and code (theirs)"),
    ])
    func aWrongDestinationIsToldWhatIsWrong(_ c: Case) throws {
        let found = problems(Self.yaml(c.item))
        let line = try #require(found.first, "nothing was wrong")
        #expect(line.hasSuffix(": forwarding.destinations[0].\(c.line)"), "\(line)")
        #expect(found.count == 1, "\(found)")
        #expect(!found.joined().contains("hunter2"))
    }

    @Test func twoDestinationsOfOneNameAreTold() {
        let item = "name: a\nkind: mqtt\nbroker: {client_id: "
        let found = problems(Self.yaml(item + "x}", item + "y}"))
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("each destination needs a name of its own; a is taken") == true)
    }

    @Test func localServersMayBeUnencrypted() {
        for host in ["127.0.0.1:8080", "localhost", "[::1]:80/x"] {
            #expect(problems(Self.yaml("name: a\nkind: webhook\nurl: http://\(host)\nsecret_env: S")) == [], "\(host)")
        }
        for host in ["127.0.0.1.example.org", "localhost.example.org", "[::2]:80"] {
            #expect(problems(Self.yaml("name: a\nkind: webhook\nurl: http://\(host)\nsecret_env: S")).count == 1)
        }
    }

    @Test func theDestinationsBecomeWhatForwardingTakes() throws {
        let yaml = Self.yaml(
            """
            name: city-b
            kind: georeport
            url: https://311.example.org/v2/
            services: water-leak, bin-full
            wards: Aston, Perry Barr
            severity: 3
            changes: status
            from: beginning
            shows: everything
            api_key_env: KEY
            unanswered: idempotent
            codes: [{service: water-leak, code: "017"}]
            """)
        let environment = ["KEY": "k3y"]
        let loaded = try Configuration.parse(yaml, source: "s.yaml", environment: environment, files: .none)
        let settings = try loaded.configuration.forwardingConfiguration(environment: environment)
        let destination = try #require(settings.destinations.first)
        var outbox = OutboxDestination(name: "city-b", kind: .georeport)
        outbox.services = [.waterLeak, .binFull]
        outbox.wards = ["Aston", "Perry Barr"]
        outbox.leastSeverity = 3
        outbox.isStatusOnly = true
        outbox.startsAtBeginning = true
        #expect(destination.outbox == outbox)
        #expect(destination.showsEverything)
        var target = CityTarget(url: "https://311.example.org/v2", key: "k3y")
        target.repetition = .idempotent
        target.codes = [.waterLeak: "017"]
        target.limit = .seconds(10)
        target.concurrency = 4
        #expect(destination.target == .city(target))
        #expect(!loaded.settings.map { "\($0)" }.joined().contains("k3y"))
        #expect(throws: ConfigurationProblems.self) {
            try loaded.configuration.forwardingConfiguration(environment: [:])
        }
    }
}
