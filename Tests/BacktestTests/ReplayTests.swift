import Backtest
import Detection
import Incidents
import Pipeline
import Readings
import Testing

/// Small recordings through the pipeline.
@Suite struct ReplayTests {
    private func replay(
        _ rows: [(minute: Int64, sensor: Int, value: Double)], _ kind: SensorKind, _ quantity: Quantity,
        sensors: Int = 1, configure: (inout PipelineConfiguration) -> Void = { _ in }
    ) -> Replay.Outcome {
        var configuration = PipelineConfiguration()
        configuration.registry = (0..<sensors).map { number in
            var sensor = Sensor(id: "s\(number)", kind: kind)
            sensor.expectedIntervalS = 1800
            return sensor
        }
        configure(&configuration)
        let recording = Recording(
            sensors: (0..<sensors).map { Recording.Source(id: "s\($0)", kind: kind) },
            rows: rows.map {
                Recording.Row(
                    observedAtMs: Sets.at($0.minute), value: $0.value, sensor: UInt32($0.sensor), quantity: quantity)
            })
        return Replay(configuration: configuration).run(recording)
    }

    /// A level every half an hour from minute 0.
    private func levels(_ levels: [Double]) -> [(minute: Int64, sensor: Int, value: Double)] {
        levels.enumerated().map { (Int64($0) * 30, 0, $1) }
    }

    @Test func aFireOpensWithItsReadingAndClosesWhenItHasCooled() {
        let hot = [12.0, 12, 13, 12, 90, 95] + Array(repeating: 13, count: 12)
        let outcome = replay(levels(hot), .binFill, .temperature)
        #expect(outcome.incidents.map(\.rule) == [.binFire])
        #expect(outcome.incidents.map(\.openedAtMs) == [Sets.at(120)])
        #expect(outcome.incidents[0].closedAtMs.map { $0 > Sets.at(150) } == true)
        #expect(outcome.tallies.readings == hot.count)
    }

    @Test func whoIsSilentWhileOthersSpeakIsAFault() {
        var rows: [(minute: Int64, sensor: Int, value: Double)] = []
        for step in Int64(0)..<48 {
            rows.append((step * 30, 0, 20 + Double(step % 5)))
            if step < 20 { rows.append((step * 30, 1, 20 + Double(step % 7))) }
        }
        let outcome = replay(rows, .binFill, .temperature, sensors: 2)
        #expect(outcome.incidents.map(\.sensorID) == ["s1"])
        #expect(outcome.incidents.map(\.class) == [.fault])
        // Three half hours after the last word; a tick between the other's readings tells it.
        #expect((Sets.at(660)...Sets.at(689)).contains(outcome.incidents[0].openedAtMs))
        #expect(outcome.incidents[0].closedAtMs == nil)
    }

    @Test func aPauseOfTheWholeRecordingIsNobodysSilence() {
        func day(from minute: Int64) -> [(minute: Int64, sensor: Int, value: Double)] {
            (0..<48).map { step in (minute + Int64(step) * 30, 0, Double(20 + step % 5)) }
        }
        let dayAndMore = day(from: 0) + day(from: 4320)
        #expect(replay(dayAndMore, .binFill, .temperature).incidents.isEmpty)
        let hours = day(from: 0) + day(from: 2400)
        #expect(replay(hours, .binFill, .temperature).incidents.map(\.rule) == [.silence])
    }

    @Test func whatIsRaisedAfterTheEvaluationIsLeftOut() {
        let set = LabelledSet(sensors: [Sets.sensor("s0")], labels: [])
        let incidents = [
            Sets.incident(-5), Sets.incident(10_000), Sets.incident(10_001), Sets.incident(0, sensor: "s9"),
        ]
        let kept = Replay.Outcome(incidents: incidents).evaluated(in: set).incidents
        #expect(kept == [incidents[0], incidents[1], incidents[3]])
    }

    @Test func aForecastIsAnOpeningAndBecomesAnIncidentWhenTheBinIsFull() throws {
        // Two points an hour for two days, then full, and emptied.
        let filling = (0..<96).map { min(97, 5 + Double($0)) } + Array(repeating: 4, count: 12)
        let outcome = replay(levels(filling), .binFill, .fill) { $0.detection.bin.leadTimeMs = 12 * 3_600_000 }
        let opening = try #require(outcome.openings.first)
        let full = try #require(outcome.incidents.first)
        #expect((outcome.openings.count, outcome.incidents.count) == (1, 1))
        #expect(opening.ending == .overflow)
        #expect(opening.openedAtMs < full.openedAtMs)
        #expect(opening.endedAtMs == full.openedAtMs)
        // It is at 85 % with the 80th level.
        #expect(abs(opening.forecastMs - Sets.at(80 * 30)) < 3 * 3_600_000)
        #expect(full.closedAtMs != nil)
        #expect(full.type == "overflow")
    }

    @Test func aLoadThatIsTippedIntoAFullBinIsAnIncidentOfItsOwn() throws {
        // A bin that nears its brim by and by, and one load: what people get is one request, what is scored are two.
        let filling = (0..<40).map { 40 + Double($0 % 3) } + [88, 89, 88, 90, 89, 90, 88, 89, 90, 89, 90]
        let outcome = replay(levels(filling + Array(repeating: 4, count: 12)), .binFill, .fill)
        #expect(Set(outcome.incidents.map(\.rule)) == [.binFull, .binDumping])
        #expect(outcome.incidents.allSatisfy { $0.closedAtMs != nil })
    }

    @Test func aBinThatIsEmptiedInTimeWasPrevented() throws {
        let filling = (0..<74).map { 5 + Double($0) } + Array(repeating: 4, count: 12)
        let outcome = replay(levels(filling), .binFill, .fill) { $0.detection.bin.leadTimeMs = 12 * 3_600_000 }
        #expect(outcome.incidents.isEmpty)
        #expect(outcome.openings.map(\.ending) == [.prevented])
    }

    @Test func theSameRecordingGivesTheSameIncidents() throws {
        let rows = levels((0..<500).map { Double(($0 * 37) % 101) })
        let first = replay(rows, .binFill, .temperature)
        #expect(first.incidents == replay(rows, .binFill, .temperature).incidents)
        #expect(!first.incidents.isEmpty)
    }

    @Test func aRuleThatIsOffRaisesNothing() {
        let hot = [12.0, 12, 13, 12, 90, 95, 12, 12]
        let outcome = replay(levels(hot), .binFill, .temperature) { $0.policies[.binFire].isEnabled = false }
        #expect(outcome.incidents.isEmpty)
    }

    @Test func whomPolicyRefusesIsCounted() {
        let outcome = replay(levels([1, 2, 3]), .binFill, .fill) {
            $0.admission = .allowList
            $0.registry = []
        }
        #expect(outcome.refused == 3)
        #expect(outcome.tallies.readings == 0)
    }
}
