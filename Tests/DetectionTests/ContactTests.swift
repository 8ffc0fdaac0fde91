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
