import Detection
import Foundation
import Incidents
import Open311
import Pipeline
import Readings
import Simulation
import TestSupport
import Testing

/// Every story under `fixtures/scenarios`, through the real detection and lifecycle.
@Suite struct ScenarioTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures/scenarios").standardized

    static var stories: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".scenario") }.sorted()
    }

    @Test func thereAreStories() { #expect(Self.stories.count >= 8) }

    @Test(arguments: stories)
    func happensAsWritten(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let scenario = try ScenarioFile(text)
        var theatre = try Theatre(scenario)
        for expectation in scenario.expectations {
            theatre.play(until: expectation.atMs)
            let found = theatre.requests(matching: expectation)
            let holds =
                switch expectation.count {
                case .none: found.isEmpty
                case .one: found.count == 1
                case .some: !found.isEmpty
                }
            #expect(
                holds,
                "\(name):\(expectation.line): \(expectation.text); there are \(theatre.described)")
        }
    }
}

/// Plays a scenario's readings into a processor, with a tick a minute, and keeps the requests that come of it.
private struct Theatre {
    private let scenario: ScenarioFile
    private var processor: StreamProcessor
    private var indexes: [SensorIndex] = []
    private var next = 0
    private var clockMs: Int64
    private var requests: [Int64: ServiceRequest] = [:]
    /// Sensors and gateways that ever belonged to a request, by its id.
    private var members: [Int64: Set<String>] = [:]

    init(_ scenario: ScenarioFile) throws {
        self.scenario = scenario
        var configuration = PipelineConfiguration()
        configuration.registry = scenario.sensors
        configuration.zone = try Self.zone("Europe/London")
        for name in Set(scenario.sensors.compactMap(\.timeZone)).sorted() {
            configuration.sensorZones[name] = try Self.zone(name)
        }
        processor = StreamProcessor(configuration: configuration)
        clockMs = min(scenario.warmUpMs, scenario.startMs)
        let batch = CommitBatch()
        for sensor in scenario.sensors {
            guard
                case .admitted(let index) = processor.admit(
                    id: sensor.id, kind: sensor.kind, nowMs: clockMs, into: batch)
            else { throw ScenarioError(line: 0, "\(sensor.id) was refused") }
            indexes.append(index)
        }
        processor.connection(isUp: true, source: 1, atMs: clockMs, into: batch)
    }

    private static func zone(_ name: String) throws -> ZoneTable {
        try ZoneTable(tzif: [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))))
    }

    /// Everything measured until `atMs`, this moment included.
    mutating func play(until atMs: Int64) {
        let batch = CommitBatch()
        while clockMs <= atMs {
            while next < scenario.readings.count, scenario.readings[next].observedAtMs <= clockMs {
                let reading = scenario.readings[next]
                processor.take(
                    Reading(
                        sensor: indexes[reading.sensor], quantity: reading.quantity,
                        observedAtMs: reading.observedAtMs, arrivedAtMs: clockMs, value: reading.value), into: batch)
                next += 1
            }
            processor.tick(atMs: clockMs, into: batch)
            clockMs += 60_000
        }
        for request in batch.requests { requests[request.id] = request }
        for decision in batch.decisions {
            if let id = decision.requestID { members[id, default: []].insert(decision.sensorID) }
        }
    }

    func requests(matching expectation: ScenarioFile.Expectation) -> [ServiceRequest] {
        requests.values.filter { request in
            let isSubject =
                switch expectation.subject {
                case .anything: true
                case .sensor(let id), .gateway(let id): members[request.id, default: []].contains(id)
                }
            return isSubject && expectation.service.map { $0 == request.service } ?? true
                && expectation.isOpen.map { $0 == (request.status == .open) } ?? true
        }
    }

    /// What was filed, for a failing test.
    var described: String {
        let lines = requests.values.sorted { $0.id < $1.id }.map {
            "#\($0.id) \($0.status.rawValue) \($0.detector) \($0.sensorID) raised \(Timestamp.format($0.requestedAtMs))"
        }
        return lines.isEmpty ? "none" : lines.joined(separator: "; ")
    }
}
