import Detection
import Readings
import Testing

/// What devices and networks do wrong, with the incidents that must come of it, or must not.
@Suite struct BadInputTests {
    /// A road that lives by its local clock: slow from 7 to 9 on workdays.
    private struct Road {
        var street: Street
        let zone: ZoneTable
        var random = Random(seed: 31)
        var atMs: Int64

        init(zone: ZoneTable = .utc, fromMs: Int64 = .monday) {
            street = Street(.traffic, zone: zone)
            self.zone = zone
            atMs = fromMs
        }

        mutating func pass(
            days: Double, every minutes: Int64 = 5, repeats: Int = 1,
            seen: (Quantity, Double) -> Double? = { $1 }
        ) {
            let endMs = atMs + Int64(days * Double(Int64.day))
            while atMs < endMs {
                let local = LocalTime(atMs: atMs, in: zone)
                let hour = local.secondOfDay / 3600
                let isRush = local.dayType == .workday && (7..<9).contains(hour)
                let isDay = (6..<22).contains(hour)
                let values: [(Quantity, Double)] = [
                    (.vehicleFlow, (isRush ? 1500 : isDay ? 1200 : 200) + 30 * random.normal()),
                    (.occupancy, (isRush ? 22 : isDay ? 8 : 2) + 0.6 * random.normal()),
                    (.speed, (isRush ? 45 : 90) + 3 * random.normal()),
                ]
                for _ in 0..<repeats {
                    for (quantity, value) in values {
                        if let value = seen(quantity, max(0, value)) { street.send(quantity, value, atMs: atMs) }
                    }
                }
                atMs += minutes * .minute
            }
        }
    }

    @Test func gapsOfAnyLengthOpenNothing() {
        var road = Road()
        road.pass(days: 15)
        for hours in [1, 5, 30, 200, 1000] as [Int64] {
            road.atMs += hours * .hour
            road.pass(days: 1.3)
        }
        #expect(road.street.incidents == [])
    }

    @Test func everyReadingTwiceOpensNothing() {
        var road = Road()
        road.pass(days: 15)
        road.pass(days: 5, repeats: 2)
        #expect(road.street.opened(.congestion, .trafficDrop) == [])
    }

    @Test func theClockChangeMovesTheRushWithIt() throws {
        // Until 17 April: the night of 31 March has one hour less.
        var road = Road(zone: try ZoneTableTests.table("Europe/Berlin"), fromMs: .monday + 63 * .day)
        road.pass(days: 45)
        #expect(road.street.incidents == [])
    }

    @Test(arguments: [Quantity.speed, .occupancy]) func aQuantityThatStopsComingIsNoIncident(_ missing: Quantity) {
        var road = Road()
        road.pass(days: 15)
        road.pass(days: 3) { quantity, value in quantity == missing ? nil : value }
        #expect(road.street.opened(.congestion) == [])
    }

    @Test func countsThatStayAtZeroAreAFaultOnce() {
        var road = Road()
        road.pass(days: 15)
        road.pass(days: 2) { quantity, value in quantity == .speed ? nil : 0 }
        #expect(road.street.incidents.map(\.rule) == [.stuck])
    }

    @Test func aLoopAtNinetyNinePercentIsAFaultOnce() {
        var road = Road()
        road.pass(days: 15)
        road.pass(days: 2) { quantity, value in quantity == .occupancy ? 99 : value }
        #expect(road.street.incidents.map(\.rule) == [.implausible])
    }

    @Test func aSwappedDetectorThatReadsAThirdLowerIsToldAtMostForDays() {
        // A new device under the old name: its own usual is learned, and then nothing is said.
        var road = Road()
        road.pass(days: 21)
        road.pass(days: 30) { quantity, value in quantity == .speed ? 0.65 * value : value }
        let late = road.street.incidents.filter { $0.openedAtMs > .monday + 42 * .day }
        #expect(late == [])
    }

    @Test(arguments: [1, 2, 15] as [Int64]) func aDetectorThatReportsAtAnotherIntervalIsTheSameRoad(_ minutes: Int64) {
        var road = Road()
        road.pass(days: 15)
        road.pass(days: 14, every: minutes)
        #expect(road.street.incidents == [])
    }

    @Test func milesForKilometresAreToldAtMostForDays() {
        var road = Road()
        road.pass(days: 21)
        road.pass(days: 30) { quantity, value in quantity == .speed ? value / 1.609344 : value }
        #expect(road.street.incidents.filter { $0.openedAtMs > .monday + 42 * .day } == [])
    }

    @Test func twoDetectorsWithExchangedNamesAreToldAtMostForDays() {
        // The other road is half as busy, and faster.
        var road = Road()
        road.pass(days: 21)
        road.pass(days: 30) { quantity, value in quantity == .speed ? 1.2 * value : 0.5 * value }
        #expect(road.street.incidents.filter { $0.openedAtMs > .monday + 42 * .day } == [])
    }

    @Test func aClockThatRunsAheadForAnHourIsAFault() {
        var monitor = SensorMonitor(kind: .generic, zone: .utc, parameters: DetectionParameters())
        func send(_ minute: Int64, ahead: Bool, active: RuleSet) -> [Verdict] {
            var verdicts: [Verdict] = []
            var reading = Reading(
                sensor: SensorIndex(rawValue: 0), quantity: .generic, observedAtMs: .monday + minute * .minute,
                arrivedAtMs: .monday + minute * .minute, value: Double(minute % 7),
                flags: ahead ? .clockAhead : [])
            if ahead { reading.claimedS = UInt32((reading.observedAtMs + 90 * .minute) / 1000) }
            monitor.observe(reading, active: active, into: &verdicts)
            return verdicts.filter { $0.rule == .clock }
        }
        for minute in stride(from: 0, to: 60, by: 10) as StrideTo<Int64> {
            #expect(send(minute, ahead: true, active: []) == [])
        }
        let told = send(60, ahead: true, active: [])
        #expect(told.map(\.condition) == [.abnormal] && told.map(\.observed) == [90])
        #expect(send(70, ahead: false, active: RuleSet(.clock)).map(\.condition) == [.normal])
    }

    /// A device of which each message holds what it measured at these minutes before now.
    private struct Sender {
        private var monitor = SensorMonitor(kind: .generic, zone: .utc, parameters: DetectionParameters())
        private var nowMs = Int64.monday
        private(set) var active: RuleSet = []
        /// What was said of its clock, minutes ahead, and how long after the last change of behaviour.
        private(set) var told: [(minutesAhead: Double, afterMinutes: Int64)] = []

        mutating func pass(hours: Int64, every minutes: Int64, behind: (Int) -> [Int64]) {
            let beganMs = nowMs
            for number in 0..<Int(hours * 60 / minutes) {
                nowMs += minutes * .minute
                for minutesBehind in behind(number) { send(minutesBehind, sinceMs: beganMs) }
            }
        }

        private mutating func send(_ minutesBehind: Int64, sinceMs: Int64) {
            var verdicts: [Verdict] = []
            let reading = Reading(
                sensor: SensorIndex(rawValue: 0), quantity: .generic, observedAtMs: nowMs - minutesBehind * .minute,
                arrivedAtMs: nowMs, value: 1, flags: minutesBehind > 60 ? .late : [])
            monitor.observeClock(reading, active: active, into: &verdicts)
            for verdict in verdicts {
                if verdict.condition == .normal { active.remove(RuleSet(.clock)) }
                guard verdict.condition == .abnormal, !active.contains(.clock) else { continue }
                active.insert(RuleSet(.clock))
                told.append((verdict.observed, (nowMs - sinceMs) / .minute))
            }
        }
    }

    @Test(arguments: [30, 60, 120, 1440] as [Int64]) func aClockThatWasSetBackIsToldWithinTheHour(_ back: Int64) throws
    {
        var sender = Sender()
        sender.pass(hours: 48, every: 10) { _ in [20, 10, 0] }
        sender.pass(hours: 24, every: 10) { _ in [back + 20, back + 10, back] }
        let told = try #require(sender.told.first)
        #expect(told.minutesAhead == -Double(back))
        #expect((60...80).contains(told.afterMinutes))
        #expect(sender.active.contains(.clock))
        sender.pass(hours: 1, every: 10) { _ in [0] }
        #expect(!sender.active.contains(.clock) && sender.told.count == 1)
    }

    struct Link: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var minutes: Int64
        var behind: @Sendable (Int) -> [Int64]
    }

    @Test(arguments: [
        Link(testDescription: "tells of the hour before", minutes: 60) { _ in [60] },
        Link(testDescription: "sends its night in the morning", minutes: 1440) { _ in [300] },
        Link(testDescription: "sends its day at once", minutes: 1440) { _ in
            Array(stride(from: 1380, through: 0, by: -60))
        },
        Link(testDescription: "sends two days after a lost one", minutes: 1440) {
            $0 % 9 == 8 ? [] : $0 % 9 == 0 ? [1440, 0] : [0]
        },
        Link(testDescription: "waits for up to two hours", minutes: 20) { [Int64($0 * 37 % 120)] },
        Link(testDescription: "sends one that it kept beside each new one", minutes: 15) { _ in [360, 0] },
        // Six hours' worth, a message a minute, oldest first.
        Link(testDescription: "works off what it kept", minutes: 1) { number in
            let place = number % 1440
            return place < 360
                ? [] : place < 388 ? [Int64(max(0, 360 - (place - 360) * 14))] : place % 15 == 0 ? [0] : []
        },
    ]) func aLinkThatIsSlowInItsWayIsNoWrongClock(_ link: Link) {
        var sender = Sender()
        sender.pass(hours: 20 * 24, every: link.minutes, behind: link.behind)
        #expect(sender.told.map(\.minutesAhead) == [])
    }

    @Test func aBinAtNinetyNinePercentForAWeekIsOneFullBin() {
        var street = Street(.binFill)
        var random = Random(seed: 33)
        for half in 0..<(9 * 48) as Range<Int64> {
            let filled = min(99, 20 + Double(half) * 1.2)
            street.send(.fill, (filled - Double(random.next() % 4)).rounded(), atMs: .monday + half * 30 * .minute)
        }
        #expect(street.opened(.binFull).count == 1 && street.opened(.stuck) == [])
    }

    @Test func aBinThatReportsHourlyAndThenByTheMinuteIsTheSameBin() {
        var street = Street(.binFill)
        var random = Random(seed: 34)
        var atMs = Int64.monday
        for (minutes, count) in [(60, 72), (10, 432), (1, 2880)] as [(Int64, Int)] {
            for _ in 0..<count {
                // Emptied each day at six.
                let day = Double((atMs - .monday + 18 * .hour) % .day) / Double(Int64.day)
                street.send(.fill, (5 + 50 * day + Double(random.next() % 3)).rounded(), atMs: atMs)
                atMs += minutes * .minute
            }
        }
        #expect(street.incidents == [])
    }
}
