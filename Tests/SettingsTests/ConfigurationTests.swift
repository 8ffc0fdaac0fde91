import Settings
import Detection
import Incidents
import Logging
import MQTTSession
import Readings
import Telemetry
import Testing

@Suite struct ConfigurationTests {
    private func parse(_ yaml: String, _ environment: [String: String] = [:]) throws -> Configuration.Loaded {
        try Configuration.parse(yaml, source: "sluice.yaml", environment: environment)
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "http:\nmqtt:\nroutes:\n", "http: {}\n", "\u{FEFF}log: {}\r\n"])
    func whatSaysNothingRunsOnALaptop(_ yaml: String) throws {
        let loaded = try parse(yaml)
        #expect(loaded.configuration == Configuration())
        #expect(loaded.warnings.isEmpty)
    }

    @Test func noFileAtAllRunsToo() throws {
        #expect(try Configuration.load(path: nil, environment: [:]).configuration == Configuration())
    }

    @Test func everySectionIsRead() throws {
        let c = try parse(
            """
            data: {directory: /srv/sluice, durability: crash}
            mqtt: {host: broker.example.org, client_id: sluice-2, protocol: 3.1.1, keepalive: 1m30s, ring_capacity: 1024}
            routes:
              - {name: presses, topic: "water/{sensor}", kind: water-leak, quantity: pressure_m, unit: kPa,
                 samples: [{topic: water/a, payload: '{"value": 1}'}]}
            sensors: {max: 500}
            time: {zone: Europe/London, dedup_horizon: 2h, clock_ahead_max: 1m}
            rules:
              burst: {enabled: false, severity: 4, pending: 15m, clear: 1h30m, hold_off: 2d}
            detection:
              silence: {missed_intervals: 5, sensor_allowance_min: 30m}
              night_pressure: {opens: 4.25}
            http: {host: 0.0.0.0, port: 80, public_url: "https://sluice.example.org/"}
            log: {level: debug, format: json}
            """
        ).configuration
        #expect(c.storage.directory == "/srv/sluice")
        #expect(c.storage.durability == .crash)
        #expect(c.mqtt.brokers.map(\.host) == ["broker.example.org"])
        #expect(c.mqtt.brokers[0].clientID == "sluice-2")
        #expect(c.mqtt.brokers[0].version == .v311)
        #expect(c.mqtt.brokers[0].keepalive == .seconds(90))
        #expect(c.mqtt.ringCapacity == 1024)
        #expect(c.routes.map(\.route.topic.filter) == ["water/+"])
        #expect(c.routes[0].route.unit == .kilopascal)
        #expect(c.routes[0].samples.map(\.payload) == ["{\"value\": 1}"])
        #expect(c.sensors.max == 500)
        #expect(c.time.zone == "Europe/London")
        #expect(c.time.dedupHorizon == .seconds(7200))
        #expect(c.time.clockAheadMax == .seconds(60))
        #expect(!c.rules[.burst].isEnabled)
        #expect(c.rules[.burst].severity == 4)
        #expect(c.rules[.burst].lifecycle.pendingMs == 900_000)
        #expect(c.rules[.burst].lifecycle.clearMs == 5_400_000)
        #expect(c.rules[.burst].lifecycle.holdOffMs == 172_800_000)
        #expect(c.rules[.nightFlow].isEnabled)
        #expect(c.detection.silence.missedIntervals == 5)
        #expect(c.detection.silence.shortestSensorAllowanceS == 1800)
        #expect(c.detection.nightPressure.test.atOnce == 4.25)
        #expect(c.detection.nightFlow.test == DetectionParameters().nightFlow.test)
        #expect(c.http.host == "0.0.0.0")
        #expect(c.http.port == 80)
        #expect(c.log.level == .debug)
        #expect(c.log.format == .json)
    }

    @Test func severalBrokersAreAList() throws {
        let brokers = try parse("mqtt: {brokers: [{name: a, host: x}, {name: b, host: y, tls: }]}").configuration.mqtt
            .brokers
        #expect(brokers.map(\.name) == ["a", "b"])
        #expect(brokers.map(\.host) == ["x", "y"])
        #expect(brokers.map { $0.tls != nil } == [false, true])
    }

    /// An encrypted connection must never become a plain one because a group was left empty.
    @Test(arguments: [
        ("mqtt: {tls: }", 8883), ("mqtt: {tls: {}}", 8883), ("mqtt: {tls: {}, port: 1883}", 1883), ("mqtt: {}", 1883),
    ])
    func namingTLSIsEnough(_ yaml: String, port: Int) throws {
        let broker = try parse(yaml).configuration.mqtt.brokers[0]
        #expect((broker.tls != nil) == yaml.contains("tls"))
        #expect(broker.port == port)
    }

    @Test(arguments: [
        ("SLUICE_HTTP_PORT", "80"), ("SLUICE_DATA_DURABILITY", "crash"), ("SLUICE_MQTT_HOST", "broker"),
        ("SLUICE_MQTT_TLS_MIN_VERSION", "1.3"), ("SLUICE_RULES_NIGHT_FLOW_ENABLED", "false"),
        ("SLUICE_DETECTION_SILENCE_MISSED_INTERVALS", "9"), ("SLUICE_TIME_ZONE", "Asia/Tokyo"),
        ("SLUICE_LOG_LEVEL", "trace"),
        ("SLUICE_DATA_DIRECTORY", "/d"),
    ])
    func theEnvironmentSets(_ name: String, to text: String) throws {
        let loaded = try parse("", [name: text])
        let setting = try #require(loaded.settings.first { $0.place == .variable(name) })
        #expect(setting.value == text)
        #expect(loaded.configuration != Configuration())
        #expect(loaded.warnings.isEmpty)
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let yaml = "http: {port: 81}\nmqtt: {brokers: [{host: a}]}"
        let loaded = try parse(
            yaml, ["SLUICE_HTTP_PORT": "82", "SLUICE_MQTT_BROKERS_0_HOST": "b", "SLUICE_LOG_LEVEL": ""])
        #expect(loaded.configuration.http.port == 82)
        #expect(loaded.configuration.mqtt.brokers[0].host == "b")
        #expect(loaded.configuration.log.level == .info)
    }

    @Test func aVariableThatSetsNothingIsAWarning() throws {
        let environment = ["SLUICE_HTP_PORT": "1", "SLUICE_PORT_8311_TCP_ADDR": "10.0.0.1", "SLUICE_SECRET": "hunter2"]
        let loaded = try parse("mqtt: {username: s, password_env: SLUICE_SECRET}", environment)
        #expect(
            loaded.warnings == [
                "SLUICE_HTP_PORT: names no setting; did you mean SLUICE_HTTP_PORT?",
                "SLUICE_PORT_8311_TCP_ADDR: names no setting; it has no effect",
            ])
    }

    @Test func underSystemdTheDataIsInItsStateDirectory() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/sluice"]
        #expect(try parse("", environment).configuration.storage.directory == "/var/lib/sluice")
        #expect(try parse("data: {directory: /d}", environment).configuration.storage.directory == "/d")
    }

    @Test(arguments: [
        ("/etc/sluice", "sensors.csv", "/etc/sluice/sensors.csv"), ("/etc/sluice", "./a/b", "/etc/sluice/a/b"),
        ("/etc/sluice", "/srv/a", "/srv/a"), ("", "a", "a"),
    ])
    func pathsStartAtTheFilesFolder(folder: String, text: String, path: String) throws {
        let loaded = try Configuration.parse(
            "sensors: {file: \(text)}", source: "s", folder: folder, files: .none)
        #expect(loaded.configuration.sensors.file == path)
    }

    @Test func anUnencryptedPasswordIsAWarning() throws {
        let yaml = "mqtt: {host: broker, username: s, password_env: P}"
        let warnings = try parse(yaml, ["P": "x"]).warnings
        #expect(warnings == ["sluice.yaml:1:14: mqtt.host: the password travels to broker unencrypted; add tls"])
    }

    @Test func anAllowListOfImportedSensorsAloneIsAWarning() throws {
        let warnings = try parse("sensors: {mode: allow_list}").warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix("sluice.yaml:1:17: sensors.mode: allow_list without sensors.file") == true)
    }
}
