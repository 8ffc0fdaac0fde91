import Daemon
import HTTPAPI
import IssueStorage
import MQTTSession
import Open311
import Readings
import Settings
import Testing

/// What the parts get from a configuration.
@Suite struct ConfigurationPartsTests {
    private func parse(_ yaml: String, _ environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.parse(yaml, source: "s", environment: environment, files: .none).configuration
    }

    @Test func anEmptyFileGivesThePartsTheirOwnDefaults() throws {
        let sessions = try parse("").sessions(environment: [:])
        var expected = SessionConfiguration()
        expected.name = "broker"
        #expect(sessions == [expected])
        #expect(try parse("").httpConfiguration() == HTTPConfiguration())
        #expect(try parse("").routeTable == RouteTable([.standard]))
        #expect(try parse("").storage.store == StoreConfiguration())
        #expect(sessions.flatMap { $0.problems() }.isEmpty)
    }

    @Test func servicesAreChangedAndAdded() throws {
        let yaml = """
            services:
              - code: bin-full
                agency: Street Care
                promise: 2d, 1d, 12h, 1h
                visibility: coarse
                coarse_metres: 500
              - code: pot-hole
                keywords: road, hole
                type: batch
                attributes:
                  - code: size
                    datatype: singlevaluelist
                    required: true
                    values: s = Small, l = Large = huge
            """
        let catalog = try parse(yaml).serviceCatalog
        #expect(
            catalog.services.map(\.code.rawValue) == [
                "water-leak", "traffic-anomaly", "bin-full", "sensor-fault", "pot-hole",
            ])
        let bin = catalog.named(.binFull)
        #expect(bin.name == "Bin needs attention" && bin.agency == "Street Care")
        #expect(bin.promiseHours == [48, 24, 12, 1] && bin.visibility == .coarse(metres: 500))
        let hole = try #require(catalog.services.last)
        #expect(hole.name == "pot-hole" && hole.keywords == ["road", "hole"] && hole.handling == .batch)
        #expect(
            hole.attributes == [
                ServiceAttribute(
                    code: "size", datatype: .singleValueList, isRequired: true, order: 1, description: "size",
                    values: [.init(key: "s", name: "Small"), .init(key: "l", name: "Large = huge")])
            ])
        #expect(try parse("").serviceCatalog == .standard)
    }

    @Test(arguments: [
        ("", ServiceVisibility.pseudonymous),
        ("{code: bin-full, visibility: coarse, coarse_metres: 500}", .coarse(metres: 500)),
        ("{code: water-leak, visibility: hidden}", .hidden),
        ("{code: traffic-anomaly, visibility: open}", .open),
        ("{code: pot-hole, visibility: hidden}", .pseudonymous),
        ("{code: water-leak, visibility: hidden}, {code: sensor-fault, visibility: open}", .open),
    ])
    func faultsTellNoMoreOfASensorThanItsOwnService(_ entries: String, _ visibility: ServiceVisibility) throws {
        let catalog = try parse("services: [\(entries)]").serviceCatalog
        #expect(catalog.named(.sensorFault).visibility == visibility)
    }

    @Test func theJurisdictionIsTheCitys() throws {
        #expect(try parse("http: {jurisdiction: city.example}").httpConfiguration().jurisdiction == "city.example")
    }

    @Test func aBrokerBecomesASession() throws {
        let yaml = """
            mqtt:
              host: broker
              username: sluice
              password_env: P
              protocol: 3.1.1
              keepalive: 20s
              receive_maximum: 500
              reconnect_max: 2m
              tls: {ca_file: /ca.pem, certificate_file: /c.pem, key_file: /k.pem, min_version: 1.3}
            """
        let session = try #require(try parse(yaml).sessions(environment: ["P": "hunter2"]).first)
        #expect(session.host == "broker")
        #expect(session.port == 8883)
        #expect(session.username == "sluice")
        #expect(session.password == "hunter2")
        #expect(session.version == .v311)
        #expect(session.keepaliveS == 20)
        #expect(session.receiveMaximum == 500)
        #expect(session.reconnectMs.upperBound == 120_000)
        #expect(session.tls?.caFile == "/ca.pem")
        #expect(session.tls?.certificateFile == "/c.pem")
        #expect(session.tls?.keyFile == "/k.pem")
        #expect(session.tls?.minimum == .v13)
        #expect(session.tls?.verifiesName == true)
    }

    @Test func onlyWhatIsAllowedInWordsSkipsTheNameCheck() throws {
        let session = try parse("mqtt: {tls: {insecure: true, allow_insecure: true}}").sessions(environment: [:])[0]
        #expect(session.tls?.verifiesName == false)
    }

    @Test func aPasswordThatVanishedIsAProblem() throws {
        let configuration = try parse("mqtt: {username: s, password_env: P}", ["P": "x"])
        let problems = #expect(throws: ConfigurationProblems.self) { try configuration.sessions(environment: [:]) }
        #expect(problems?.description == "mqtt: password of broker: the environment has no variable P, or it is empty")
    }

    @Test func aURLLosesItsLastSlash() throws {
        let settings = try parse("http: {public_url: 'https://sluice.example.org/'}").httpConfiguration()
        #expect(settings.publicURL == "https://sluice.example.org")
    }

    @Test func wardsThatAreNoMapAreAProblem() throws {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try parse("http: {wards_file: /etc/hostname}").httpConfiguration()
        }
        let text = try #require(problems?.description)
        #expect(text.hasPrefix("/etc/hostname: http.wards_file: must be GeoJSON outlines of wards; "))
    }
}
