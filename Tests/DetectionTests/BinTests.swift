import Detection
import Readings
import Testing

@Suite struct BinTests {
    /// A bin every half hour; levels tremble by a point or two.
    private struct Bin: Equatable {
        var street = Street(.binFill)
        var random: Random
        var level = 5.0
        var half: Int64 = 0
        static func == (a: Bin, b: Bin) -> Bool { a.street == b.street && a.half == b.half }

        init(seed: UInt64 = 1) { random = Random(seed: seed) }

        var nowMs: Int64 { .monday + half * 30 * .minute }
        var hour: Double { Double(half) / 2 }

        mutating func pass(
            hours: Double, perHour rate: Double = 0, celsius: Double = 15, seen: (Double) -> Double = { $0 }
        ) {
            for _ in 0..<Int(hours * 2) {
                level = min(100, max(0, level + rate / 2))
                let shown = min(100, max(0, level + 1.2 * random.normal())).rounded()
                street.send(.fill, seen(shown), atMs: nowMs)
                street.send(.temperature, celsius + 0.4 * random.normal(), atMs: nowMs)
                half += 1
            }
        }

        mutating func empty() { level = 3 }
    }

    @Test(arguments: 1...6) func binsThatAreEmptiedInTimeOpenNothing(_ seed: Int) {
        var bin = Bin(seed: UInt64(seed))
        for _ in 0..<20 {
            bin.pass(hours: 48, perHour: 1.2)
            bin.empty()
        }
        #expect(bin.street.incidents == [])
    }

    @Test func aFillingBinIsForecastAndTheCollectionClosesIt() throws {
        var bin = Bin()
        for _ in 0..<4 {
            bin.pass(hours: 48, perHour: 1.2)
            bin.empty()
        }
        let fullHour = bin.hour + (85 - 3) / 2.0
        bin.pass(hours: 30, perHour: 2)
        let forecast = try #require(bin.street.monitor.fullAtMs)
        #expect(abs(hours(forecast - .monday) - fullHour) <= 6)
        #expect(bin.street.incidents == [])
        bin.pass(hours: 18, perHour: 2)
        // First that it will be, then that it is.
        #expect(bin.street.incidents.map(\.rule) == [.binForecast, .binFull])
        #expect((-8.0 ... -1).contains(hours(bin.street.incidents[0].openedAtMs - .monday) - fullHour))
        #expect((-4.0...2).contains(hours(bin.street.incidents[1].openedAtMs - .monday) - fullHour))
        bin.empty()
        bin.pass(hours: 6)
        #expect(bin.street.incidents.count == 2)
        #expect(bin.street.incidents.allSatisfy { $0.closedAtMs != nil })
    }

    @Test func aBinEmptiedInTimeClosesItsForecast() {
        var bin = Bin()
        for _ in 0..<4 {
            bin.pass(hours: 48, perHour: 1.2)
            bin.empty()
        }
        bin.pass(hours: 37, perHour: 2)
        bin.empty()
        bin.pass(hours: 6)
        #expect(bin.street.incidents.map(\.rule) == [.binForecast])
        #expect(bin.street.incidents[0].closedAtMs != nil)
    }

    @Test func echoesOfABagOpenNothing() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 1.5) { _ in 96 }
        bin.pass(hours: 24, perHour: 0.4)
        bin.pass(hours: 0.5) { _ in 100 }
        bin.pass(hours: 24, perHour: 0.4)
        #expect(bin.street.incidents == [])
    }

    /// One echo in three moves no median of three; taken as they are, they would bring the end hours nearer.
    @Test func echoesOfABagForecastNothing() {
        var bin = Bin()
        for _ in 0..<4 {
            bin.pass(hours: 48, perHour: 1.2)
            bin.empty()
        }
        bin.pass(hours: 27, perHour: 2)
        for _ in 0..<3 {
            bin.pass(hours: 0.5, perHour: 2) { _ in 94 }
            bin.pass(hours: 1, perHour: 2)
        }
        #expect(bin.street.incidents == [])
        bin.pass(hours: 9, perHour: 2)
        #expect(bin.street.incidents.first?.rule == .binForecast)
    }

    @Test func dumpingIsSeenWithinTwoHours() throws {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        let beganMs = bin.nowMs
        bin.level += 48
        bin.pass(hours: 4)
        let incident = try #require(bin.street.opened(.binDumping).first)
        #expect(incident.openedAtMs - beganMs <= 2 * .hour && incident.onsetMs == beganMs)
        bin.empty()
        bin.pass(hours: 4)
        #expect(bin.street.opened(.binDumping).count == 1)
        #expect(bin.street.opened(.binDumping)[0].closedAtMs != nil)
    }

    @Test func aLoadToTheBrimIsDumpingAndAFullBinAtOnce() throws {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        let beganMs = bin.nowMs
        bin.level = 92
        bin.pass(hours: 4)
        #expect(Set(bin.street.incidents.map(\.rule)) == [.binDumping, .binFull])
        #expect(bin.street.incidents.allSatisfy { $0.openedAtMs - beganMs <= 2 * .hour })
        #expect(bin.street.incidents.allSatisfy { $0.verdict.ground == .threshold })
    }

    /// Full by its median, and by levels that the median has yet to follow.
    @Test(arguments: [2.0, 14]) func aFullBinNamesTheLevelThatWasTooHigh(_ perHour: Double) throws {
        for seed in UInt64(1)...4 {
            var bin = Bin(seed: seed)
            bin.pass(hours: 24, perHour: 1)
            bin.pass(hours: 48, perHour: perHour)
            let verdict = try #require(bin.street.opened(.binFull).first).verdict
            #expect(verdict.ground == .threshold)
            #expect(verdict.observed >= verdict.threshold && verdict.threshold > verdict.expected)
        }
    }

    @Test func aLoadIsSeenThatCameRightAfterTheCollection() {
        var bin = Bin()
        bin.pass(hours: 60, perHour: 1.2)
        bin.empty()
        bin.pass(hours: 1.5)
        bin.level += 55
        bin.pass(hours: 4)
        #expect(bin.street.opened(.binDumping).count == 1)
    }

    /// Two days unheard, or under a blocked lens, in which the bin has gained as much as a load has.
    @Test(arguments: [false, true]) func whatABinGainedUnseenIsNoLoad(_ isBlocked: Bool) {
        for seed in 1...4 as ClosedRange<UInt64> {
            var bin = Bin(seed: seed)
            bin.pass(hours: 24, perHour: 0.4)
            if isBlocked {
                bin.pass(hours: 48, perHour: 1) { _ in 0 }
            } else {
                bin.half += 96
                bin.level += 48
            }
            bin.pass(hours: 24, perHour: 0.2)
            #expect(bin.street.opened(.binDumping) == [])
            bin.level = 3
            bin.pass(hours: 24)
            bin.level = 60
            bin.pass(hours: 6)
            #expect(bin.street.opened(.binDumping).count == 1, "a load all the same, seed \(seed)")
        }
    }

    @Test func aCrowdThatFillsABinInTwoHoursIsNotDumping() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 2, perHour: 26)
        bin.pass(hours: 4, perHour: 1)
        #expect(bin.street.opened(.binDumping) == [])
    }

    @Test func aRoughLevelAtTheTopIsRubbishAndNoBlockedLens() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.level = 99
        var random = Random(seed: 5)
        bin.pass(hours: 24) { _ in 97 + Double(random.next() % 4) }
        #expect(bin.street.opened(.stuck) == [])
        #expect(bin.street.opened(.binFull).count == 1)
    }

    @Test func aBlockedLensIsAFaultAndNoFullBin() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 48) { _ in 100 }
        #expect(bin.street.incidents.map(\.rule) == [.stuck])
        bin.pass(hours: 12)
        #expect(bin.street.incidents.count == 1 && bin.street.incidents[0].closedAtMs != nil)
    }

    @Test func alwaysEmptyIsAFault() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 40) { _ in 0 }
        #expect(bin.street.incidents.map(\.rule) == [.stuck])
    }

    @Test func oneLevelForHalfADayIsAFault() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 20) { _ in 47 }
        #expect(bin.street.incidents.map(\.rule) == [.stuck])
    }

    /// A bin that nobody uses at night, whose sensor does not tremble, was mounted in the evening.
    @Test func aLevelThatHasNotMovedYetMayRestForADay() {
        var bin = Bin()
        bin.pass(hours: 23) { _ in 42 }
        #expect(bin.street.opened(.stuck) == [])
        bin.pass(hours: 12) { _ in 42 }
        #expect(bin.street.opened(.stuck).count == 1)
    }

    @Test func aLevelInStepsOfFiveRestsLongerAndCanBeStuckAllTheSame() {
        var bin = Bin()
        let coarse = { (level: Double) in (level / 5).rounded() * 5 }
        // A day for a step.
        for _ in 0..<3 { bin.pass(hours: 96, perHour: 0.2, seen: coarse) }
        #expect(bin.street.opened(.stuck) == [])
        bin.pass(hours: 72) { _ in 40 }
        #expect(bin.street.opened(.stuck).count == 1)
    }

    @Test func aFireOpensWithItsFirstReading() throws {
        for celsius in [34.0, 80] {
            var bin = Bin()
            bin.pass(hours: 48, perHour: 0.4)
            let beganMs = bin.nowMs
            bin.pass(hours: 2, celsius: celsius)
            let incident = try #require(bin.street.incidents.first)
            #expect(incident.rule == .binFire && incident.openedAtMs == beganMs && incident.onsetMs <= beganMs)
            bin.pass(hours: 4)
            #expect(bin.street.incidents.count == 1 && bin.street.incidents[0].closedAtMs != nil)
        }
    }

    @Test func aFireIsSeenUnderABlockedLens() {
        var bin = Bin()
        bin.pass(hours: 48, perHour: 0.4)
        bin.pass(hours: 12) { _ in 100 }
        bin.pass(hours: 1, celsius: 90) { _ in 100 }
        #expect(bin.street.incidents.map(\.rule) == [.stuck, .binFire])
    }

    @Test func aHotAfternoonIsNoFire() {
        var bin = Bin()
        for hour in 0..<240 {
            let sun = max(0, 1 - abs(Double(hour % 24) - 14) / 7)
            bin.pass(hours: 1, perHour: 0.1, celsius: 18 + 30 * sun)
        }
        #expect(bin.street.opened(.binFire) == [])
    }

    @Test func aTiltThatLastsOpens() {
        var street = Street(.binFill)
        for (minute, tilt) in [(0, 0), (10, 1), (20, 0), (30, 1), (40, 1), (50, 1), (60, 0), (80, 0)]
            as [(Int64, Double)]
        {
            street.send(.tilt, tilt, atMs: .monday + minute * .minute)
        }
        #expect(street.incidents.map(\.rule) == [.binTilt])
        #expect(street.incidents[0].openedAtMs == .monday + 50 * .minute)
        #expect(street.incidents[0].closedAtMs == .monday + 80 * .minute)
    }

    @Test func theSameReadingsGiveTheSameState() {
        func run() -> Bin {
            var bin = Bin(seed: 4)
            for _ in 0..<6 {
                bin.pass(hours: 60, perHour: 1.6)
                bin.empty()
            }
            bin.pass(hours: 1, celsius: 70)
            return bin
        }
        #expect(run() == run())
        #expect(run().street.incidents.count > 3)
    }

    @Test(arguments: [
        (from: 60.0, forecast: 50.0, clear: 20.0), (from: 10, forecast: 85, clear: 20),
        (from: 60, forecast: 85, clear: 95),
    ])
    func thresholdsThatContradictEachOtherAreNamed(_ percent: (from: Double, forecast: Double, clear: Double)) {
        var parameters = DetectionParameters()
        parameters.bin.forecastFromPercent = percent.from
        parameters.bin.forecastPercent = percent.forecast
        parameters.bin.clearPercent = percent.clear
        #expect(parameters.problems().contains { $0.hasPrefix("bin") })
    }
}
