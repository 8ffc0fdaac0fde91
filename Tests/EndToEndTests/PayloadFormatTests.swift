import Foundation
import IssueStorage
import Logging
import MQTTIngest
import MQTTSession
import Pipeline
import Readings
import SPSCRing
import Telemetry
import TestSupport
import Testing

/// Each payload format's way from a real broker into the store: the right sensor, quantity, value and event time.
@Suite struct PayloadFormatTests {
    /// A message of a format and the reading that must stand in the store.
    struct Sent {
        var format: PayloadFormat
        var payload: [UInt8]
        var sensor: String
        var quantity: Quantity
        var value: Double
        var atMs: Int64 = 1_777_615_200_000
        /// A topic of its own, which the route names as it stands; nil: one below the format's name.
        var ownTopic: String?
        var route: (inout Route) -> Void = { _ in }

        var pattern: String { ownTopic ?? "\(format.name)/{device}/#" }
        var topic: String {
            if let ownTopic { return ownTopic }
            return format == .chirpStack || format == .chirpStackProtobuf
                ? "\(format.name)/a/event/up" : "\(format.name)/a/up"
        }
    }

    private static func hex(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let digits = try Data(contentsOf: root.appending(path: "fixtures/binary/\(name).hex"))
            .compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    private static func all() throws -> [Sent] {
        func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        return [
            Sent(
                format: .json, payload: text(#"{"at":"2026-05-01T06:00:00Z","id":"json-1","a":{"p":98.0665}}"#),
                sensor: "json-1", quantity: .pressure, value: 10,
                route: {
                    ($0.sensorField, $0.timeField) = ("id", "at")
                    $0.fields = [RouteField("a.p", .pressure, unit: .kilopascal)]
                }),
            Sent(
                format: .number, payload: text("36"), sensor: "number-a", quantity: .flow, value: 129.6,
                atMs: 1_777_615_201_000,
                route: { ($0.sensor, $0.quantity, $0.unit) = ("number-{device}", .flow, .litrePerSecond) }),
            Sent(
                format: .csv, payload: text("t,id,flow\n1777615200,csv-1,12.5"), sensor: "csv-1", quantity: .flow,
                value: 12.5,
                route: {
                    ($0.sensorField, $0.timeField) = ("id", "t")
                    $0.fields = [RouteField("flow", .flow)]
                }),
            Sent(
                format: .lineProtocol, payload: text("water,dev=line-1 pressure=98.0665 1777615200000000000"),
                sensor: "line-1", quantity: .pressure, value: 10,
                route: {
                    $0.sensorField = "dev"
                    $0.fields = [RouteField("pressure", .pressure, unit: .kilopascal)]
                }),
            Sent(
                format: .theThingsStack,
                payload: text(
                    #"{"end_device_ids":{"device_id":"tts-1"},"uplink_message":{"f_cnt":4,"received_at":"2026-05-01T06:00:00Z","decoded_payload":{"leakage_status":"leak"}}}"#
                ), sensor: "tts-1", quantity: .wetness, value: 1,
                route: { $0.profile = DeviceProfile(name: "milesight-ws303") }),
            Sent(
                format: .chirpStack,
                payload: text(
                    #"{"time":"2026-05-01T06:00:00Z","deviceInfo":{"devEui":"24e1cs"},"fCnt":0,"object":{"pressure":98.0665}}"#
                ),
                sensor: "24e1cs", quantity: .pressure, value: 10,
                route: { $0.profile = DeviceProfile(name: "milesight-em500-pp") }),
            Sent(
                format: .chirpStackProtobuf, payload: try hex("chirpstack-up"), sensor: "24e1", quantity: .fill,
                value: 57,
                atMs: 1_777_615_200_250,
                route: {
                    ($0.kind, $0.profile) = (nil, DeviceProfile(name: "milesight-em400"))
                    $0.mounting = Mounting(depthMM: 1200)
                }),
            Sent(
                format: .senML, payload: text(#"[{"bn":"urn:dev:1:","bt":1777615200,"n":"flow","u":"L/s","v":10}]"#),
                sensor: "urn:dev:1", quantity: .flow, value: 36, route: { $0.fields = [RouteField("flow", .flow)] }),
            Sent(
                format: .senMLCBOR, payload: try hex("senml-pack"), sensor: "urn:dev:mac:0024befffe80",
                quantity: .wetness,
                value: 1, atMs: 1_777_600_000_000, route: { $0.fields = [RouteField("wet", .wetness)] }),
            Sent(
                format: .fiware,
                payload: text(
                    #"{"id":"urn:ngsi-ld:WasteContainer:3","fillingLevel":{"value":0.83,"observedAt":"2026-05-01T06:00:00Z"}}"#
                ),
                sensor: "urn:ngsi-ld:WasteContainer:3", quantity: .fill, value: 83,
                route: { ($0.kind, $0.profile) = (nil, DeviceProfile(name: "fiware-waste-container")) }),
            Sent(
                format: .sensorThings, payload: text(#"{"phenomenonTime":"2026-05-01T06:00:00Z","result":3}"#),
                sensor: "sta-a", quantity: .flow, value: 3,
                route: { ($0.sensor, $0.quantity) = ("sta-{device}", .flow) }),
            // As FROST publishes to whoever subscribed with a condition: it is part of the topic.
            Sent(
                format: .sensorThings,
                payload: text(
                    #"{"phenomenonTime":"2026-05-01T06:00:00Z","result":5,"Datastream@iot.navigationLink":"v1.1/Datastreams(42)"}"#
                ),
                sensor: "v1.1/Datastreams(42)", quantity: .flow, value: 5,
                ownTopic: "v1.1/Datastreams(42)/Observations?$filter=result gt 4",
                route: { ($0.sensorField, $0.quantity) = (#"Datastream@iot\.navigationLink"#, .flow) }),
            Sent(
                format: .chirpStackProtobuf, payload: try hex("chirpstack-up"), sensor: "7", quantity: .tilt, value: 1,
                atMs: 1_777_615_200_250, ownTopic: "application/1/device/24e1/event/up",
                route: {
                    ($0.kind, $0.sensorField) = (.binFill, "deviceInfo.tags.ward")
                    $0.fields = [RouteField("position", .tilt, words: ["normal": 0, "tilt": 1])]
                }),
        ]
    }

    @Test(.timeLimit(.minutes(2))) func aMessageOfEachFormatBecomesAReadingInTheStore() async throws {
        let all = try Self.all()
        #expect(Set(all.map(\.format)) == Set(PayloadFormat.allCases).subtracting([.flatJSON, .sparkplug]))
        let routes = try all.enumerated().map { number, sent in
            var route = Route(
                name: "\(number)", topic: try TopicPattern(sent.pattern), format: sent.format, kind: .waterLeak)
            sent.route(&route)
            #expect(route.problems() == [], "\(sent.format.name)")
            return route
        }
        let broker = try TestBroker()
        let folder = try TestFolder()
        let (metrics, logger) = (MetricRegistry(), Logger(label: "test"))
        let (pipelineBell, storeBell) = (Doorbell(), Doorbell())
        let conduit = Conduit<StreamElement, Admission>(capacity: 1024, byteCapacity: 1 << 19, doorbell: pipelineBell)
        let cursor = conduit.inlet.cursor
        let exchange = BatchExchange()
        let pipeline = PipelineWorker(
            processor: StreamProcessor(configuration: PipelineConfiguration()), batches: exchange.batches,
            free: exchange.free, filled: exchange.filled, doorbell: pipelineBell, storeDoorbell: storeBell,
            metrics: metrics)
        pipeline.add(conduit.outlet)
        let store = try IssueStore(
            directory: folder.path, configuration: StoreConfiguration(), metrics: metrics, logger: logger)
        store.start(
            batches: exchange.batches, filled: exchange.toWrite, free: exchange.written, storeDoorbell: storeBell,
            pipelineDoorbell: pipeline.returnDoorbell, cursors: [CommitCursor(), cursor]
        ) { _ in }
        pipeline.start()
        let ingest = try IngestWorker.start(
            IngestConfiguration(session: broker.session(clientID: "sluice")), routes: RouteTable(routes),
            inlet: conduit.inlet, clock: WallClock { 1_777_615_201_000 }, metrics: metrics, logger: logger)
        try await eventually("the session is subscribed") { ingest.status.phase == .connected }
        let publisher = try broker.publisher()
        for sent in all { try publisher.publish(topic: sent.topic, payload: sent.payload) }
        try publisher.flush()
        // Stopping commits what has been read, and says goodbye after its acknowledgement.
        try await eventually("everything is acknowledged") {
            broker.logCount("Received PUBACK from sluice") == all.count
        }
        ingest.stop()
        await ingest.finished()
        pipeline.stop()
        store.stop()
        await store.finished()

        let reader = try IssueReader(directory: folder.path)
        for sent in all {
            let readings = try await reader.readings(sensor: sent.sensor, from: 0, to: .max, limit: 10)
            let row = readings.first { $0.quantity == sent.quantity }
            #expect(row?.observedAtMs == sent.atMs, "\(sent.format.name): \(readings)")
            #expect(abs((row?.value ?? .nan) - sent.value) < 1e-9, "\(sent.format.name): \(readings)")
        }
        #expect(try await reader.quarantineCounts().isEmpty)
    }
}
