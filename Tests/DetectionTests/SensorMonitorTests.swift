import Detection
import Readings
import Testing

@Suite struct SensorMonitorTests {
    @Test func theSameReadingsGiveTheSameStateAndVerdicts() {
        func run() -> Street {
            var district = District(seed: 8)
            district.pass(days: 28)
            district.pass(days: 3, extra: 12)
            district.pass(hours: 12) { _ in 40 }
            return district.street
        }
        let (a, b) = (run(), run())
        #expect(a == b)
        #expect(a.incidents.count >= 2)
    }

    @Test(arguments: SensorKind.allCases, Quantity.allCases)
    func anyQuantityOfAnyKindIsTaken(_ kind: SensorKind, _ quantity: Quantity) {
        var street = Street(kind)
        var random = Random(seed: 6)
        var atMs = Int64.monday
        for i in 0..<6000 {
            atMs += Int64.random(in: 0...(.hour), using: &random)
            let extreme: [Double] = [0, 1, -1, 50, 1e18, -1e18, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
            street.send(quantity, i.isMultiple(of: 5) ? extreme.randomElement(using: &random)! : 20, atMs: atMs)
            for verdict in street.verdicts {
                #expect(verdict.onsetMs <= verdict.observedAtMs)
                #expect(verdict.score >= 0 && verdict.score.isFinite)
                #expect(verdict.observed.isFinite && verdict.expected.isFinite && verdict.threshold.isFinite)
            }
        }
    }

    @Test func aRuleThatIsNotActiveSpeaksOnlyWhenItIsOdd() {
        var monitor = SensorMonitor(
            kind: .binFill, zone: .utc, parameters: DetectionParameters())
        var verdicts: [Verdict] = []
        func reading(_ value: Double, _ minute: Int64) -> Reading {
            Reading(
                sensor: SensorIndex(rawValue: 0), quantity: .tilt, observedAtMs: minute * .minute, arrivedAtMs: 0,
                value: value)
        }
        monitor.observe(reading(0, 0), active: [], into: &verdicts)
        #expect(verdicts.isEmpty)
        monitor.observe(reading(0, 1), active: RuleSet(.binTilt), into: &verdicts)
        #expect(verdicts.map(\.condition) == [.normal])
        monitor.observe(reading(1, 2), active: [], into: &verdicts)
        #expect(verdicts.map(\.condition) == [.normal, .abnormal])
    }

    @Test func defaultsAreSound() {
        #expect(DetectionParameters().problems() == [])
        for rule in Rule.allCases {
            #expect(rule.lifecycle.pendingMs >= 0 && rule.lifecycle.clearMs >= 0 && rule.lifecycle.holdOffMs > 0)
            #expect(rule.version >= 1)
        }
    }

    @Test func everyProblemIsReportedAtOnce() {
        var parameters = DetectionParameters()
        parameters.nightFlow.sigmaFloor = 9
        parameters.burst.rise = 2
        parameters.bin.fullPercent = 20
        parameters.silence.missedIntervals = 0
        parameters.wetContact.hours = 0
        let keys = parameters.problems().map { String($0.prefix { $0 != ":" && $0 != "." }) }
        #expect(Set(keys) == ["night_flow", "burst", "bin", "silence", "wet_contact"])
    }

    @Test(arguments: [24, 25, 96, 97]) func aWindowOfNightsHoldsMoreThanADay(_ hours: Int) {
        var parameters = DetectionParameters()
        parameters.nightFlow.hours = hours
        #expect(parameters.problems().isEmpty == (25...96).contains(hours))
        guard parameters.problems().isEmpty else { return }
        // What is allowed finds something.
        var street = Street(.waterLeak, parameters: parameters)
        for quarter in 0..<(40 * 96) as Range<Int64> {
            let value = 30 + Double(quarter * 7919 % 100) / 100 + (quarter >= 30 * 96 ? 10 : 0)
            street.send(.flow, value, atMs: .monday + quarter * 15 * .minute)
        }
        #expect(street.opened(.nightFlow).count == 1)
    }
}
