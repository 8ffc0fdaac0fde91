import Detection
import Readings
import Testing

@Suite struct AnomalyTests {
    /// A series of no known kind, every five minutes, given reading by reading.
    private struct Series: Equatable {
        var street = Street(.generic)
        var step: Int64 = 0
        static func == (a: Series, b: Series) -> Bool { a.street == b.street && a.step == b.step }

        var nowMs: Int64 { .monday + step * 5 * .minute }

        mutating func pass(_ count: Int, _ value: (Int64) -> Double) {
            for _ in 0..<count {
                street.send(.generic, value(step), atMs: nowMs)
                step += 1
            }
        }
    }

    private func noise(seed: UInt64, scale: Double = 1) -> (Int64) -> Double {
        var random = Random(seed: seed)
        return { _ in scale * (50 + random.normal()) }
    }

    /// Means of eight hours pass three deviations by chance once in a month or so.
    @Test(arguments: 1...6) func steadyNoiseSeldomOpens(_ seed: Int) {
        var series = Series()
        series.pass(3000, noise(seed: UInt64(seed)))
        #expect(series.street.opened(.anomaly).count <= 1)
    }

    @Test(arguments: 1...4) func aPumpThatRunsEachMorningIsNoNewsAndOneAtNightIs(_ seed: Int) throws {
        var series = Series()
        let quiet = noise(seed: UInt64(seed))
        func pump(_ step: Int64) -> Double { quiet(step) + ((100..<200).contains(step % 288) ? 60 : 0) }
        series.pass(4 * 288, pump)
        let known = series.street.opened(.anomaly).count
        series.pass(5 * 288, pump)
        #expect(series.street.opened(.anomaly).count == known)
        let beganMs = series.nowMs
        series.pass(10) { quiet($0) + 60 }
        let incident = try #require(series.street.opened(.anomaly).last)
        #expect(incident.openedAtMs == beganMs)
    }

    /// Spikes at odd hours, days apart: the fourth is nothing that anybody need hear of, but for one that is half as large again.
    @Test(arguments: 1...4) func whatHasComeThreeTimesIsNoNewsUnlessItIsLarger(_ seed: Int) {
        var series = Series()
        let quiet = noise(seed: UInt64(seed))
        var told: [Bool] = []
        for height in [60.0, 60, 60, 60, 62, 60, 110, 61] {
            series.pass(411, quiet)
            let before = series.street.opened(.anomaly).count
            series.pass(2) { quiet($0) + height }
            told.append(series.street.opened(.anomaly).count > before)
        }
        #expect(told == [true, true, true, false, false, false, true, false])
    }

    /// A machine that starts each morning stays away for a day. Its next start is news though it has started often.
    @Test func aDailyStepThatHasStayedAwayIsNewsWhenItComesAgain() {
        var series = Series()
        let quiet = noise(seed: 5)
        func machine(_ step: Int64) -> Double { quiet(step) + ((100..<120).contains(step % 288) ? 60 : 0) }
        series.pass(8 * 288, machine)
        let known = series.street.opened(.anomaly).count
        series.pass(288, quiet)
        series.pass(110, machine)
        #expect(series.street.opened(.anomaly).count == known + 1)
    }

    @Test(arguments: [0, -7.5, 1e12]) func aConstantOpensNoAnomaly(_ value: Double) {
        var series = Series()
        series.pass(2000) { _ in value }
        #expect(series.street.opened(.anomaly) == [])
    }

    /// The scale of a series says nothing: the same shape gives the same incidents.
    @Test(arguments: [1e-9, 1, 1e9]) func aJumpOpensAtOnceAndOnce(_ scale: Double) throws {
        var series = Series()
        series.pass(400, noise(seed: 3, scale: scale))
        #expect(series.street.incidents == [])
        let beganMs = series.nowMs
        series.pass(30) { scale * (80 + Double($0 % 3)) }
        let incident = try #require(series.street.opened(.anomaly).first)
        #expect(incident.openedAtMs == beganMs && incident.onsetMs == beganMs)
        series.pass(100, noise(seed: 4, scale: scale))
        #expect(series.street.opened(.anomaly).count == 1)
        #expect(series.street.opened(.anomaly)[0].closedAtMs != nil)
    }

    @Test(arguments: [20.0, -20]) func aJumpNamesWhereAStepOpens(_ height: Double) throws {
        var series = Series()
        let quiet = noise(seed: 1)
        series.pass(1000, quiet)
        let before = series.street.opened(.anomaly).count
        series.pass(1) { quiet($0) + height }
        let incidents = series.street.opened(.anomaly)
        try #require(incidents.count == before + 1)
        let verdict = incidents[before].verdict
        #expect(verdict.ground == .threshold)
        #expect((verdict.observed - verdict.threshold) * height > 0)
        #expect((verdict.threshold - verdict.expected) * height > 0)
    }

    @Test func aSmallShiftThatLastsOpensWithinTwoHours() throws {
        var series = Series()
        series.pass(400, noise(seed: 15))
        #expect(series.street.incidents == [])
        let beganMs = series.nowMs
        let shifted = noise(seed: 6)
        // Under the chart for steps, above the one for means.
        series.pass(24) { shifted($0) + 2.5 }
        let incident = try #require(series.street.opened(.anomaly).first)
        #expect(incident.openedAtMs > beganMs && incident.openedAtMs - beganMs <= 2 * .hour)
    }

    @Test func aNewNormalIsAdopted() {
        var series = Series()
        series.pass(1000, noise(seed: 7))
        let shifted = noise(seed: 8)
        series.pass(6000) { shifted($0) + 6 }
        #expect(series.street.opened(.anomaly).count == 1)
        #expect(series.street.opened(.anomaly)[0].closedAtMs != nil)
    }

    @Test func nothingIsJudgedBeforeAHundredAndFiftyReadings() {
        var series = Series()
        series.pass(148, noise(seed: 9))
        series.pass(1) { _ in 1000 }
        #expect(series.street.incidents == [])
    }

    @Test func repeatingOneValueIsAFaultAndNoAnomaly() {
        var series = Series()
        series.pass(400, noise(seed: 3))
        series.pass(100) { _ in 50.25 }
        #expect(series.street.incidents.map(\.rule) == [.stuck])
    }

    @Test func onlyThePastCounts() {
        // What comes later cannot change what was said before.
        func run(_ tail: Double) -> [Street.Incident] {
            var series = Series()
            series.pass(800, noise(seed: 11))
            series.pass(20) { _ in 70 }
            let seen = series.street.opened(.anomaly)
            series.pass(200) { _ in tail }
            return seen
        }
        #expect(run(0) == run(1e6))
        #expect(run(0).count == 1)
    }
}
