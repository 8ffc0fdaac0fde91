import Detection
import Testing

@Suite struct ActivityClockTests {
    @Test(arguments: [0, 3, 9, 14, 20, 23] as [Int64]) func everyWholeDayIsOne(_ hour: Int64) {
        let clock = ActivityClock(perDay: 20)
        let startMs = .monday + hour * .hour + 7 * .minute
        for days in 1...9 as ClosedRange<Int64> {
            #expect(abs(clock.days(from: startMs, to: startMs + days * .day, zone: .utc) - Double(days)) < 1e-6)
        }
    }

    /// Step by step of a minute gives what the closed walk gives.
    @Test(arguments: 1...20) func spansAreTheSumOfTheirMinutes(_ seed: Int) {
        var random = Random(seed: UInt64(seed))
        var clock = ActivityClock(perDay: 20)
        for _ in 0..<200 { clock.learn(Double(random.next() % 30) / 10, hour: Int(random.next() % 24)) }
        let startMs = .monday + Int64(random.next() % 2000) * .minute
        let endMs = startMs + Int64(random.next() % 5000) * .minute
        var sum = 0.0
        for atMs in stride(from: startMs, to: endMs, by: Int(Int64.minute)) {
            sum += clock.days(from: atMs, to: min(atMs + .minute, endMs), zone: .utc)
        }
        #expect(abs(sum - clock.days(from: startMs, to: endMs, zone: .utc)) < 1e-4)
    }

    @Test(arguments: 1...20) func lookingAheadUndoesCounting(_ seed: Int) {
        var random = Random(seed: UInt64(seed))
        let clock = ActivityClock(perDay: 20)
        let startMs = .monday + Int64(random.next() % 2000) * .minute
        let days = Double(random.next() % 4000) / 1000
        let endMs = clock.moment(after: days, from: startMs, zone: .utc)
        #expect(abs(clock.days(from: startMs, to: endMs, zone: .utc) - days) < 1e-4)
    }

    @Test func nightsPassQuicklyAndNoonsSlowly() {
        let clock = ActivityClock(perDay: 20)
        let night = clock.days(from: .monday + 1 * .hour, to: .monday + 4 * .hour, zone: .utc)
        let noon = clock.days(from: .monday + 12 * .hour, to: .monday + 15 * .hour, zone: .utc)
        #expect(noon > 15 * night && night > 0)
    }

    @Test func aPlaceThatIsBusyAtNightTeachesTheClock() {
        var clock = ActivityClock(perDay: 20)
        for _ in 0..<60 {
            for hour in 0..<24 { clock.learn((1..<4).contains(hour) ? 6 : 0, hour: hour) }
        }
        #expect(clock.days(from: .monday + 1 * .hour, to: .monday + 4 * .hour, zone: .utc) > 0.9)
    }

    @Test func farForecastsEnd() {
        let clock = ActivityClock(perDay: 20)
        let endMs = clock.moment(after: 1e12, from: .monday, zone: .utc)
        #expect(endMs > .monday + 365 * .day && endMs < .monday + 369 * .day)
    }
}
