internal import Foundation
internal import IssueStorage
internal import MQTTSession
internal import Readings
internal import Telemetry
internal import TimeBase

/// Puts together how the daemon does, when somebody asks.
struct OperationsBoard: Sendable {
    /// For how long back sensors' readings are counted.
    private static let trafficMs: Int64 = 300_000
    private static let mostSensors = 10

    let core: Core
    let connections: BrokerConnections
    let metrics: MetricRegistry
    let clock: WallClock
    let startedAt = ContinuousClock.now
    let health: @Sendable () -> HealthReport

    func figures() async throws -> OperationsFigures {
        let nowMs = clock.nowMs()
        let traffic = try await core.reader.traffic(sinceMs: nowMs - Self.trafficMs, limit: Self.mostSensors)
        let quarantine = try await core.reader.quarantineCounts()
        return OperationsFigures(
            atMs: nowMs, upMs: (ContinuousClock.now - startedAt).milliseconds, version: Version.current,
            health: health(), counts: counts, latencies: Self.stages.map(latency), brokers: brokers, store: store,
            busiest: traffic.busiest.map(Self.sensor), noisiest: traffic.noisiest.map(Self.sensor),
            quarantine: quarantine.sorted { ($1.value, $0.key.label) < ($0.value, $1.key.label) }
                .map { .init(reason: $0.key.label, count: $0.value) })
    }

    /// The figures as JSON.
    func document() async throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(try await figures()), as: UTF8.self)
    }

    private var counts: OperationsFigures.Counts {
        func total(_ name: String, _ dimensions: [(String, String)] = []) -> Int {
            Int(metrics.total(of: name, where: dimensions))
        }
        func unusual(_ outcome: String) -> Int { total("sluice_readings_unusual_total", [("outcome", outcome)]) }
        func decided(_ event: String) -> Int { total("sluice_decisions_total", [("event", event)]) }
        return .init(
            messages: total("sluice_mqtt_messages_total"), readings: total("sluice_readings_total"),
            late: unusual("late"), duplicates: unusual("duplicate"), clamped: unusual("clock_ahead"),
            conflicts: unusual("conflict"), shed: unusual("shed"), quarantined: total("sluice_mqtt_quarantined_total"),
            opened: decided("request.opened"), closed: decided("request.closed"),
            commits: Int(metrics.total(of: "sluice_store_commit_seconds")))
    }

    /// What is measured, in the order of a reading's way.
    private static let stages = [
        ("broker to commit", "sluice_mqtt_commit_seconds"), ("pipeline", "sluice_pipeline_batch_seconds"),
        ("queue to store", "sluice_store_queue_seconds"), ("commit", "sluice_store_commit_seconds"),
        ("reading to request", "sluice_request_seconds"),
    ]

    private func latency(_ stage: String, _ metric: String) -> OperationsFigures.Latency {
        // Of several connections the slowest counts.
        func ms(_ percent: Double) -> Double? { metrics.percentile(percent, ofAny: metric).map { $0 * 1000 } }
        return .init(stage: stage, p50: ms(50), p99: ms(99), p999: ms(99.9))
    }

    private var brokers: [OperationsFigures.Broker] {
        connections.statuses.map { name, status in
            .init(
                name: name, phase: status.phase.rawValue, isCaughtUp: status.isCaughtUp,
                lagMs: status.oldestUncommittedMs ?? 0,
                ringFill: metrics.total(of: "sluice_mqtt_ring_fill_ratio", where: [("broker", name)]),
                messages: Int(metrics.total(of: "sluice_mqtt_messages_total", where: [("broker", name)])))
        }
    }

    private var store: OperationsFigures.Store {
        let status = core.store.status
        return .init(
            state: status.state.rawValue, databaseBytes: status.databaseBytes, walBytes: status.walBytes,
            lastCommitMs: status.lastCommitDuration.map { $0 / .milliseconds(1) })
    }

    private static func sensor(_ traffic: SensorTraffic) -> OperationsFigures.Sensor {
        .init(
            id: traffic.sensorID, kind: traffic.kind.name, ward: traffic.ward, readings: traffic.readings,
            odd: traffic.odd)
    }
}
