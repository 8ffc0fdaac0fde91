import Detection
import Readings
import Testing

/// Sensors that do not keep the interval that their registry states.
@Suite struct PausesTests {
    /// Sensors behind one connection, a tick a minute.
    private struct Watch {
        var monitor = SilenceMonitor(parameters: DetectionParameters())
        var atMs: Int64 = 0
        /// Minutes at which sensor 0 was found silent.
        var silences: [Int64] = []

        init(everyS: Int? = 600, gateway: Int? = nil, sensors: Int = 1) {
            monitor.connection(isUp: true, source: 0, atMs: 0)
            for sensor in 0..<sensors {
                monitor.add(SensorIndex(rawValue: UInt32(sensor)), expectedIntervalS: everyS, gateway: gateway)
            }
        }

        mutating func hear(_ sensor: UInt32 = 0) {
            monitor.heard(SensorIndex(rawValue: sensor), source: 0, atMs: atMs)
        }

        mutating func pass(minutes: Int64) {
            for _ in 0..<minutes {
                atMs += .minute
                var changes: [SilenceChange] = []
                monitor.tick(atMs: atMs, into: &changes)
                for change in changes where change.subject == .sensor(SensorIndex(rawValue: 0)) && change.isSilent {
                    silences.append(atMs / .minute)
                }
            }
        }

        /// Gaps of a heavy tail (Pareto, exponent 1.2): half are 18 minutes or less, one in a hundred is 7 h and more.
        mutating func wander(gaps: Int, longest: Double = 900, _ random: inout Random) {
            for _ in 0..<gaps {
                let share = 1 - Double.random(in: 0..<1, using: &random)
                pass(minutes: Int64(min(longest, 10 * power(share))))
                hear()
            }
        }

        /// About share^(−1/1.2), by square roots: share^(−13/16).
        private func power(_ share: Double) -> Double {
            let half = share.squareRoot()
            let sixteenth = half.squareRoot().squareRoot().squareRoot()
            return 1 / (half * half.squareRoot() * sixteenth)
        }
    }

    @Test(arguments: 1...6) func whoOftenPausesIsSilentWhenItIsSilentForLongerThanEver(_ seed: Int) throws {
        var (watch, random) = (Watch(), Random(seed: UInt64(seed)))
        watch.wander(gaps: 600, &random)
        #expect(watch.silences.count < 20)
        let learned = watch.silences.count
        watch.wander(gaps: 1500, &random)
        #expect(watch.silences.count <= learned + 1)
        let deadSince = watch.atMs / .minute
        watch.silences = []
        watch.pass(minutes: 3 * 1440)
        // Its longest pauses are of 15 hours.
        let told = try #require(watch.silences.first) - deadSince
        #expect((900...1801).contains(told))
    }

    @Test func outagesDoNotMakeARegularSensorLate() {
        var watch = Watch()
        var expected: [Int64] = []
        for outage in 0..<6 as Range<Int64> {
            // A few days like clockwork, one message in twenty lost, then half a day of nothing.
            for step in 0..<500 {
                watch.pass(minutes: 10)
                if step % 20 != 7 { watch.hear() }
            }
            expected.append(watch.atMs / .minute + 31)
            watch.pass(minutes: 300 + 60 * outage)
            watch.hear()
        }
        #expect(watch.silences == expected)
    }

    @Test func oneLongOutageDoesNotBecomeUsual() throws {
        var (watch, random) = (Watch(), Random(seed: 5))
        watch.wander(gaps: 600, longest: 120, &random)
        watch.pass(minutes: 10 * 1440)
        watch.hear()
        watch.wander(gaps: 50, longest: 120, &random)
        watch.silences = []
        let deadSince = watch.atMs / .minute
        watch.pass(minutes: 1440)
        // Twice twice the longest pause, and not twenty days.
        #expect(try #require(watch.silences.first) - deadSince <= 481)
    }

    @Test func whoKeepsItsIntervalAgainIsJudgedByItAgain() {
        var (watch, random) = (Watch(), Random(seed: 6))
        watch.wander(gaps: 600, &random)
        for _ in 0..<1500 {
            watch.pass(minutes: 10)
            watch.hear()
        }
        watch.silences = []
        let deadSince = watch.atMs / .minute
        watch.pass(minutes: 1440)
        #expect(watch.silences == [deadSince + 31])
    }

    /// Heard every five minutes or quarter of an hour by day, and from midnight to six never.
    @Test(arguments: [5, 10, 15] as [Int64]) func whoSleepsEachNightIsSoonKnownFor(_ minutes: Int64) throws {
        var watch = Watch(everyS: Int(minutes) * 60)
        func day() {
            for _ in 0..<(18 * 60 / minutes) {
                watch.pass(minutes: minutes)
                watch.hear()
            }
        }
        for _ in 0..<5 {
            day()
            watch.pass(minutes: 360)
        }
        #expect(watch.silences.count <= 4)
        watch.silences = []
        for _ in 0..<9 {
            day()
            watch.pass(minutes: 360)
        }
        #expect(watch.silences == [])
        // One that does not wake is told of after twice a night, or a little less: the longest pause fades by day.
        let sinceMinute = watch.atMs / .minute - 360
        watch.pass(minutes: 1440)
        #expect((660...751).contains(try #require(watch.silences.first) - sinceMinute))
    }

    @Test func anOutageOfOursIsNoPauseOfTheSensor() {
        var watch = Watch()
        for _ in 0..<40 {
            for _ in 0..<6 {
                watch.pass(minutes: 10)
                watch.hear()
            }
            watch.monitor.connection(isUp: false, source: 0, atMs: watch.atMs)
            watch.pass(minutes: 120)
            watch.monitor.connection(isUp: true, source: 0, atMs: watch.atMs)
        }
        watch.hear()
        let deadSince = watch.atMs / .minute
        watch.pass(minutes: 1440)
        #expect(watch.silences == [deadSince + 31])
    }

    /// The process stood still: what waited for it is met before the tick that shows it.
    @Test func aPauseOfOursIsNoPauseOfTheSensor() {
        var watch = Watch()
        for _ in 0..<40 {
            for _ in 0..<6 {
                watch.pass(minutes: 10)
                watch.hear()
            }
            watch.atMs += 120 * .minute
            watch.hear()
        }
        let deadSince = watch.atMs / .minute
        watch.pass(minutes: 1440)
        #expect(watch.silences.last.map { $0 <= deadSince + 32 } == true, "\(watch.silences)")
    }

    @Test func aGatewaysOutageIsNoPauseOfItsSensors() {
        var watch = Watch(gateway: 0, sensors: 4)
        for _ in 0..<40 {
            for _ in 0..<6 {
                watch.pass(minutes: 10)
                for sensor in 0..<4 { watch.hear(UInt32(sensor)) }
            }
            watch.pass(minutes: 120)
        }
        #expect(watch.silences == [])
        // It comes back without the first sensor.
        for sensor in 0..<4 { watch.hear(UInt32(sensor)) }
        let deadSince = watch.atMs / .minute
        for _ in 0..<20 {
            watch.pass(minutes: 10)
            for sensor in 1..<4 { watch.hear(UInt32(sensor)) }
        }
        #expect(watch.silences == [deadSince + 31])
    }

    @Test func historySentAtOnceHidesNoPauses() {
        // Each pause ends with what was measured meanwhile, all within ten seconds.
        var (watch, random) = (Watch(), Random(seed: 8))
        for _ in 0..<200 {
            watch.pass(minutes: Int64.random(in: 10...100, using: &random))
            for tenth in 0..<100 as Range<Int64> {
                watch.monitor.heard(SensorIndex(rawValue: 0), source: 0, atMs: watch.atMs + 100 * tenth)
            }
        }
        watch.silences = []
        watch.pass(minutes: 110)
        #expect(watch.silences == [])
        watch.pass(minutes: 110)
        #expect(watch.silences.count == 1)
    }

    @Test func whatWasLearnedIsSaved() throws {
        var (watch, random) = (Watch(), Random(seed: 2))
        watch.wander(gaps: 600, &random)
        var coder = StateCoder()
        watch.monitor.codeConnections(&coder)
        watch.monitor.code(SensorIndex(rawValue: 0), &coder)
        var other = Watch()
        var reader = StateCoder(reading: coder.bytes)
        other.monitor.codeConnections(&reader)
        other.monitor.code(SensorIndex(rawValue: 0), &reader)
        try reader.finish()
        #expect(other.monitor == watch.monitor)
    }
}
