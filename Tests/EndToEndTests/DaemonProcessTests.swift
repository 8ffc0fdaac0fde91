import Foundation
import MQTTSession
import Simulation
import TestSupport
import Testing

/// `sluice run` as operators meet it: the executable, a real broker, signals, files.
@Suite struct DaemonProcessTests {
    /// A broker, a data directory and a configuration that join the two.
    final class Site: Sendable {
        let broker: TestBroker
        private let testFolder: TestFolder
        let folder: String
        let port: Int

        init(broker: TestBroker? = nil) throws {
            self.broker = try broker ?? TestBroker()
            testFolder = try TestFolder()
            folder = testFolder.path
            port = try FreePort.find()
            try configure()
        }

        var address: String { "http://127.0.0.1:\(port)" }
        var configuration: String { "\(folder)/sluice.yaml" }

        func configure(extra: String = "", httpPort: Int? = nil, brokerPassword: String? = nil) throws {
            let text = """
                data:
                  directory: \(folder)/data
                mqtt:
                  host: 127.0.0.1
                  port: \(broker.port)
                  username: \(broker.username)
                  password_env: BROKER_PASSWORD
                http:
                  port: \(httpPort ?? port)
                log:
                  level: debug
                \(extra)
                """
            try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        }

        func run(password: String? = nil, environment: [String: String] = [:]) throws -> SluiceProcess {
            try SluiceProcess(
                ["run", "--config", configuration],
                environment: environment.merging(["BROKER_PASSWORD": password ?? broker.password]) { $1 })
        }

        func started(environment: [String: String] = [:]) async throws -> SluiceProcess {
            let daemon = try run(environment: environment)
            _ = try await daemon.line { $0.contains("\"mqtt.connected\"") || $0.contains("mqtt.subscribed") }
            _ = try await daemon.line { $0.contains("daemon.ready") }
            return daemon
        }

        func publish(_ messages: [(topic: String, payload: [UInt8])]) throws {
            let publisher = try broker.publisher()
            for message in messages { try publisher.publish(topic: message.topic, payload: message.payload) }
            try publisher.flush()
            publisher.close()
        }

        func metric(_ line: String) async throws -> String {
            try await HTTPAnswer.poll("\(address)/metrics", within: .seconds(10)) { $0.text.contains(line) }.text
        }
    }

    @Test func aReadingIsStoredAndAcknowledgedAndSurvivesKill9() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try site.publish(
            (0..<50).map {
                ("sluice/bin-fill/bin-1", Array("{\"ts\":\(1_777_600_000 + $0 * 60),\"value\":\($0)}".utf8))
            })
        _ = try await site.metric("sluice_readings_total 50")
        daemon.send(SIGKILL)
        try await daemon.expectExit(-SIGKILL)
        let again = try await site.started()
        #expect(again.output.contains("\"readings\":50"))
        again.send(SIGTERM)
        try await again.expectExit(0, within: .seconds(5))
    }

    @Test func eachKindOfBadMessageIsQuarantinedByNameAndCounted() async throws {
        let site = try Site()
        try site.configure(extra: "sensors:\n  max: 1")
        let daemon = try await site.started()
        let good = Array("{\"ts\":1777600000,\"value\":1}".utf8)
        let cases: [(reason: String, topic: String, payload: [UInt8])] = [
            ("not_json", "sluice/bin-fill/b", Array("{\"value\":".utf8)),
            ("wrong_type", "sluice/bin-fill/b", Array("{\"value\":\"12.5°C\"}".utf8)),
            ("wrong_unit", "sluice/bin-fill/b", Array("{\"value\":1,\"unit\":\"Pa\"}".utf8)),
            ("unknown_quantity", "sluice/bin-fill/b", Array("{\"metric\":\"colour\",\"value\":1}".utf8)),
            ("bad_timestamp", "sluice/bin-fill/b", Array("{\"ts\":\"yesterday\",\"value\":1}".utf8)),
            ("oversized", "sluice/bin-fill/b", [UInt8](repeating: 0x20, count: 100_000)),
            ("topic_mismatch", "sluice/bin-fill/b", Array("{\"sensor_id\":\"other\",\"value\":1}".utf8)),
        ]
        try site.publish([("sluice/bin-fill/first", good)] + cases.map { ($0.topic, $0.payload) })
        try site.publish([("sluice/bin-fill/second", good)])
        for reason in cases.map(\.reason) + ["too_many_sensors"] {
            _ = try await HTTPAnswer.poll("\(site.address)/metrics", within: .seconds(10)) { answer in
                answer.text.split(separator: "\n").contains {
                    $0.hasPrefix("sluice_mqtt_quarantined_total") && $0.contains("\"\(reason)\"") && $0.hasSuffix(" 1")
                }
            }
        }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(5))
    }

    @Test func aPortInUseIsOneSentenceAndItsOwnExitCode() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let other = try Site()
        try other.configure(httpPort: site.port)
        let second = try other.run()
        try await second.expectExit(71)
        #expect(second.output.contains("port \(site.port) is taken by another program"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(5))
    }

    @Test func aSecondDaemonOnTheSameDataIsRefused() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let second = try site.run()
        try await second.expectExit(75)
        #expect(second.output.contains("another sluice"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(5))
    }

    @Test func aFileWhereTheDataDirectoryShouldBeIsOneSentence() async throws {
        let site = try Site()
        try "in the way".write(toFile: "\(site.folder)/data", atomically: true, encoding: .utf8)
        let daemon = try site.run()
        try await daemon.expectExit(73)
        #expect(daemon.output.contains("\(site.folder)/data"))
    }

    @Test func aBrokenConfigurationNamesEveryProblemWithItsLineAndEndsWith78() async throws {
        let folder = try TestFolder()
        let path = "\(folder.path)/broken.yaml"
        try "http:\n  port: 99999\nmqqt:\n  host: x\n".write(toFile: path, atomically: true, encoding: .utf8)
        for command in [["run", "--config", path], ["check", path]] {
            let (code, output) = try await SluiceProcess.run(command)
            #expect(code == 78)
            #expect(output.contains("\(path):2:"))
            #expect(output.contains("\(path):3:"))
            #expect(output.contains("99999"))
        }
    }

    @Test func aRefusedPasswordIsSaidClearlyAndTheDaemonGoesOnTrying() async throws {
        let site = try Site()
        let daemon = try site.run(password: "wrong")
        _ = try await daemon.line { $0.contains("mqtt.refused") }
        let health = try await HTTPAnswer.poll("\(site.address)/health/ready", within: .seconds(10)) {
            $0.status == 503
        }
        #expect(health.text.contains("refused"))
        #expect(!daemon.output.contains("wrong"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(5))
    }

    @Test func aRouteThatWasTakenOutIsNotReadAnyMore() async throws {
        let site = try Site()
        let all = "routes:\n  - {name: all, topic: '#', kind: bin-fill}\n"
        try site.configure(extra: all)
        let first = try await site.started()
        first.send(SIGTERM)
        try await first.expectExit(0)
        try site.configure(extra: "routes:\n  - {name: bins, topic: 'bins/{sensor}', kind: bin-fill}\n")
        let second = try await site.started()
        let reading = Array("{\"value\":1}".utf8)
        try site.publish([("elsewhere/b1", reading), ("bins/b1", reading)])
        let metrics = try await site.metric("sluice_readings_total 1")
        #expect(
            metrics.split(separator: "\n").contains { $0.hasPrefix("sluice_mqtt_messages_total") && $0.hasSuffix(" 1") }
        )
        second.send(SIGTERM)
        try await second.expectExit(0)
    }

    @Test func everyMetricSaysWhatItMeans() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let text = try await HTTPAnswer.get("\(site.address)/metrics").text
        let lines = text.split(separator: "\n")
        let helped = Set(lines.filter { $0.hasPrefix("# HELP") }.map { $0.split(separator: " ")[2] })
        let typed = lines.filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] }
        #expect(typed.count > 10)
        #expect(typed.filter { !helped.contains($0) } == [])
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func aStopWhileTheStateIsBeingRecoveredIsObeyed() async throws {
        let folder = try TestFolder()
        let data = "\(folder.path)/data"
        let demo = try SluiceProcess(
            ["demo", "--data", data, "--http-port", "0", "--fixtures", CommandTests.fixtures])
        _ = try await demo.line(within: .seconds(60)) { $0.contains("History of") }
        demo.send(SIGINT)
        try await demo.expectExit(0, within: .seconds(10))
        #expect(!demo.output.contains("Dashboard"))
    }
}
