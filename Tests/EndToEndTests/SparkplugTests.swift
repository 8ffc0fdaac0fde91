import Foundation
import IssueStorage
import MQTTSession
import Readings
import TestSupport
import Testing

/// A pumping station that speaks Sparkplug B, as the daemon meets it: the executable, its configuration, a real broker, the
/// store.
@Suite struct SparkplugTests {
    private typealias Site = DaemonProcessTests.Site

    private static let configuration = """
          brokers:
            - name: city
              host: 127.0.0.1
              port: PORT
              username: USER
              password_env: BROKER_PASSWORD
            - name: scada
              host: 127.0.0.1
              port: PORT
              username: USER
              password_env: BROKER_PASSWORD
              client_id: sluice-scada
              sparkplug: {host: city, reorder_timeout: 0s}
        routes:
          - {name: standard, topic: "sluice/{kind}/{sensor}"}
          - name: pumps
            topic: spBv1.0/Water/+/{node}/{device}
            format: sparkplug-b
            kind: water-leak
            sensor: "{node}-{device}"
            fields:
              - {path: Flow/Rate, quantity: flow_m3h, unit: L/s}
        """

    private static func metric(_ name: String?, alias: UInt64?, atMs: Int64, _ value: Double) -> ProtobufWriter {
        var metric = ProtobufWriter()
        if let name { metric.text(1, name) }
        if let alias { metric.number(2, alias) }
        metric.number(3, UInt64(atMs))
        metric.number(4, 10)
        metric.double(13, value)
        return metric
    }

    private static func payload(_ metrics: [ProtobufWriter], sequence: UInt64?, atMs: Int64) -> [UInt8] {
        var payload = ProtobufWriter()
        payload.number(1, UInt64(atMs))
        for metric in metrics { payload.message(2, metric) }
        if let sequence { payload.number(3, sequence) }
        return payload.bytes
    }

    private static var session: ProtobufWriter {
        var metric = ProtobufWriter()
        metric.text(1, "bdSeq")
        metric.number(4, 4)
        metric.number(11, 0)
        return metric
    }

    @Test func birthsAndDataBecomeReadingsAndADeathIsOneRequest() async throws {
        let site = try Site()
        let text = Self.configuration.replacing("PORT", with: "\(site.broker.port)")
            .replacing("USER", with: site.broker.username)
        let whole = """
            data:
              directory: \(site.folder)/data
            http:
              port: \(site.port)
            mqtt:
            \(text)
            """
        try whole.write(toFile: site.configuration, atomically: true, encoding: .utf8)
        let daemon = try site.run()
        _ = try await daemon.line { $0.contains("sparkplug.state") && $0.contains("true") }
        _ = try await daemon.line { $0.contains("daemon.ready") }

        let publisher = try site.broker.publisher()
        defer { publisher.close() }
        let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
        func say(_ topic: String, _ metrics: [ProtobufWriter], _ sequence: UInt64?) throws {
            try publisher.publish(
                topic: "spBv1.0/Water/" + topic, payload: Self.payload(metrics, sequence: sequence, atMs: nowMs),
                qos: sequence == nil ? .atLeastOnce : .atMostOnce)
            try publisher.flush()
        }
        // Before its birth: quarantined by name, and the node is asked.
        try say("DDATA/station-3/pump-1", [Self.metric(nil, alias: 4, atMs: nowMs, 1)], 7)
        _ = try await daemon.line { $0.contains("sparkplug.rebirth_asked") && $0.contains("Water/station-3") }

        try say("NBIRTH/station-3", [Self.session], 0)
        try say("DBIRTH/station-3/pump-1", [Self.metric("Flow/Rate", alias: 4, atMs: nowMs - 2000, 10)], 1)
        try say("DDATA/station-3/pump-1", [Self.metric(nil, alias: 4, atMs: nowMs - 1000, 20)], 2)
        // Two messages of the node's did not come.
        try say("DDATA/station-3/pump-1", [Self.metric(nil, alias: 4, atMs: nowMs - 500, 30)], 5)
        let scraped = try await site.metric("sluice_readings_total 3")
        #expect(scraped.contains(#"sluice_mqtt_sparkplug_total{broker="scada",event="birth"} 2"#), "\(scraped)")
        #expect(scraped.contains(#"sluice_mqtt_quarantined_total{broker="scada",reason="before_birth"} 1"#))
        for (event, count) in [("message", 4), ("missing", 2)] {
            let line = #"sluice_mqtt_sparkplug_total{broker="scada",event="\#(event)"} \#(count)"#
            _ = try await site.metric(line)
        }
        try await eventually("the gap is on the sensor's record", within: .seconds(30)) {
            let arguments = ["sensors", "show", "station-3-pump-1", "--data", "\(site.folder)/data"]
            let shown = try await SluiceProcess.run(arguments).output
            return shown.contains("frames_received   3") && shown.contains("frames_lost       2")
        }

        try say("NDEATH/station-3", [Self.session], nil)
        let answer = try await HTTPAnswer.poll(
            "\(site.address)/open311/v2/requests.json?service_code=sensor-fault&extensions=true", within: .seconds(30)
        ) { !$0.objects.isEmpty }
        #expect(answer.objects.count == 1)
        // Which one is for staff: faults do not say where sensors are.
        #expect(answer.text.contains(#""kind":"gateway-silence""#), "\(answer.text)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)

        let reader = try IssueReader(directory: "\(site.folder)/data")
        let readings = try await reader.readings(sensor: "station-3-pump-1", from: 0, to: .max, limit: 10)
        #expect(readings.map(\.value) == [36, 72, 108])
        #expect(readings.map(\.quantity) == [.flow, .flow, .flow])
        #expect(readings.map(\.observedAtMs) == [nowMs - 2000, nowMs - 1000, nowMs - 500])
        let sensor = try #require(try await reader.sensor(id: "station-3-pump-1"))
        #expect(sensor.gateway == "spBv1.0/Water/station-3")
        let link = try #require(try await reader.link(ofSensor: "station-3-pump-1"))
        #expect(link.counts.received == 3 && link.counts.lost == 2)
    }

    /// The device that was born first is not in the registry: its node's death is told all the same.
    @Test func aNodeDiesWhoseFirstDeviceIsNotLetIn() async throws {
        let site = try Site()
        let text = Self.configuration.replacing("PORT", with: "\(site.broker.port)")
            .replacing("USER", with: site.broker.username)
        let registry = "\(site.folder)/sensors.csv"
        try "sensor_id,kind\nstation-3-pump-2,water-leak\n".write(toFile: registry, atomically: true, encoding: .utf8)
        let whole = """
            data:
              directory: \(site.folder)/data
            http:
              port: \(site.port)
            sensors:
              mode: allow_list
              file: \(registry)
            mqtt:
            \(text)
            """
        try whole.write(toFile: site.configuration, atomically: true, encoding: .utf8)
        let daemon = try site.run()
        _ = try await daemon.line { $0.contains("sparkplug.state") && $0.contains("true") }
        _ = try await daemon.line { $0.contains("daemon.ready") }

        let publisher = try site.broker.publisher()
        defer { publisher.close() }
        let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
        func say(_ topic: String, _ metrics: [ProtobufWriter], _ sequence: UInt64?) throws {
            try publisher.publish(
                topic: "spBv1.0/Water/" + topic, payload: Self.payload(metrics, sequence: sequence, atMs: nowMs),
                qos: sequence == nil ? .atLeastOnce : .atMostOnce)
            try publisher.flush()
        }
        try say("NBIRTH/station-3", [Self.session], 0)
        try say("DBIRTH/station-3/pump-1", [Self.metric("Flow/Rate", alias: 4, atMs: nowMs - 2000, 10)], 1)
        try say("DBIRTH/station-3/pump-2", [Self.metric("Flow/Rate", alias: 5, atMs: nowMs - 2000, 10)], 2)
        _ = try await site.metric("sluice_readings_total 1")
        try say("NDEATH/station-3", [Self.session], nil)
        let answer = try await HTTPAnswer.poll(
            "\(site.address)/open311/v2/requests.json?service_code=sensor-fault&extensions=true"
        ) { !$0.objects.isEmpty }
        #expect(answer.text.contains(#""kind":"gateway-silence""#), "\(answer.text)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }
}
