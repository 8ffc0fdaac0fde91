import Logging
import MQTTIngest
import MQTTSession
import Metrics
import Readings
import SPSCRing
import Synchronization
import TestSupport
import Testing

/// A Sparkplug host application at a real broker: what edge nodes see of it, and what it makes of them.
@Suite struct SparkplugSessionTests {
    /// Another client, which keeps what it hears: `topic payload`, retained ones with a mark.
    final class Listener: Sendable {
        private final class Ears: MessageReceiver {
            let heard: @Sendable (String, [UInt8], Bool) -> Void

            init(_ heard: @escaping @Sendable (String, [UInt8], Bool) -> Void) { self.heard = heard }

            func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
                heard(
                    String(decoding: topic.indices.map { topic[$0] }, as: UTF8.self),
                    payload.indices.map { payload[$0] },
                    delivery.isRetained)
            }
        }

        private let messages = Mutex<[(topic: String, payload: [UInt8])]>([])
        private let isUp = Atomic<Bool>(false)
        private let isDone = Atomic<Bool>(false)
        private let thread = Mutex<WorkerThread?>(nil)

        /// Returns once it is subscribed.
        init(_ broker: TestBroker, _ filters: [String]) async throws {
            var settings = broker.session("listener")
            (settings.isClean, settings.topicFilters) = (true, filters)
            let fixed = settings
            let started = WorkerThread.start(name: "listener") { [self] in listen(fixed) }
            thread.withLock { $0 = started }
            try await eventually("the listener is subscribed") { isUp.load(ordering: .acquiring) }
        }

        private func listen(_ settings: SessionConfiguration) {
            let ears = Ears { [self] topic, payload, _ in messages.withLock { $0.append((topic, payload)) } }
            guard let session = try? BrokerSession(settings, receiver: ears, wallMs: { 0 }, logger: quiet) else {
                return
            }
            session.connect()
            while !isDone.load(ordering: .acquiring), session.state != .down {
                session.write()
                while session.read() {}
                if session.state == .up { isUp.store(true, ordering: .releasing) }
                session.service()
                session.wait(reading: true, writing: true, wake: -1, timeoutMs: 20)
            }
            session.disconnect()
        }

        func of(_ topic: String) -> [[UInt8]] { messages.withLock { $0 }.filter { $0.topic == topic }.map(\.payload) }

        func texts(_ topic: String) -> [String] { of(topic).map { String(decoding: $0, as: UTF8.self) } }

        func end() async {
            isDone.store(true, ordering: .releasing)
            await thread.withLock { $0 }?.finished()
        }
    }

    static func route() throws -> Route {
        var route = Route(
            name: "pumps", topic: try TopicPattern("spBv1.0/Water/+/{node}/{device}"), format: .sparkplug,
            kind: .waterLeak)
        route.fields = [RouteField("Flow", .flow)]
        return route
    }

    private static func host(
        _ broker: TestBroker, _ probe: IngestProbe, version: SessionConfiguration.ProtocolVersion = .v5,
        rebirthInterval: Duration = .seconds(60), reorderTimeout: Duration = .milliseconds(0)
    ) throws -> IngestWorker {
        try broker.worker(probe, version: version, routes: [route()]) { configuration in
            var settings = SparkplugSettings()
            (settings.host, settings.rebirthInterval, settings.reorderTimeout) = (
                "city", rebirthInterval, reorderTimeout
            )
            configuration.sparkplug = settings
        }
    }

    private static func metric(_ name: String?, alias: UInt64, _ value: Double) -> ProtobufWriter {
        var metric = ProtobufWriter()
        if let name { metric.text(1, name) }
        metric.number(2, alias)
        metric.number(3, 1_777_600_000_000 - 1000)
        metric.number(4, 10)
        metric.double(13, value)
        return metric
    }

    private static func payload(_ metrics: [ProtobufWriter], sequence: UInt64?) -> [UInt8] {
        var payload = ProtobufWriter()
        payload.number(1, 1_777_600_000_000)
        for metric in metrics { payload.message(2, metric) }
        if let sequence { payload.number(3, sequence) }
        return payload.bytes
    }

    private static var session: ProtobufWriter {
        var metric = ProtobufWriter()
        metric.text(1, "bdSeq")
        metric.number(4, 4)
        metric.number(11, 3)
        return metric
    }

    static let state = "spBv1.0/STATE/city"
    static let online = #"{"online":true,"timestamp":1777600000000}"#
    static let offline = #"{"online":false,"timestamp":1777600000000}"#

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func saysThatItIsThereAndThatItIsNot(_ version: SessionConfiguration.ProtocolVersion) async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let listener = try await Listener(broker, [Self.state])
        let probe = IngestProbe()
        let worker = try Self.host(broker, probe, version: version)
        try await eventually("it is said") { listener.texts(Self.state) == [Self.online] }
        // Somebody's old will.
        let other = try broker.publisher()
        try other.publish(topic: Self.state, payload: Array(Self.offline.utf8))
        try other.flush()
        try await eventually("it is said") { listener.texts(Self.state) == [Self.online, Self.offline, Self.online] }
        worker.stop()
        await worker.finished()
        try await eventually("it is said") { listener.texts(Self.state).last == Self.offline }
        probe.end()
        await listener.end()
    }

    @Test func asksForTheBirthThatItMissesAndReadsByItsAliases() async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let listener = try await Listener(broker, ["spBv1.0/Water/NCMD/#"])
        let probe = IngestProbe()
        let worker = try Self.host(broker, probe)
        try #require(probe.wait { $0.connections == [false, true] })
        let node = try broker.publisher()
        let data = Self.payload([Self.metric(nil, alias: 4, 7.5)], sequence: 9)
        try node.publish(topic: "spBv1.0/Water/DDATA/rtu-1/pump", payload: data, qos: .atMostOnce)
        try node.flush()
        try #require(probe.wait { $0.quarantined.count == 1 })
        #expect(probe.now.quarantined[0].header.reason == .beforeBirth)
        try await eventually("it is said") { !listener.of("spBv1.0/Water/NCMD/rtu-1").isEmpty }
        #expect(listener.of("spBv1.0/Water/NCMD/rtu-1") == [SparkplugCommand.rebirth(atMs: 1_777_600_000_000)])

        try node.publish(
            topic: "spBv1.0/Water/NBIRTH/rtu-1", payload: Self.payload([Self.session], sequence: 0), qos: .atMostOnce)
        try node.publish(
            topic: "spBv1.0/Water/DBIRTH/rtu-1/pump",
            payload: Self.payload([Self.metric("Flow", alias: 4, 1)], sequence: 1), qos: .atMostOnce)
        try node.publish(
            topic: "spBv1.0/Water/DDATA/rtu-1/pump",
            payload: Self.payload([Self.metric(nil, alias: 4, 7.5)], sequence: 2), qos: .atMostOnce)
        try node.flush()
        #expect(probe.wait { $0.values == [1, 7.5] })
        #expect(probe.now.introductions.map { Array($0.prefix(2)) } == [["Water/rtu-1/pump", "spBv1.0/Water/rtu-1"]])

        try node.publish(
            topic: "spBv1.0/Water/NDEATH/rtu-1", payload: Self.payload([Self.session], sequence: nil))
        try node.flush()
        #expect(probe.wait { $0.deaths.count == 1 })
        #expect(probe.now.deaths.first?.isGateway == true)
        worker.stop()
        await worker.finished()
        probe.end()
        await listener.end()
    }

    @Test func aMessageThatWaitsForItsSensorIsCountedOnce() async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let listener = try await Listener(broker, ["spBv1.0/Water/NCMD/#"])
        let probe = IngestProbe()
        probe.answer(false)
        let worker = try Self.host(broker, probe)
        try #require(probe.wait { $0.connections == [false, true] })
        let node = try broker.publisher()
        for (topic, metrics, sequence) in [
            ("NBIRTH/rtu-1", [Self.session], 0), ("DBIRTH/rtu-1/pump", [Self.metric("Flow", alias: 4, 1)], 1),
            ("DDATA/rtu-1/pump", [Self.metric(nil, alias: 4, 2)], 2),
        ] as [(String, [ProtobufWriter], UInt64)] {
            try node.publish(
                topic: "spBv1.0/Water/" + topic, payload: Self.payload(metrics, sequence: sequence), qos: .atMostOnce)
        }
        try node.flush()
        try #require(probe.wait { $0.introduced.count == 1 })
        probe.answer(true)
        #expect(probe.wait { $0.values == [1, 2] })
        // Another node's data is answered by a question: had the first been counted twice, it would have been asked before.
        try node.publish(
            topic: "spBv1.0/Water/NDATA/rtu-2", payload: Self.payload([], sequence: 2), qos: .atMostOnce)
        try node.flush()
        try await eventually("it is said") { !listener.of("spBv1.0/Water/NCMD/rtu-2").isEmpty }
        #expect(listener.of("spBv1.0/Water/NCMD/rtu-1").isEmpty)
        worker.stop()
        await worker.finished()
        probe.end()
        await listener.end()
    }

    /// Numbers run across a node's devices: a gap is on the record of each sensor behind it.
    @Test func whatIsMissingIsToldToEachSensorOfTheNode() async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        let worker = try Self.host(broker, probe, reorderTimeout: .seconds(60))
        try #require(probe.wait { $0.connections == [false, true] })
        let node = try broker.publisher()
        func say(_ topic: String, _ metrics: [ProtobufWriter], _ sequence: UInt64) throws {
            try node.publish(
                topic: "spBv1.0/Water/" + topic, payload: Self.payload(metrics, sequence: sequence), qos: .atMostOnce)
        }
        try say("NBIRTH/rtu-1", [Self.session], 0)
        try say("DBIRTH/rtu-1/a", [Self.metric("Flow", alias: 1, 1)], 1)
        try say("DBIRTH/rtu-1/b", [Self.metric("Flow", alias: 2, 2)], 2)
        try say("DDATA/rtu-1/a", [Self.metric(nil, alias: 1, 3)], 6)  // 3, 4 and 5 are missing
        try say("NDATA/rtu-1", [], 7)  // nothing that a route reads
        try say("DDATA/rtu-1/b", [Self.metric(nil, alias: 2, 4)], 8)
        try say("DDATA/rtu-1/b", [Self.metric(nil, alias: 2, 5)], 4)  // late
        try say("DDATA/rtu-1/a", [Self.metric(nil, alias: 1, 6)], 9)
        try node.flush()
        #expect(probe.wait { $0.values.count == 6 && $0.nodeFrames.count == 6 })
        let told = probe.now.nodeFrames
        let shown = told.map { "\($0.sensor.rawValue): \($0.received) \($0.lost) \($0.reordered)" }
        #expect(shown == ["0: 1 0 0", "1: 1 0 0", "0: 2 3 0", "1: 3 3 0", "1: 1 -1 1", "0: 4 -1 1"])
        #expect(told.allSatisfy { $0.duplicated == 0 && $0.rejoins == 0 })
        worker.stop()
        await worker.finished()
        probe.end()
    }

    /// A reload must not cost a city's edge nodes their aliases.
    @Test func otherRoutesKeepWhatBirthsHaveSaidAndAskForThemAgain() async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let listener = try await Listener(broker, ["spBv1.0/Water/NCMD/#"])
        let probe = IngestProbe()
        let worker = try Self.host(broker, probe)
        try #require(probe.wait { $0.connections == [false, true] })
        let node = try broker.publisher()
        func say(_ topic: String, _ metrics: [ProtobufWriter], _ sequence: UInt64) throws {
            try node.publish(
                topic: "spBv1.0/Water/" + topic, payload: Self.payload(metrics, sequence: sequence), qos: .atMostOnce)
            try node.flush()
        }
        try say("NBIRTH/rtu-1", [Self.session], 0)
        try say("DBIRTH/rtu-1/pump", [Self.metric("Flow", alias: 4, 1)], 1)
        try #require(probe.wait { $0.values == [1] })
        worker.change(routes: RouteTable([try Self.route()]), mountings: Mountings())
        try await eventually("the node is asked") { listener.of("spBv1.0/Water/NCMD/rtu-1").count == 1 }
        try say("DDATA/rtu-1/pump", [Self.metric(nil, alias: 4, 7.5)], 2)
        #expect(probe.wait { $0.values == [1, 7.5] })
        #expect(probe.now.quarantined.isEmpty)
        worker.stop()
        await worker.finished()
        probe.end()
        await listener.end()
    }

    @Test func asksNodesThatItKnewAfterAConnection() async throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let listener = try await Listener(broker, ["spBv1.0/Water/NCMD/#"])
        let probe = IngestProbe()
        var configuration = IngestConfiguration(session: broker.session("ingest"))
        var settings = SparkplugSettings()
        settings.reorderTimeout = .zero
        configuration.sparkplug = settings
        let worker = try IngestWorker.start(
            configuration, routes: RouteTable([try Self.route()]), inlet: probe.takeInlet(),
            edgeNodes: [EdgeNodeID(group: "Water", node: "rtu-7")], clock: WallClock { 1_777_600_000_000 },
            metrics: NOOPMetricsHandler.instance, logger: quiet)
        try await eventually("it is said") { listener.of("spBv1.0/Water/NCMD/rtu-7").count == 1 }
        worker.stop()
        await worker.finished()
        probe.end()
        await listener.end()
    }
}
