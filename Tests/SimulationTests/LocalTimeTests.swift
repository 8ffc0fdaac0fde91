import Readings
import Simulation
import Testing

@Suite struct LocalTimeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var utc: String
        var offset: Int
    }

    @Test(arguments: [
        Case(testDescription: "winter", utc: "2026-01-15T12:00:00Z", offset: 0),
        Case(testDescription: "last second of winter time", utc: "2026-03-29T00:59:59Z", offset: 0),
        Case(testDescription: "first second of summer time", utc: "2026-03-29T01:00:00Z", offset: 3600),
        Case(testDescription: "last second of summer time", utc: "2026-10-25T00:59:59Z", offset: 3600),
        Case(testDescription: "winter again", utc: "2026-10-25T01:00:00Z", offset: 0),
        Case(testDescription: "a March whose 31st is a Sunday", utc: "2024-03-31T01:00:00Z", offset: 3600),
        Case(testDescription: "an October whose 31st is a Sunday", utc: "2027-10-31T00:59:59Z", offset: 3600),
    ])
    func summerTimeFollowsTheLaw(_ c: Case) {
        #expect(UnitedKingdomTime.offsetSeconds(atMs: CityFixture.ms(c.utc)) == c.offset)
    }

    @Test(arguments: [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-24", 24), ("2026-10-25", 25)])
    func theDaysOfTheChangeHave23And25Hours(_ date: String, _ hours: Int) throws {
        let city = CityFixture.city(
            population: CityPopulation(sensors: 60), liveStartMs: CityFixture.ms("\(date)T12:00:00Z"), hasEvents: false)
        // A meter measures once an hour: count those whose local date is this one.
        let meter = try #require(city.sensors.firstIndex { $0.id.hasPrefix("meter-") })
        let noonMs = CityFixture.ms("\(date)T12:00:00Z")
        let day = LocalMoment(atMs: noonMs, offsetSeconds: city.offsetSeconds(noonMs)).day
        let count = city.readings(fromMs: noonMs - CityFixture.dayMs, toMs: noonMs + CityFixture.dayMs).filter {
            $0.sensor == meter
                && LocalMoment(atMs: $0.observedAtMs, offsetSeconds: city.offsetSeconds($0.observedAtMs)).day == day
        }.count
        #expect(count == hours)
    }

    @Test func knowsTheWeekdayAlsoBefore1970() {
        #expect(LocalMoment(atMs: CityFixture.ms("2026-03-16T00:00:00Z"), offsetSeconds: 0).weekday == 0)
        #expect(LocalMoment(atMs: CityFixture.ms("2026-03-15T23:59:59Z"), offsetSeconds: 0).weekday == 6)
        #expect(LocalMoment(atMs: -1, offsetSeconds: 0).weekday == 2)  // Wednesday, 31 December 1969
        #expect(LocalMoment(atMs: -1, offsetSeconds: 0).secondOfDay == 86_399)
    }

    /// Breakfast stays at the same hour of the local clock when the clocks change.
    @Test func patternsFollowTheLocalClock() {
        let pattern = WeeklyPattern(.waterFlow, size: 100, key: 5, groupKey: 5)
        func flow(_ utc: String) -> Double {
            let atMs = CityFixture.ms(utc)
            return pattern.value(
                at: LocalMoment(atMs: atMs, offsetSeconds: UnitedKingdomTime.offsetSeconds(atMs: atMs)))
        }
        #expect(flow("2026-03-27T03:30:00Z") < 60)  // half past three before the change
        #expect(flow("2026-03-30T02:30:00Z") < 60)  // half past three after it
        #expect(flow("2026-03-27T07:30:00Z") > 120)
        #expect(flow("2026-03-30T06:30:00Z") > 120)
    }
}
