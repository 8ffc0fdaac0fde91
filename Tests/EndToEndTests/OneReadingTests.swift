import Detection
import Foundation
import HTTPAPI
import Incidents
import IssueStorage
import Logging
import MQTTIngest
import MQTTSession
import Metrics
import Open311
import Pipeline
import Readings
import SPSCRing
import Synchronization
import Telemetry
import TestSupport
import Testing

/// One reading's way through every stage, each looked into: broker → decoder → ring → detector → incident → transaction →
/// acknowledgement → Open311. A bin burns: the shortest way from one message to one request.
@Suite struct OneReadingTests {
    static let topic = "sluice/bin-fill/bin-7"
    static let payload = #"{"ts":"2026-05-01T06:00:00Z","metrics":{"temperature_c":71.5}}"#
    static let observedAtMs: Int64 = 1_777_615_200_000
    static let arrivedAtMs: Int64 = 1_777_615_201_000

    @Test func bytesBecomeAMeasurement() throws {
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        try decoder.decode(
            topic: Array(Self.topic.utf8).span, payload: Array(Self.payload.utf8).span, arrivedAtMs: Self.arrivedAtMs)
        #expect(decoder.message.sensorName == "bin-7")
        #expect(decoder.message.kind == .binFill)
        #expect(
            decoder.message.measurements == [
                .init(quantity: .temperature, observedAtMs: Self.observedAtMs, value: 71.5)
            ])
    }

    @Test func aMeasurementBecomesARequest() {
        var processor = StreamProcessor(configuration: PipelineConfiguration())
        let batch = CommitBatch()
        let admission = processor.admit(id: "bin-7", kind: .binFill, nowMs: Self.arrivedAtMs, into: batch)
        #expect(admission == .admitted(SensorIndex(rawValue: 0)))
        processor.take(
            Reading(
                sensor: SensorIndex(rawValue: 0), quantity: .temperature, observedAtMs: Self.observedAtMs,
                arrivedAtMs: Self.arrivedAtMs, value: 71.5), into: batch)
        #expect(batch.readings.count == 1)
        #expect(batch.incidents.map(\.key) == ["bin-full/bin-7/bin-fire/2026-05-01T06:00:00Z"])
        #expect(batch.requests.map(\.title) == ["Bin on fire: bin-7"])
        #expect(batch.requests.map(\.severity) == [4])
    }

    @Test(.timeLimit(.minutes(1))) func aMessageBecomesAnAnswerAndOnlyThenIsAcknowledged() async throws {
        let broker = try TestBroker()
        let folder = try TestFolder()
        let metrics = MetricRegistry()
        let logger = Logger(label: "test")

        // The stages, in flow order.
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
        let (commits, committed) = AsyncStream.makeStream(of: CommittedBatch.self)
        store.start(
            batches: exchange.batches, filled: exchange.toWrite, free: exchange.written, storeDoorbell: storeBell,
            pipelineDoorbell: pipeline.returnDoorbell, cursors: [CommitCursor(), cursor]
        ) { committed.yield($0) }
        pipeline.start()
        let ingest = try IngestWorker.start(
            IngestConfiguration(session: broker.session(clientID: "sluice")), routes: RouteTable([.standard]),
            inlet: conduit.inlet, clock: WallClock { Self.arrivedAtMs }, metrics: metrics, logger: logger)
        // What is published before the session exists is for nobody.
        try await eventually("the session is subscribed") { ingest.status.phase == .connected }
        let publisher = try broker.publisher()
        try publisher.publish(topic: Self.topic, payload: Array(Self.payload.utf8))
        try publisher.flush()

        // Committed: reading, incident and request in one transaction.
        let batch = try await withDeadline(.seconds(20), "the commit") {
            for await batch in commits where !batch.requests.isEmpty { return batch }
            return nil
        }
        #expect(batch.readingCount == 1)
        #expect(batch.decisions.map(\.event).contains(.requestOpened))
        let reader = try IssueReader(directory: folder.path)
        let stored = try await reader.requests(RequestQuery())
        #expect(stored.map(\.incidentKey) == ["bin-full/bin-7/bin-fire/2026-05-01T06:00:00Z"])
        #expect(stored.map(\.requestedAtMs) == [Self.arrivedAtMs])
        #expect(cursor.sequence >= 1)

        // Acknowledged: stopping says goodbye after the acknowledgement, so the broker has it by then.
        ingest.stop()
        await ingest.finished()
        #expect(broker.logCount("Received PUBACK from sluice") == 1)
        pipeline.stop()
        store.stop()
        await store.finished()

        // Answered, in both formats.
        let document = GeoReportDocument.requests(stored)
        let json = String(decoding: document.encoded(as: .json), as: UTF8.self)
        #expect(json.contains(#""service_code":"bin-full""#))
        #expect(
            String(decoding: document.encoded(as: .xml), as: UTF8.self).contains(
                "<service_code>bin-full</service_code>"))
    }
}
