import Detection
import Readings
import Testing

/// Devices that are not what they were: another unit, another interval, another place, a meter at its end, a wrong clock.
@Suite struct ChangedDeviceTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var every: Int64 = 1
        var sent: @Sendable (Double) -> Double = { $0 }
        /// What may be opened in the six weeks after the change, and what must be.
        var mayOpen: Set<Rule> = []
        var mustOpen: Set<Rule> = []
        /// The most requests of one rule: what recurs within the rule's hold-off is the same request.
        var most = 1
    }

    /// How many requests a rule's incidents make.
    private static func requests(_ incidents: [Street.Incident], _ rule: Rule) -> Int {
        var (count, lastMs) = (0, Int64.min / 2)
        for incident in incidents where incident.rule == rule {
            if incident.openedAtMs - lastMs > rule.lifecycle.holdOffMs { count += 1 }
            lastMs = incident.closedAtMs ?? .max / 2
        }
        return count
    }

    private static func check(_ incidents: [Street.Incident], _ c: Change) {
        let rules = Set(incidents.map(\.rule))
        #expect(rules.isSubset(of: c.mayOpen.union(c.mustOpen)))
        #expect(rules.isSuperset(of: c.mustOpen))
        for rule in rules { #expect(requests(incidents, rule) <= c.most, "\(rule.name)") }
    }

    @Test(
        arguments: [
            Change(testDescription: "hourly", every: 4),
            Change(
                testDescription: "at the end of its range for most of the day", sent: { min($0, 22) },
                mustOpen: [.stuck]),
        ]) func aMeterThatIsNotWhatItWas(_ c: Change)
    {
        var district = District(seed: 21)
        district.pass(days: 28)
        district.pass(hours: 42 * 24, every: c.every, sent: c.sent)
        Self.check(district.street.incidents, c)
    }

    @Test(
        arguments: [
            Change(
                testDescription: "litres a second for cubic metres an hour", sent: { $0 / 3.6 },
                mayOpen: [.nightFlow], mustOpen: [.drift]),
            Change(
                testDescription: "exchanged with one of half the size", sent: { $0 / 2 }, mayOpen: [.nightFlow],
                mustOpen: [.drift]),
            // Nothing tells these from a main that has burst, for a fortnight.
            Change(
                testDescription: "cubic metres an hour for litres a second", sent: { $0 * 3.6 },
                mayOpen: [.nightFlow], mustOpen: [.burst], most: 2),
            Change(
                testDescription: "exchanged with a district twice the size", sent: { $0 * 2 }, mayOpen: [.nightFlow],
                mustOpen: [.burst], most: 2),
        ], 21...32) func aMeterOfAnotherSizeOrUnit(_ c: Change, _ seed: Int)
    {
        var district = District(seed: UInt64(seed))
        district.pass(days: 28)
        let changedMs = district.nowMs
        district.pass(hours: 42 * 24, sent: c.sent)
        Self.check(district.street.incidents.filter { $0.openedAtMs >= changedMs }, c)
    }

    // MARK: Bins

    /// A bin that is emptied each morning at six; `scale` of what it says.
    private static func fill(_ street: inout Street, days: Range<Int64>, _ random: inout Random, _ c: Change? = nil) {
        for half in (days.lowerBound * 48)..<(days.upperBound * 48) where half.isMultiple(of: c?.every ?? 1) {
            let day = Double((half + 36) % 48) / 48
            let level = (5 + 50 * day + Double(random.next() % 3)).rounded()
            street.send(.fill, c?.sent(level) ?? level, atMs: .monday + half * 30 * .minute)
        }
    }

    @Test(
        arguments: [
            Change(testDescription: "four-hourly", every: 8),
            Change(testDescription: "exchanged with one that fills half as fast", sent: { ($0 / 2).rounded() }),
            // Twenty-one days from midnight to midnight have a part in twenty-two nights.
            Change(
                testDescription: "exchanged with one that is full by night", sent: { min(100, $0 * 1.8) },
                mayOpen: [.binForecast], mustOpen: [.binFull], most: 22),
            // A level that stays below one is a lens that sees nothing.
            Change(testDescription: "shares for percent", sent: { $0 / 100 }, mustOpen: [.stuck]),
        ]) func aBinThatIsNotWhatItWas(_ c: Change)
    {
        var (street, random) = (Street(.binFill), Random(seed: 41))
        Self.fill(&street, days: 0..<21, &random)
        #expect(street.incidents == [])
        Self.fill(&street, days: 21..<42, &random, c)
        Self.check(street.incidents, c)
    }

    // MARK: Clocks and late history

    /// A district's readings, each at `observed` by its own clock and at `arrived` by ours.
    private static func run(days: Int64, observed: (Int64) -> Int64, arrived: (Int64) -> Int64) -> [Verdict] {
        var monitor = SensorMonitor(kind: .waterLeak, zone: .utc, parameters: DetectionParameters())
        var (random, verdicts) = (Random(seed: 51), [Verdict]())
        for quarter in 0..<(days * 96) {
            let atMs = Int64.monday + quarter * 15 * .minute
            let hour = Double(quarter % 96) / 4
            let leak = quarter >= 24 * 96 ? 10.0 : 0
            let value = 30 + (hour >= 6 && hour < 22 ? 20 : 0) + random.normal() + leak
            let reading = Reading(
                sensor: SensorIndex(rawValue: 0), quantity: .flow, observedAtMs: observed(atMs),
                arrivedAtMs: arrived(atMs), value: value)
            monitor.observe(reading, active: [], into: &verdicts)
        }
        return verdicts
    }

    @Test func historySentAtOnceTellsWhatItWouldHaveToldInTime() {
        let inTime = Self.run(days: 28, observed: { $0 }, arrived: { $0 })
        let atOnce = Self.run(days: 28, observed: { $0 }, arrived: { max($0, .monday + 27 * .day) })
        #expect(!inTime.isEmpty && inTime == atOnce)
    }

    struct Jump: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var byMs: Int64
    }

    @Test(arguments: [
        Jump(testDescription: "a week back", byMs: -7 * .day),
        Jump(testDescription: "a year back", byMs: -364 * .day),
        Jump(testDescription: "to 1970", byMs: -.monday),
        Jump(testDescription: "a week ahead", byMs: 7 * .day),
        Jump(testDescription: "ten years ahead", byMs: 3653 * .day),
    ]) func aClockThatJumpsOpensNothingButWhatIsSaidOfTheClock(_ c: Jump) {
        let verdicts = Self.run(
            days: 23, observed: { $0 >= .monday + 20 * .day ? $0 + c.byMs : $0 }, arrived: { $0 })
        let told = verdicts.filter { $0.condition.rawValue >= Verdict.Condition.abnormal.rawValue }
        #expect(told.allSatisfy { $0.rule == .clock })
        // What is ahead has been given the time of its arrival before it comes here.
        #expect(told.isEmpty == (c.byMs > 0))
    }
}
