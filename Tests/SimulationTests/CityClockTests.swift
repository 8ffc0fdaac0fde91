import Simulation
import Testing

@Suite struct CityClockTests {
    let startedAtMs: Int64 = 1_800_000_000_000
    var clock: CityClock { CityClock(startedAtMs: startedAtMs, originMs: startedAtMs - 86_400_000) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Since the start, in real milliseconds.
        var realMs: Int64
        /// Since the origin, a day earlier.
        var cityMs: Int64
    }

    @Test(arguments: [
        Case(testDescription: "begins a day ago", realMs: 0, cityMs: 0),
        Case(testDescription: "a minute is five hours", realMs: 60_000, cityMs: 5 * 3_600_000),
        Case(testDescription: "still fast just before it catches up", realMs: 288_000, cityMs: 86_400_000),
        Case(testDescription: "has caught up after 289 s", realMs: 289_000, cityMs: 86_689_000),
        Case(testDescription: "and goes on in real time", realMs: 1_000_000, cityMs: 87_400_000),
        Case(testDescription: "shows its origin before the start", realMs: -5, cityMs: 0),
    ])
    func runsFastUntilThePresentIsReached(_ c: Case) {
        #expect(clock.cityMs(atRealMs: startedAtMs + c.realMs) == startedAtMs - 86_400_000 + c.cityMs)
    }

    @Test func neverRunsBackwardsAndTellsWhenItWillShowATime() {
        var last = clock.cityMs(atRealMs: startedAtMs)
        for realMs in stride(from: startedAtMs, to: startedAtMs + 300_000, by: 777) {
            let cityMs = clock.cityMs(atRealMs: realMs)
            #expect(cityMs >= last)
            last = cityMs
            let back = clock.realMs(atCityMs: cityMs)
            #expect(back <= realMs && clock.cityMs(atRealMs: back) >= cityMs)
        }
        #expect(clock.caughtUpAtMs == startedAtMs + 288_964)
    }
}
