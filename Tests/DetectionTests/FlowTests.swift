import Detection
import Readings
import Testing

/// Night flow and bursts, on a district with a mean inflow of 50 m³/h.
@Suite struct FlowTests {
    @Test(arguments: 1...12) func ordinaryWeeksOpenNothing(_ seed: Int) {
        var district = District(seed: UInt64(seed))
        district.pass(days: 70)
        #expect(district.street.incidents == [])
    }

    struct Leak: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Share of mean flow, and the latest opening after the leak began, h.
        var share, within: Double
        var rule: Rule
    }

    @Test(
        arguments: [
            Leak(testDescription: "a main breaks: +60 %", share: 0.6, within: 2, rule: .burst),
            Leak(testDescription: "+36 %", share: 0.36, within: 2, rule: .burst),
            Leak(testDescription: "+20 %", share: 0.20, within: 5, rule: .burst),
            Leak(testDescription: "+15 %", share: 0.15, within: 12, rule: .burst),
            Leak(testDescription: "+11 %", share: 0.11, within: 30, rule: .nightFlow),
            Leak(testDescription: "+7 %", share: 0.07, within: 72, rule: .nightFlow),
        ], [6.0, 15, 23]) func leaksOpenInTimeAndCloseWhenMended(_ c: Leak, _ hour: Double) throws
    {
        var district = District()
        district.pass(days: 28)
        district.pass(hours: hour)
        #expect(district.street.incidents == [])
        let beganMs = district.nowMs
        district.pass(days: 5, extra: c.share * District.mean)
        let opened = try #require(district.street.opened(.nightFlow, .burst).map(\.openedAtMs).min())
        // Between six and eleven, workdays and Sundays lie too far apart to tell a small burst from a holiday.
        #expect(hours(opened - beganMs) <= c.within + (hour == 6 && c.share < 0.3 ? 10 : 0))
        // What it sees begins about when the leak began.
        let onset = try #require(district.street.incidents.map(\.onsetMs).max())
        #expect(abs(onset - beganMs) <= 3 * .day)
        #expect(!district.street.active.isEmpty)
        district.pass(days: 4)
        #expect(district.street.active.isEmpty)
        #expect(district.street.incidents.allSatisfy { $0.closedAtMs != nil })
        // And one leak is one incident of each rule.
        #expect(district.street.opened(.nightFlow).count <= 1 && district.street.opened(.burst).count <= 1)
    }

    /// A leak of a third that is told at once, and one of a seventh after hours.
    @Test(arguments: [0.31, 0.36, 0.15]) func aBurstNamesTheThresholdThatItsMeanHasPassed(_ share: Double) throws {
        var district = District()
        district.pass(days: 28)
        district.pass(hours: 15)
        district.pass(days: 1, extra: share * District.mean)
        let verdict = try #require(district.street.opened(.burst).first).verdict
        #expect(verdict.ground == .threshold)
        #expect(verdict.observed > verdict.threshold && verdict.threshold > verdict.expected)
    }

    @Test func aSmallLeakIsDecidedByWhatAddsUpAndNotByItsThreshold() throws {
        var district = District()
        district.pass(days: 28)
        district.pass(days: 5, extra: 0.07 * District.mean)
        let verdict = try #require(district.street.opened(.nightFlow).first).verdict
        #expect(verdict.observed < verdict.threshold)
        #expect(verdict.ground == .accumulation)
    }

    /// A meter that counts whole units, nine an hour on average: nights are rounded to one value, and a leak of a fifth of a unit
    /// shows by day, if it does. Were nights to count for what they seem to say, one of the six would be found.
    @Test func aLeakFarBelowTheMetersStepIsOftenFound() {
        let unit = District.mean / 9
        var found = 0
        for seed in UInt64(1)...6 {
            var district = District(seed: seed)
            func whole(_ value: Double) -> Double { (value / unit).rounded() }
            district.pass(hours: 42 * 24, sent: whole)
            #expect(district.street.opened(.nightFlow, .burst).isEmpty)
            district.pass(hours: 10 * 24, extra: 0.2 * unit, sent: whole)
            found += district.street.opened(.nightFlow, .burst).isEmpty ? 0 : 1
        }
        #expect(found >= 3)
    }

    @Test(arguments: [3.0, 9, 14, 20]) func anHourAtTheHydrantIsNoBurst(_ hour: Double) {
        var district = District()
        district.pass(days: 28)
        district.pass(hours: hour)
        district.pass(hours: 1, extra: 30)
        district.pass(days: 5)
        #expect(district.street.incidents == [])
    }

    @Test(arguments: 1...6) func aHolidayThatLooksLikeSundayIsNoLeak(_ seed: Int) {
        var district = District(seed: UInt64(seed))
        district.pass(days: 30)
        district.pass(hours: 24, like: .sunday)
        district.pass(days: 5)
        #expect(district.street.incidents == [])
    }

    @Test(arguments: ["Europe/London", "Australia/Melbourne"]) func theClockChangeIsNoLeak(_ zone: String) throws {
        // From mid February over the change at the end of March or the beginning of April.
        var district = District(zone: try ZoneTableTests.table(zone), startMs: .monday + 42 * .day)
        district.pass(days: 70)
        #expect(district.street.incidents == [])
    }

    @Test func lostDaysAreNoLeakAndDoNotHideOne() {
        var district = District()
        district.pass(days: 28)
        district.pass(hours: 60) { _ in nil }
        district.pass(days: 4)
        #expect(district.street.incidents == [])
        district.pass(hours: 36, extra: 10)
        #expect(!district.street.incidents.isEmpty)
    }

    @Test func nothingIsSaidInTheFirstDays() {
        var district = District()
        district.pass(days: 4)
        district.pass(days: 3, extra: 40)
        #expect(district.street.incidents == [])
    }

    @Test func aLeakThatNobodyMendsBecomesTheNewNormal() throws {
        var district = District()
        district.pass(days: 28)
        let beganMs = district.nowMs
        district.pass(days: 24, extra: 8)
        #expect(district.street.active.isEmpty)
        let closed = try #require(district.street.opened(.nightFlow, .burst).compactMap(\.closedAtMs).max())
        #expect((13...21).contains(hours(closed - beganMs) / 24))
        // A second leak on top of it opens again.
        let before = district.street.incidents.count
        district.pass(days: 3, extra: 20)
        #expect(district.street.incidents.count > before)
    }

    /// A worn meter tells less from week to week. No leak does that, and none has been mended.
    @Test(arguments: 1...4) func aMeterThatTellsLessAndLessHasDrifted(_ seed: Int) throws {
        var district = District(seed: UInt64(seed))
        district.pass(days: 28)
        for day in 0..<12 { district.pass(hours: 24) { $0 * (1 - 0.025 * Double(day)) } }
        let drifts = district.street.opened(.drift)
        #expect(drifts.count == 1 && district.street.incidents.count == 1)
        // By then it tells less by a quarter at most.
        #expect(try #require(drifts.first).openedAtMs < .monday + 39 * .day)
    }

    /// What goes when a leak ends that had become usual is the leak, not the meter.
    @Test(arguments: 1...4) func theEndOfALeakThatHadBecomeUsualIsNoDrift(_ seed: Int) {
        var district = District(seed: UInt64(seed))
        district.pass(days: 28)
        district.pass(days: 21, extra: 8)
        district.pass(days: 14)
        #expect(district.street.opened(.drift) == [])
        #expect(!district.street.opened(.nightFlow, .burst).isEmpty)
    }

    @Test func whatAPersonCallsUsualBecomesTheNewNormalOnceItsSizeIsKnown() throws {
        var district = District()
        district.pass(days: 28)
        let beganMs = district.nowMs
        district.pass(days: 2, extra: 8)
        try #require(!district.street.active.isEmpty)
        district.street.accepted = [RuleSet(.nightFlow), RuleSet(.burst)]
        district.pass(days: 6, extra: 8)
        #expect(district.street.active.isEmpty)
        let closed = try #require(district.street.opened(.nightFlow, .burst).compactMap(\.closedAtMs).max())
        #expect((3...7).contains(hours(closed - beganMs) / 24))
        // It stays usual, and a leak on top of it is one.
        let before = district.street.incidents.count
        district.pass(days: 5, extra: 8)
        #expect(district.street.incidents.count == before)
        district.pass(days: 3, extra: 25)
        #expect(district.street.incidents.count > before)
    }

    @Test func aStuckMeterIsAFaultAndNoLeak() throws {
        var district = District()
        district.pass(days: 28)
        district.pass(hours: 30) { _ in 71.5 }
        #expect(district.street.incidents.map(\.rule) == [.stuck])
        district.pass(days: 3)
        #expect(district.street.incidents.map(\.rule) == [.stuck])
        #expect(district.street.incidents[0].closedAtMs != nil)
    }

    @Test func impossibleFlowIsAFaultAndNoLeak() {
        var district = District()
        district.pass(days: 28)
        var up = 0.0
        district.pass(hours: 12) {
            up += 1
            return 1e6 + $0 + up
        }
        district.pass(days: 2)
        #expect(district.street.incidents.map(\.rule) == [.implausible])
    }

    @Test func twoImpossibleValuesAreNoFault() {
        var district = District()
        district.pass(days: 3)
        district.pass(hours: 0.5) { _ in 1e6 }
        district.pass(days: 1)
        #expect(district.street.incidents == [])
    }

    @Test(arguments: [60, 300, 3600]) func theCadenceDoesNotMatter(_ everyS: Int64) throws {
        var street = Street(.waterLeak)
        var random = Random(seed: 5)
        func value(_ atMs: Int64, extra: Double) -> Double {
            let hour = Double(atMs / .minute % 1440) / 60
            return 30 + (hour > 6 && hour < 22 ? 30 : 0) + 2 * random.normal() + extra
        }
        let leakMs = Int64.monday + 28 * .day
        for atMs in stride(from: Int64.monday, to: leakMs, by: Int(everyS * 1000)) {
            street.send(.flow, value(atMs, extra: 0), atMs: atMs)
        }
        #expect(street.incidents == [])
        for atMs in stride(from: leakMs, to: leakMs + 2 * .day, by: Int(everyS * 1000)) {
            street.send(.flow, value(atMs, extra: 9), atMs: atMs)
        }
        #expect(!street.incidents.isEmpty)
    }

    @Test func fallingPressureIsALeakAndRisingIsNot() {
        for (drop, opens) in [(3.0, true), (-3.0, false)] {
            var street = Street(.waterLeak)
            var random = Random(seed: 2)
            for quarter in 0..<(96 * 32) {
                let hour = Double(quarter % 96) / 4
                let usual = 45 - (hour > 6 && hour < 22 ? 4.0 : 0) + 0.4 * random.normal()
                street.send(
                    .pressure, quarter >= 96 * 28 ? usual - drop : usual,
                    atMs: .monday + Int64(quarter) * 15 * .minute)
            }
            #expect(street.opened(.nightFlow).isEmpty == !opens)
        }
    }
}
