import Detection
import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

/// What a request was raised by stays with it: as it was decided, and for as long as the request is there.
@Suite struct EvidenceTests {
    private static let dayMs: Int64 = 86_400_000
    private static let openedMs = midnightMs + 4 * dayMs

    private static func verdict(atMs: Int64 = openedMs, observed: Double = 58.1) -> Verdict {
        Verdict(
            rule: .burst, condition: .abnormal, quantity: .flow, observedAtMs: atMs, onsetMs: atMs - 3_600_000,
            score: 5.1, observed: observed, expected: 40.2, threshold: 44.2, forecastMs: atMs + 5,
            forecastLowMs: atMs + 3, forecastHighMs: atMs + 9, spread: 1.9,
            estimate: Interval(value: 17_900, low: 15_100, high: 20_700))
    }

    private static func mark(
        _ number: Int, _ event: EvidenceMark.Event, atMs: Int64 = openedMs, hasBaseline: Bool = true
    ) -> EvidenceMark {
        var baseline = Baseline(startMs: openedMs - 3 * dayMs, stepMs: 3_600_000)
        for hour in 0..<96 { baseline.append(level: 40 + Double(hour % 24), low: 38, high: 66) }
        return EvidenceMark(
            requestID: 1, number: number, event: event, atMs: atMs + 400, sensor: SensorIndex(rawValue: 0),
            verdict: verdict(atMs: atMs), fromMs: openedMs - 3 * dayMs, confidence: 0.93,
            signature: RuleSignature(version: 2, content: "rise=0.1\nsigmas=3.2\n"),
            baseline: hasBaseline ? baseline : nil)
    }

    /// A reading every ten minutes for nine days.
    private static let stream: [LoggedReading] = (0..<Int64(9 * 144)).map { (step: Int64) -> LoggedReading in
        let atMs: Int64 = midnightMs + step * 600_000
        return reading(step + 1, atMs: atMs, value: Double(step % 50))
    }

    private static func open(_ tools: SteppedStore.Tools) throws {
        try tools.commit { batch in
            batch.newSensors = [newSensor(-2)]
            batch.readings = stream
            var open = request(1)
            open.lastSeenMs = openedMs
            batch.requests = [open]
            batch.incidents = [incident("key-1", request: 1)]
            batch.evidence = [mark(1, .opened)]
        }
    }

    private static func close(_ tools: SteppedStore.Tools) throws {
        try tools.commit { batch in
            var closed = request(1, status: .closed)
            closed.lastSeenMs = openedMs + dayMs
            closed.clearedAtMs = openedMs + dayMs
            batch.requests = [closed]
            batch.incidents = [incident("key-1", request: 1, state: .resolved)]
            batch.evidence = [mark(2, .closed, atMs: openedMs + dayMs)]
        }
    }

    @Test func whatDecidedComesBackAsItWas() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { try Self.open($0) }
        let found = try await IssueReader(directory: directory.path).evidence(ofRequest: 1)
        let evidence = try #require(found)
        var expected = Self.mark(1, .opened)
        expected.sensorID = "meter-1"
        #expect(evidence.marks == [expected])
        let sensor = try #require(evidence.sensors.first)
        #expect(sensor.sensorID == "meter-1" && sensor.quantity == .flow && sensor.rule == .burst && sensor.isFiring)
        #expect(sensor.readings.first?.atMs == Self.openedMs - 3 * Self.dayMs)
        #expect(sensor.usual.count == 96)
        // The threshold follows what is usual at the distance at which the rule fired.
        #expect(sensor.usual[30].threshold.map { abs($0 - sensor.usual[30].level - 4) < 1e-9 } == true)
    }

    @Test func whoJoinedByAnotherRuleIsNotWhatTheRequestSpeaksOf() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try Self.open(tools)
            try tools.commit { batch in
                var joined = Self.mark(2, .joined, atMs: Self.openedMs + 600_000)
                (joined.verdict.rule, joined.verdict.quantity) = (.nightFlow, .pressure)
                batch.evidence = [joined]
            }
        }
        let evidence = try #require(try await IssueReader(directory: directory.path).evidence(ofRequest: 1))
        var told = request(1)
        told.detector = "burst"
        #expect(evidence.marks.count == 2 && evidence.mark(of: told).number == 1)
        // A rule that this version does not know has decided nothing: then the latest speaks.
        told.detector = "forgotten"
        #expect(evidence.mark(of: told).number == 2)
    }

    @Test func aReplayChangesNothing() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try Self.open(tools)
            try tools.commit { $0.evidence = [Self.mark(1, .opened)] }
            #expect(try tools.count("evidence_mark") == 1)
            #expect(try tools.count("evidence_parameters") == 1)
            #expect(try tools.count("evidence_due") == 1)
        }
    }

    @Test func aRequestWithoutASignalHasNone() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in try tools.commit { $0.requests = [request(7)] } }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.evidence(ofRequest: 7) == nil)
        #expect(try await reader.evidence(ofRequest: 99) == nil)
    }

    /// Where the sensor has spoken for less long than the rule would like to look back.
    @Test func whatThereIsIsToldAtOnce() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        let firstMs = Self.openedMs - 7_200_000
        try store.run { tools in
            try tools.commit { batch in
                batch.newSensors = [newSensor(-2)]
                batch.readings = Self.stream.filter { (firstMs...Self.openedMs).contains($0.reading.observedAtMs) }
                var open = request(1)
                (open.lastSeenMs, open.evidenceFromMs) = (Self.openedMs, Self.openedMs - 3 * Self.dayMs)
                open.evidenceSamples = nil
                batch.requests = [open]
                batch.incidents = [incident("key-1", request: 1)]
                batch.evidence = [Self.mark(1, .opened)]
            }
            try tools.settle()
            #expect(try tools.count("evidence_series") == 0, "nothing is copied yet")
        }
        let told = try #require(try await IssueReader(directory: directory.path).request(id: 1))
        #expect(told.evidenceSamples == 13 && told.evidenceFromMs == firstMs)
        try store.run { tools in
            // The pipeline knows nothing of that, and says what it said.
            try tools.commit { batch in
                var seen = request(1)
                (seen.lastSeenMs, seen.evidenceFromMs) = (Self.openedMs + 1, Self.openedMs - 3 * Self.dayMs)
                seen.evidenceSamples = nil
                batch.requests = [seen]
            }
        }
        let kept = try #require(try await IssueReader(directory: directory.path).request(id: 1))
        #expect(kept.evidenceSamples == 13 && kept.evidenceFromMs == firstMs)
    }

    @Test func readingsOutliveTheHistory() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory, configuration: DemotionTests.policy)
        try store.run { tools in
            try Self.open(tools)
            try Self.close(tools)
            // The stream goes on, and what followed the closing is copied for good.
            try tools.tick(1_000_000, afterDays: 9)
            try tools.settle()
            #expect(try tools.count("evidence_series") == 1)
            #expect(try tools.count("evidence_due") == 0)
            // How many there are is told with the request, and no later word of the pipeline's takes it away.
            try Self.close(tools)
            let samples = try Int.fetchOne(tools.db, sql: "SELECT samples FROM evidence_series")
            #expect(try Int.fetchOne(tools.db, sql: "SELECT evidence_samples FROM request") == samples)
        }
        let fresh = try #require(try await IssueReader(directory: directory.path).evidence(ofRequest: 1))
        try store.run { tools in
            // Fifty days later readings are days, and then gone.
            for day in 0..<50 { try tools.tick(2_000_000 + Int64(day), afterDays: 60 + Double(day)) }
            try tools.settle()
        }
        let reader = try IssueReader(directory: directory.path)
        let history = try await reader.history(
            ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: Self.openedMs + 3 * Self.dayMs)
        #expect(history.isEmpty, "the history has let go of them")
        let kept = try #require(try await reader.evidence(ofRequest: 1))
        #expect(kept.sensors[0].readings == fresh.sensors[0].readings)
        #expect(kept.sensors[0].readings.count > 400)
        #expect(kept.sensors[0].readings.last.map { $0.atMs > Self.openedMs + Self.dayMs } == true)
    }

    @Test func whatIsKeptOfOneRequestIsBounded() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.newSensors = (0..<20).map { newSensor(-30 + Int64($0), number: UInt32($0), id: "s\($0)") }
                // A reading a minute for six days, of twenty sensors.
                var sequence: Int64 = 0
                for minute in 0..<(6 * 1440) {
                    for sensor in UInt32(0)..<20 {
                        sequence += 1
                        batch.readings.append(
                            reading(
                                sequence, sensor: sensor, atMs: midnightMs + Int64(minute) * 60_000,
                                value: Double(minute % 97)))
                    }
                }
                var open = request(1)
                open.lastSeenMs = Self.openedMs
                batch.requests = [open]
                batch.incidents = (0..<20).map { number in
                    var one = incident("key-\(number)", request: 1)
                    one.sensor = SensorIndex(rawValue: UInt32(number))
                    return one
                }
                // It flaps for years.
                batch.evidence = (1...300).map { Self.mark($0, $0 == 1 ? .opened : .reopened, hasBaseline: false) }
            }
            try tools.tick(10_000_000, afterDays: 6)
            try tools.settle()
            #expect(try tools.count("evidence_series") == 8)
            #expect(try tools.count("evidence_series", "samples > 1200") == 0)
            #expect(try tools.count("evidence_mark") <= 48)
            #expect(try tools.count("evidence_mark", "number IN (1, 8, 300)") == 3)
            #expect(try tools.count("evidence_due") == 1, "it is open: there is more to come")
        }
        let found = try await IssueReader(directory: directory.path).evidence(ofRequest: 1)
        let evidence = try #require(found)
        #expect(evidence.sensors.count == 8)
        // Around the opening nothing is left out.
        let around = evidence.sensors[0].readings.filter {
            (Self.openedMs - 3 * 3_600_000...Self.openedMs + 3_600_000).contains($0.atMs)
        }
        #expect(around.count == 241)
    }
}
