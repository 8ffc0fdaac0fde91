import Detection
import Readings
import Testing

@Suite struct SilenceMonitorTests {
    /// A monitor with its clock in minutes, ticking each minute.
    private struct Watch: Equatable {
        var monitor = SilenceMonitor(parameters: DetectionParameters())
        var minute: Int64 = 0
        var log: [String] = []

        init(connected: Bool = true) {
            if connected { monitor.connection(isUp: true, source: 0, atMs: 0) }
        }

        mutating func add(_ sensor: UInt32, everyS: Int? = 300, gateway: Int? = nil, announces: Bool = false) {
            monitor.add(
                SensorIndex(rawValue: sensor), expectedIntervalS: everyS, gateway: gateway, announcesDeath: announces)
        }

        mutating func die(_ sensor: UInt32, gateway isGateway: Bool = false) {
            monitor.died(SensorIndex(rawValue: sensor), isGateway: isGateway, atMs: minute * .minute)
        }

        /// Three sensors behind an edge node that tells when it dies, heard once.
        static func edgeNode(everyS: Int? = nil) -> Watch {
            var watch = Watch()
            for sensor in 0..<3 as Range<UInt32> { watch.add(sensor, everyS: everyS, gateway: 0, announces: true) }
            watch.hear(0, 1, 2)
            return watch
        }

        mutating func hear(_ sensors: UInt32..., source: Int = 0) {
            for sensor in sensors {
                monitor.heard(SensorIndex(rawValue: sensor), source: source, atMs: minute * .minute)
            }
        }

        mutating func connection(_ isUp: Bool, source: Int = 0) {
            monitor.connection(isUp: isUp, source: source, atMs: minute * .minute)
        }

        /// Lets minutes pass; `hearing`: sensors that speak every five of them.
        mutating func pass(_ minutes: Int, hearing: [UInt32] = []) {
            for _ in 0..<minutes {
                minute += 1
                if minute.isMultiple(of: 5) { for sensor in hearing { hear(sensor) } }
                var changes: [SilenceChange] = []
                monitor.tick(atMs: minute * .minute, into: &changes)
                for change in changes {
                    let who =
                        switch change.subject {
                        case .sensor(let sensor): "s\(sensor.rawValue)"
                        case .gateway(let gateway): "g\(gateway)"
                        }
                    log.append("\(minute) \(who) \(change.isSilent ? "silent" : "back")")
                }
            }
        }
    }

    // MARK: - What is learned

    @Test func aLearnedIntervalIsToldWhenItIsKnownAndWhenItChanges() {
        var watch = Watch()
        watch.add(0, everyS: nil)
        watch.add(1, everyS: 600)
        var told: [String] = []
        func take() { watch.monitor.takeLearned { told.append("s\($0.rawValue) \($1)") } }
        watch.hear(0, 1)
        for _ in 0..<2 {
            watch.pass(10)
            watch.hear(0, 1)
            take()
        }
        #expect(told.isEmpty, "two intervals tell nothing yet")
        watch.pass(10)
        watch.hear(0, 1)
        take()
        #expect(told == ["s0 600"], "the other's interval is stated")
        for _ in 0..<20 {
            watch.pass(10)
            watch.hear(0)
        }
        take()
        #expect(told == ["s0 600"], "nothing has changed")
        for _ in 0..<8 {
            watch.pass(60)
            watch.hear(0)
        }
        take()
        take()
        #expect(told == ["s0 600", "s0 3600"])
    }

    // MARK: - What announces its death

    @Test func whatSpeaksOfChangesAloneMayBeQuietForDays() {
        var watch = Watch.edgeNode()
        watch.pass(3 * 1440)
        #expect(watch.log.isEmpty)
    }

    @Test func aDeadEdgeNodeIsOneSilenceUntilItIsBornAgain() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.die(2, gateway: true)
        watch.pass(2 * 1440)
        #expect(watch.log == ["31 g0 silent"])
        watch.hear(1)
        watch.pass(1440)
        #expect(watch.log == ["31 g0 silent", "2911 g0 back"])
    }

    @Test func aDeadDeviceIsSilentAlone() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.die(1)
        watch.pass(100)
        watch.hear(1)
        watch.pass(100)
        #expect(watch.log == ["31 s1 silent", "131 s1 back"])
    }

    @Test func aDeadDeviceThatOwesReadingsIsSilentOnce() {
        var watch = Watch.edgeNode(everyS: 300)
        watch.pass(4)
        watch.die(1)
        watch.pass(60, hearing: [0, 2])
        #expect(watch.log == ["5 s1 silent"])
    }

    /// A device that is back within its allowance once took all who were due in its minute off the wheel.
    @Test func aDeviceThatDiesAndIsBornAgainTakesNobodyElseWithIt() {
        var watch = Watch()
        for sensor in 0..<4 as Range<UInt32> { watch.add(sensor) }
        watch.add(4, gateway: 0, announces: true)
        watch.hear(0, 1, 2, 3, 4)
        watch.pass(1)
        watch.die(4)
        watch.pass(1)
        watch.hear(4)
        watch.pass(40, hearing: [4])
        #expect(watch.log.filter { $0.hasSuffix("silent") }.count == 5, "\(watch.log)")
    }

    @Test func devicesThatDieWithTheirNodeAreTheNodes() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.die(0)
        watch.die(0, gateway: true)
        watch.pass(100)
        #expect(watch.log == ["31 g0 silent"])
    }

    @Test func whoIsHeardBeforeTheNextTickLives() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.die(0, gateway: true)
        watch.die(1)
        watch.hear(1)
        watch.pass(60)
        #expect(watch.log.isEmpty)
    }

    @Test func anEdgeNodeThatIsNotBornAfterOurOutageIsSilent() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.connection(false)
        watch.pass(600)
        watch.connection(true)
        watch.pass(9)
        #expect(watch.log.isEmpty)
        watch.pass(60)
        #expect(watch.log == ["641 g0 silent"])
    }

    @Test func anIntervalThatTheRegistryStatesCountsBehindAnEdgeNodeToo() {
        var watch = Watch.edgeNode(everyS: 300)
        watch.pass(60, hearing: [0, 1])
        #expect(watch.log == ["16 s2 silent"])
    }

    @Test func aDeathThatWasNotJudgedYetOutlivesARestart() {
        var watch = Watch.edgeNode()
        watch.pass(30)
        watch.die(1)
        var writer = StateCoder()
        watch.monitor.codeConnections(&writer)
        for sensor in 0..<3 as Range<UInt32> { watch.monitor.code(SensorIndex(rawValue: sensor), &writer) }
        watch.monitor.code(gateway: 0, &writer)
        let bytes = writer.sealed()
        var again = Watch(connected: false)
        for sensor in 0..<3 as Range<UInt32> { again.add(sensor, everyS: nil, gateway: 0, announces: true) }
        guard var reader = try? StateCoder(unsealing: bytes) else { return #expect(Bool(false), "sound bytes") }
        again.monitor.codeConnections(&reader)
        for sensor in 0..<3 as Range<UInt32> { again.monitor.code(SensorIndex(rawValue: sensor), &reader) }
        again.monitor.code(gateway: 0, &reader)
        again.minute = 30
        again.pass(1)
        #expect(again.log == ["31 s1 silent"])
    }

    @Test func aSensorIsSilentAfterThreeIntervalsAndOnce() {
        var watch = Watch()
        watch.add(0)
        watch.hear(0)
        watch.pass(60)
        #expect(watch.log == ["16 s0 silent"])
        watch.hear(0)
        watch.pass(1)
        #expect(watch.log.last == "61 s0 back")
        watch.pass(60)
        #expect(watch.log.count == 3)
    }

    @Test func aSensorThatSpeaksIsNeverSilent() {
        var watch = Watch()
        watch.add(0)
        watch.pass(3000, hearing: [0])
        #expect(watch.log.isEmpty)
    }

    @Test func slowSensorsHaveLongerAllowances() {
        var watch = Watch()
        watch.add(0, everyS: 3600)
        watch.hear(0)
        watch.pass(179)
        #expect(watch.log.isEmpty)
        watch.pass(2)
        #expect(watch.log == ["181 s0 silent"])
    }

    @Test func aCadenceIsLearnedAndBurstsCountAsOne() {
        var watch = Watch()
        watch.add(0, everyS: nil)
        for _ in 0..<6 {
            for second in 0..<3 {
                watch.monitor.heard(
                    SensorIndex(rawValue: 0), source: 0, atMs: watch.minute * .minute + Int64(second) * 5000)
            }
            watch.pass(60)
        }
        #expect(watch.log.isEmpty)
        watch.pass(300)
        // Last heard at minute 300, hourly: silent three hours later (looked at within the hour while learning).
        #expect(watch.log == ["481 s0 silent"])
    }

    @Test func whatWasNeverHeardIsNotJudged() {
        var watch = Watch()
        watch.add(0)
        watch.pass(500)
        #expect(watch.log.isEmpty)
    }

    @Test func aDeadGatewaySwallowsItsSensors() {
        var watch = Watch()
        for sensor in 0..<4 { watch.add(UInt32(sensor), gateway: 0) }
        watch.pass(60, hearing: [0, 1, 2, 3])
        watch.pass(200)
        #expect(watch.log == ["76 g0 silent"])
        // It comes back, but sensor 3 does not.
        watch.pass(60, hearing: [0, 1, 2])
        #expect(watch.log.dropFirst() == ["265 g0 back", "281 s3 silent"])
    }

    @Test func aSensorWithAnEarlierDeadlineWaitsForItsGateway() {
        var watch = Watch()
        for sensor in 0..<3 { watch.add(UInt32(sensor), gateway: 0) }
        watch.hear(0)
        watch.pass(7)
        watch.hear(1, 2)
        watch.pass(120)
        // Sensor 0 is due at 15, the gateway at 22: one dead gateway, no dead sensor.
        #expect(watch.log == ["23 g0 silent"])
    }

    @Test func aDeadSensorBehindALivingGatewayIsReported() {
        var watch = Watch()
        for sensor in 0..<3 { watch.add(UInt32(sensor), gateway: 0) }
        watch.hear(0, 1, 2)
        watch.pass(60, hearing: [1, 2])
        #expect(watch.log == ["16 s0 silent"])
    }

    @Test func twoSensorsMakeNoGateway() {
        var watch = Watch()
        watch.add(0, gateway: 0)
        watch.add(1, gateway: 0)
        watch.hear(0, 1)
        watch.pass(60)
        #expect(Set(watch.log) == ["16 s0 silent", "16 s1 silent"])
    }

    @Test func anOutageOfOursIsNobodysSilence() {
        var watch = Watch()
        watch.add(0)
        watch.hear(0)
        watch.pass(5)
        watch.connection(false)
        watch.pass(2000)
        #expect(watch.log.isEmpty)
        watch.connection(true)
        watch.pass(14)
        #expect(watch.log.isEmpty)
        watch.pass(3)
        #expect(watch.log == ["2021 s0 silent"])
    }

    /// The process stood still, or the clock was set ahead: everyone has one allowance again.
    @Test func aPauseOfOursIsNobodysSilence() {
        var watch = Watch()
        for sensor in 0..<4 as Range<UInt32> { watch.add(sensor, gateway: sensor < 3 ? 0 : nil) }
        watch.hear(0, 1, 2, 3)
        watch.pass(20, hearing: [0, 1, 2, 3])
        watch.minute += 60
        watch.pass(4)
        #expect(watch.log.isEmpty)
        watch.pass(30, hearing: [0, 1, 2])
        #expect(watch.log == ["97 s3 silent"])
    }

    /// Half an hour of a fast clock is half a second of the machine's, which may well be busy for that long. Beyond that it is
    /// we who have heard nobody.
    @Test(arguments: [(minutes: 30, silences: 1), (minutes: 40, silences: 0)])
    func aFastClockMakesNoPauseOfABusyMoment(_ step: (minutes: Int64, silences: Int)) {
        var monitor = SilenceMonitor(parameters: DetectionParameters(), clockRate: 3600)
        monitor.connection(isUp: true, source: 0, atMs: 0)
        monitor.add(SensorIndex(rawValue: 0), expectedIntervalS: 600, gateway: nil)
        monitor.heard(SensorIndex(rawValue: 0), atMs: 0)
        var changes: [SilenceChange] = []
        for count in 0...16 as ClosedRange<Int64> { monitor.tick(atMs: count * step.minutes * .minute, into: &changes) }
        #expect(changes.count { $0.isSilent } == step.silences)
    }

    /// Who speaks of changes alone, and says when he dies, is not born again because we slept.
    @Test func aPauseOfOursSaysNothingOfAnEdgeNode() {
        var watch = Watch.edgeNode()
        watch.pass(5)
        watch.minute += 60
        watch.pass(100)
        #expect(watch.log.isEmpty)
    }

    @Test func onlyTheSensorsOfAConnectionAreExcusedByIt() {
        var watch = Watch()
        watch.connection(true, source: 1)
        watch.add(0)
        watch.add(1)
        watch.hear(0, source: 0)
        watch.hear(1, source: 1)
        watch.connection(false, source: 1)
        watch.pass(100)
        #expect(watch.log == ["16 s0 silent"])
        watch.connection(true, source: 1)
        watch.pass(100)
        #expect(watch.log.count == 2)
    }

    @Test func beforeTheFirstConnectionNothingIsJudged() {
        var watch = Watch(connected: false)
        watch.add(0)
        watch.hear(0)
        watch.pass(100)
        #expect(watch.log.isEmpty)
    }

    @Test func aSensorMayMoveToAnotherGateway() {
        var watch = Watch()
        for sensor in 0..<6 { watch.add(UInt32(sensor), gateway: sensor < 4 ? 0 : 1) }
        watch.add(3, gateway: 1)
        watch.hear(0, 1, 2, 3, 4, 5)
        watch.pass(60, hearing: [3, 4, 5])
        #expect(watch.log == ["16 g0 silent"])
    }

    @Test func aJumpOfTheClockLosesNobody() {
        var watch = Watch()
        for sensor in 0..<50 { watch.add(UInt32(sensor), everyS: 60 * (sensor + 1)) }
        for sensor in 0..<50 { watch.hear(UInt32(sensor)) }
        watch.minute += 30 * 24 * 60
        watch.pass(2)
        #expect(watch.log.count == 50)
    }

    @Test func theSameStreamGivesTheSameChanges() {
        func run() -> Watch {
            var random = Random(seed: 9)
            var watch = Watch()
            for sensor in 0..<200 {
                watch.add(UInt32(sensor), everyS: sensor % 3 == 0 ? nil : 300, gateway: sensor % 7)
            }
            for _ in 0..<600 {
                for _ in 0..<20 { watch.hear(UInt32.random(in: 0..<200, using: &random)) }
                if Int.random(in: 0..<100, using: &random) == 0 { watch.connection(Bool.random(using: &random)) }
                watch.pass(1)
            }
            return watch
        }
        let (a, b) = (run(), run())
        #expect(a == b)
        #expect(!a.log.isEmpty)
    }

    @Test func aTickCostsWhatIsDueAndNotWhatExists() {
        // A million hourly sensors, heard once an hour each, spread evenly: a tick looks at a few thousand.
        var monitor = SilenceMonitor(parameters: DetectionParameters())
        monitor.connection(isUp: true, source: 0, atMs: 0)
        let count = 1_000_000
        for sensor in 0..<count {
            monitor.add(SensorIndex(rawValue: UInt32(sensor)), expectedIntervalS: 3600, gateway: nil)
            monitor.heard(SensorIndex(rawValue: UInt32(sensor)), atMs: Int64(sensor % 60) * .minute)
        }
        var changes: [SilenceChange] = []
        let clock = ContinuousClock()
        let whole = clock.measure {
            for minute in 1..<170 { monitor.tick(atMs: Int64(minute) * .minute, into: &changes) }
        }
        #expect(changes.isEmpty)
        // Nothing is due in those hours: looking at every sensor each minute would take seconds.
        #expect(whole < .milliseconds(500))
        for minute in 170..<300 { monitor.tick(atMs: Int64(minute) * .minute, into: &changes) }
        #expect(changes.count == count)
    }
}
