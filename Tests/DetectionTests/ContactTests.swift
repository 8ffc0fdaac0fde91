import Detection
import Readings
import Testing

/// Loggers, customers' meters and wetness contacts.
@Suite struct ContactTests {
    /// A logger that hears 30 dB at night and the street by day; `extra`: dB that a day adds.
    private func logger(seed: UInt64 = 1, nights: Int, extra: (Int) -> Double) -> Street {
        var street = Street(.waterLeak)
        var random = Random(seed: seed)
        for half in 0..<(48 * nights) {
            let hour = half % 48 / 2
            let traffic = hour >= 6 && hour < 23 ? 14 + 4 * abs(random.normal()) : 1.2 * abs(random.normal())
            street.send(
                .noise, 30 + traffic + 0.5 * random.normal() + extra(half / 48),
                atMs: .monday + Int64(half) * 30 * .minute)
        }
        return street
    }

    @Test(arguments: 1...8) func quietNightsOpenNothing(_ seed: Int) {
        #expect(logger(seed: UInt64(seed), nights: 60) { _ in 0 }.incidents == [])
    }

    @Test func aLoudLeakOpensThatNight() throws {
        let incident = try #require(logger(nights: 24) { $0 >= 20 ? 14 : 0 }.incidents.first)
        #expect(incident.rule == .leakNoise)
        #expect((incident.openedAtMs - .monday) / .day == 20)
        #expect((incident.onsetMs - .monday) / .day == 20)
    }

    @Test func aFaintLeakOpensAfterTwoNights() throws {
        let incident = try #require(logger(nights: 26) { $0 >= 20 ? 4.5 : 0 }.incidents.first)
        #expect((incident.openedAtMs - .monday) / .day == 21)
    }

    @Test func aStormyNightOpensNothing() {
        #expect(logger(nights: 30) { $0 == 20 ? 4.5 : 0 }.incidents == [])
    }

    /// A logger that sends figures of its nights alone: the quietest of each, in whole dB. They come at `hours` of the day.
    private func figures(
        seed: UInt64 = 1, nights: Int, at hours: [Int64] = [3], loud: Range<Int> = 0..<0, by rise: Double = 6,
        every: (Int) -> Bool = { _ in true }
    ) -> Street {
        var street = Street(.waterLeak)
        var random = Random(seed: seed)
        for night in 0..<nights where every(night) {
            let quietest = 30 + random.normal() + (loud.contains(night) ? rise : 0)
            for hour in hours {
                let level = quietest + (hours.count > 1 ? abs(random.normal()) : 0)
                let delayMs = Int64(90 * Double.random(in: 0..<1, using: &random)) * 1000
                street.send(.noise, level.rounded(), atMs: .monday + Int64(night) * .day + hour * .hour + delayMs)
            }
        }
        return street
    }

    static let hoursOfFigures: [[Int64]] = [[3], [0], [9], [23], [2, 4], [2, 3, 4], [1, 2, 3, 4], [3, 15]]

    @Test(arguments: hoursOfFigures) func aLoggerOfOneFigureANightHearsALeakInItsSecondNight(_ hours: [Int64]) throws {
        let street = figures(nights: 40, at: hours, loud: 30..<36, by: 5.5)
        #expect(street.incidents.map(\.rule) == [.leakNoise])
        let incident = try #require(street.incidents.first)
        #expect((incident.onsetMs - .monday) / .day == 30)
        // Told with the last figure of the night; where a night has four and more, when it is over.
        let toldMs = 31 * .day + (hours.count < 4 ? hours.last! : 25) * .hour
        #expect((0..<2 * .minute).contains(incident.openedAtMs - .monday - toldMs))
        #expect((try #require(incident.closedAtMs) - .monday) / .day == (hours.count < 4 ? 36 : 37))
    }

    @Test(arguments: hoursOfFigures) func aFarLouderFigureOpensAtOnce(_ hours: [Int64]) throws {
        let incident = try #require(figures(nights: 34, at: hours, loud: 30..<34, by: 14).incidents.first)
        #expect((incident.openedAtMs - .monday) / .day == (hours.count < 4 ? 30 : 32))
    }

    @Test func aLoggerOfOneFigureANightLearnsForNineNights() throws {
        let early = try #require(figures(nights: 20, loud: 9..<20, by: 8).incidents.first)
        #expect((early.openedAtMs - .monday) / .day == 10)
        // What it has heard from the first is what is usual.
        #expect(figures(nights: 60, loud: 0..<60).incidents == [])
    }

    @Test func quietFiguresOpenNextToNothing() {
        let incidents = (1...200).map { figures(seed: UInt64($0), nights: 60).incidents.count }.reduce(0, +)
        // One in a hundred sensor-months.
        #expect(incidents <= 4, "\(incidents)")
    }

    @Test func aStormyNightsFigureOpensNothing() {
        #expect(figures(nights: 40, loud: 30..<31).incidents == [])
    }

    @Test func figuresOfSomeNightsWillDo() {
        #expect(figures(nights: 60, loud: 50..<60, every: { $0 % 3 != 1 }).incidents.count == 1)
    }

    @Test func aDayOnWhichItIsAskedOftenCostsNothing() throws {
        var street = figures(nights: 30)
        for hour in 9..<17 as Range<Int64> { street.send(.noise, 46, atMs: .monday + 29 * .day + hour * .hour) }
        for night in 30..<34 as Range<Int64> { street.send(.noise, 37, atMs: .monday + night * .day + 3 * .hour) }
        #expect(street.incidents.map { ($0.openedAtMs - .monday) / .day } == [31])
    }

    /// A logger that is heard all day, but for four days of a few readings each.
    @Test func aLoggerThatIsOftenHeardIsNotJudgedByAFewReadings() {
        var street = Street(.waterLeak)
        var random = Random(seed: 3)
        for half in 0..<(48 * 40) {
            let hour = half % 48 / 2
            let traffic = hour >= 6 && hour < 23 ? 14 + 4 * abs(random.normal()) : 1.2 * abs(random.normal())
            let isHeard = !(20..<24).contains(half / 48) || [15, 20].contains(half % 48)
            guard isHeard else { continue }
            street.send(.noise, 30 + traffic, atMs: .monday + Int64(half) * 30 * .minute)
        }
        #expect(street.incidents == [])
    }

    @Test func aMendedLeakClosesAfterOneQuietNight() throws {
        let incidents = logger(nights: 30) { (20..<24).contains($0) ? 14 : 0 }.incidents
        #expect(incidents.count == 1)
        #expect((try #require(incidents[0].closedAtMs) - .monday) / .day == 24)
    }

    /// Litres an hour: showers and kitchens, nothing at night; `extra` by hour.
    private func meter(seed: UInt64 = 1, days: Int, base: Double = 0, extra: (Int) -> Double) -> Street {
        var street = Street(.waterLeak)
        var random = Random(seed: seed)
        for hour in 0..<(24 * days) {
            let isAwake = (6..<23).contains(hour % 24)
            let usual = isAwake && Int.random(in: 0..<3, using: &random) > 0 ? 20 + 15 * abs(random.normal()) : 0
            street.send(.meterFlow, base + usual + extra(hour), atMs: .monday + Int64(hour) * .hour)
        }
        return street
    }

    @Test(arguments: 1...8) func householdsRest(_ seed: Int) {
        #expect(meter(seed: UInt64(seed), days: 60) { _ in 0 }.incidents == [])
    }

    @Test func aHouseThatNeverRestsLeaks() throws {
        let street = meter(days: 24) { (480..<528).contains($0) ? 6 : 0 }
        #expect(street.incidents.map(\.rule) == [.meterNeverZero])
        #expect((19.0...26).contains(hours(street.incidents[0].openedAtMs - .monday) - 480))
        #expect((try #require(street.incidents[0].closedAtMs) - .monday) / .hour <= 528 + 12)
    }

    /// The same house whose meter sends its total; `swappedAt`: the hour at which another meter is put in.
    private func totals(days: Int, swappedAt: Int? = nil, extra: (Int) -> Double) -> Street {
        var street = Street(.waterLeak)
        var random = Random(seed: 1)
        var total = 120.0
        for hour in 0..<(24 * days) {
            let isAwake = (6..<23).contains(hour % 24)
            let usual = isAwake && Int.random(in: 0..<3, using: &random) > 0 ? 20 + 15 * abs(random.normal()) : 0
            total = hour == swappedAt ? 0 : total + (usual + extra(hour)) / 1000
            street.send(.volume, total, atMs: .monday + Int64(hour) * .hour)
        }
        return street
    }

    @Test func aMeterThatSendsItsTotalIsJudgedByWhatRanBetween() throws {
        #expect(totals(days: 40) { _ in 0 }.incidents == [])
        #expect(totals(days: 40, swappedAt: 500) { _ in 0 }.incidents == [])
        let leak = totals(days: 24) { (480..<528).contains($0) ? 6 : 0 }
        #expect(leak.incidents.map(\.rule) == [.meterNeverZero])
        #expect((19.0...26).contains(hours(leak.incidents[0].openedAtMs - .monday) - 480))
    }

    @Test func aBakeryThatAlwaysDrawsDoesNotLeak() {
        #expect(meter(days: 40, base: 40) { _ in 0 }.incidents == [])
        #expect(meter(days: 40, base: 40) { $0 >= 700 ? 40 : 0 }.incidents.map(\.rule) == [.meterNeverZero])
    }

    struct Wet: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// One character an hour: w wet, . dry, - not heard.
        var hours: String
        /// The same of the zone's other contacts, of which half are outdoors.
        var neighbours = ""
        var opens: Int?
        var closes: Int?
    }

    /// Words with silence between them, of which the last one's has another length.
    private static func told(_ words: String, every hours: Int, last: Int? = nil) -> String {
        let silence = String(repeating: "-", count: hours - 1)
        return words.dropLast().map { String($0) + silence }.joined() + words.suffix(1)
            + String(repeating: "-", count: (last ?? hours) - 1)
    }

    @Test(arguments: [
        Wet(testDescription: "dry", hours: String(repeating: ".", count: 48)),
        Wet(
            testDescription: "a wet evening",
            hours: String(repeating: ".", count: 20) + "wwwwwwww" + String(repeating: ".", count: 20)),
        Wet(
            testDescription: "a leak", hours: String(repeating: ".", count: 10) + String(repeating: "w", count: 30),
            opens: 20),
        Wet(
            testDescription: "a leak with a dry hour",
            hours: String(repeating: ".", count: 10) + "wwwwww.wwwwwwwwwwww", opens: 21),
        Wet(
            testDescription: "a leak, mended",
            hours: String(repeating: ".", count: 10) + String(repeating: "w", count: 20)
                + String(repeating: ".", count: 12), opens: 20, closes: 34),
        Wet(testDescription: "too little is known", hours: "wwwww--------wwww"),
        Wet(testDescription: "a leak flag that is told once a day", hours: told("...ww", every: 24), opens: 96),
        Wet(testDescription: "the same, from its first word on", hours: told("ww", every: 24), opens: 24),
        Wet(testDescription: "the same, mended", hours: told("..www..", every: 24), opens: 72, closes: 144),
        Wet(testDescription: "the same, a word of it lost", hours: told("..w-w", every: 24), opens: 96),
        Wet(testDescription: "one wet word of a daily flag", hours: told("...w....", every: 24)),
        Wet(testDescription: "told every six hours, a wet half-day", hours: told("....ww....", every: 6)),
        Wet(testDescription: "told every six hours, a leak", hours: told("....wwww", every: 6), opens: 36),
        Wet(
            testDescription: "tells of changes, and once a day that it lives",
            hours: told("...", every: 24, last: 10) + "w" + told("-ww", every: 24, last: 13), opens: 83),
        Wet(
            testDescription: "the same, trembling at first",
            hours: told("...", every: 24, last: 10) + "w.w.w.w.w.w.w.ww" + told("-ww", every: 24, last: 13), opens: 98),
        Wet(
            testDescription: "the same, wet for an hour",
            hours: told("...", every: 24, last: 10) + "w." + told("-...", every: 24)),
        Wet(
            testDescription: "unheard for ten days between two wet words",
            hours: told("...w----------w", every: 24, last: 1)),
        Wet(
            testDescription: "unheard for ten days, and a leak since",
            hours: told("...w----------ww", every: 24), opens: 15 * 24),
        Wet(
            testDescription: "hourly, unheard for four hours",
            hours: String(repeating: ".", count: 10) + "www----wwwwwwwwwwwwww", opens: 26),
        Wet(
            testDescription: "hourly, two words lost", hours: String(repeating: ".", count: 10) + "www--wwwwwwww",
            opens: 20),
    ]) func contactsThatStayWet(_ c: Wet) {
        var street = Street(.waterLeak)
        for (hour, character) in c.hours.enumerated() where character != "-" {
            street.send(.wetness, character == "w" ? 1 : 0, atMs: .monday + Int64(hour) * .hour)
        }
        let incident = street.opened(.wetContact).first
        #expect(incident.map { Int(($0.openedAtMs - .monday) / .hour) } == c.opens)
        #expect(incident?.closedAtMs.map { Int(($0 - .monday) / .hour) } == c.closes)
    }
}
