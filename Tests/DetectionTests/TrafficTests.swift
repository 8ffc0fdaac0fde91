import Detection
import Readings
import Testing

@Suite struct TrafficTests {
    /// A detector every five minutes: free at 90 km/h, slow from 7 to 9 on workdays.
    private struct Road: Equatable {
        var street: Street
        var random: Random
        var step: Int64 = 0
        var quantities: Set<Quantity> = [.speed, .occupancy, .vehicleFlow]
        static func == (a: Road, b: Road) -> Bool { a.street == b.street && a.step == b.step }

        init(seed: UInt64 = 1, _ quantities: Set<Quantity> = [.speed, .occupancy, .vehicleFlow]) {
            street = Street(.traffic)
            random = Random(seed: seed)
            self.quantities = quantities
        }

        var nowMs: Int64 { .monday + step * 5 * .minute }

        mutating func pass(minutes: Int64, speed slowing: Double = 1, flow thinning: Double = 1) {
            for _ in 0..<(minutes / 5) {
                let local = LocalTime(atMs: nowMs, in: .utc)
                let hour = Double(local.secondOfDay) / 3600
                let isRush = local.dayType == .workday && (7..<9).contains(hour)
                let isDay = (6..<22).contains(hour)
                let speed = (isRush ? 45 : 90) * slowing + 3 * random.normal()
                let occupancy = min(100, (isRush ? 22 : isDay ? 8 : 2) / slowing + random.normal() * 0.6)
                // Flow swells and ebbs over an hour.
                let day = min(max(hour - 5.5, 0), 1) * min(max(22.5 - hour, 0), 1)
                let flow =
                    ((200 + 1000 * day + (isRush ? 300 : 0)) * thinning * (1 + 0.06 * random.normal()) / 12)
                    .rounded() * 12
                if quantities.contains(.vehicleFlow) { street.send(.vehicleFlow, max(0, flow), atMs: nowMs) }
                if quantities.contains(.occupancy) { street.send(.occupancy, max(0, occupancy), atMs: nowMs) }
                if quantities.contains(.speed) { street.send(.speed, max(0, speed), atMs: nowMs) }
                step += 1
            }
        }

        mutating func pass(days: Int64) { pass(minutes: days * 1440) }
    }

    @Test(arguments: [1, 2, 3, 4], [[.speed, .occupancy, .vehicleFlow], [.speed], [.vehicleFlow]] as [Set<Quantity>])
    func theDailyRushOpensNothing(_ seed: Int, _ quantities: Set<Quantity>) {
        var road = Road(seed: UInt64(seed), quantities)
        road.pass(days: 42)
        #expect(road.street.incidents == [])
    }

    @Test(arguments: [11, 8]) func anIncidentOpensWithinTenMinutes(_ hour: Int64) throws {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: hour * 60)
        let beganMs = road.nowMs
        road.pass(minutes: 60, speed: 0.6, flow: 0.5)
        let incident = try #require(road.street.incidents.first)
        #expect(incident.rule == .congestion && road.street.incidents.count == 1)
        #expect(incident.openedAtMs - beganMs == 10 * .minute)
        #expect(beganMs - incident.onsetMs <= 5 * .minute)
        road.pass(minutes: 30)
        let closed = try #require(road.street.incidents[0].closedAtMs)
        #expect(closed - beganMs == 70 * .minute)
    }

    /// With the flow that says why it queues, and without.
    @Test(
        arguments: [[.speed, .occupancy, .vehicleFlow], [.speed, .occupancy], [.speed]] as [Set<Quantity>], [11, 8])
    func whatOpensIsTheThresholdThatIsNamed(_ quantities: Set<Quantity>, _ hour: Int64) throws {
        for seed in UInt64(1)...4 {
            for slowing in [0.35, 0.5, 0.6, 0.65] {
                var road = Road(seed: seed, quantities)
                road.pass(days: 21)
                road.pass(minutes: hour * 60)
                road.pass(minutes: 60, speed: slowing, flow: 0.5)
                for incident in road.street.opened(.congestion, .trafficDrop) {
                    #expect(incident.verdict.ground == .threshold)
                    #expect(incident.verdict.threshold < incident.verdict.expected)
                }
            }
        }
    }

    @Test func standingTrafficOpensAtOnce() throws {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 660)
        let beganMs = road.nowMs
        road.pass(minutes: 20, speed: 0.2, flow: 0.4)
        #expect(try #require(road.street.incidents.first).openedAtMs == beganMs)
    }

    @Test func oneSlowSampleOpensNothing() {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 660)
        road.pass(minutes: 10, speed: 0.6)
        road.pass(minutes: 120)
        #expect(road.street.incidents == [])
    }

    @Test func speedAloneOpensWhenItFallsFar() {
        var road = Road([.speed])
        road.pass(days: 21)
        road.pass(minutes: 660)
        road.pass(minutes: 60, speed: 0.5)
        #expect(road.street.incidents.map(\.rule) == [.congestion])
    }

    @Test func aNewDailyRushBecomesUsual() {
        var road = Road()
        road.pass(days: 14)
        for _ in 0..<14 {
            road.pass(minutes: 16 * 60)
            road.pass(minutes: 120, speed: 0.55)
            road.pass(minutes: 6 * 60)
        }
        let lastDays = road.street.incidents.filter { $0.openedAtMs > .monday + 24 * .day }
        // Weekends see it every fifth day and may take longer.
        #expect(lastDays.count <= 2)
    }

    @Test func aRushThatCarriesWhatTheRoadCanIsNoIncident() {
        // A worse morning than any before, and a wet one: the queue is longer, yet the road works.
        for speed in [0.5, 0.3] {
            var road = Road()
            road.pass(days: 21)
            road.pass(minutes: 7 * 60)
            road.pass(minutes: 120, speed: speed, flow: 0.92)
            #expect(road.street.opened(.congestion) == [])
        }
    }

    @Test func anIncidentWithinTheRushIsSeen() throws {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 7 * 60 + 30)
        let beganMs = road.nowMs
        road.pass(minutes: 45, speed: 0.3, flow: 0.5)
        let incident = try #require(road.street.opened(.congestion).first)
        #expect(incident.openedAtMs - beganMs <= 10 * .minute)
    }

    /// What three stations of one road see of a crash between the first and the second, and of a rush that all of them
    /// carry: only what stands behind the crash is an incident.
    @Test(arguments: [
        Station(
            testDescription: "behind the crash it queues, and little gets through", speed: 0.3, flow: 0.5, opens: true),
        Station(testDescription: "beyond the crash the few drive freely", speed: 1.02, flow: 0.5, opens: false),
        Station(testDescription: "far behind it nothing is felt yet", speed: 1, flow: 1, opens: false),
        Station(
            testDescription: "a rush on the whole road queues, and carries what it can", speed: 0.5, flow: 0.95,
            opens: false),
    ]) func aCorridorTellsAnIncidentFromARecurrentQueue(_ c: Station) {
        for hour in [7, 17] as [Int64] {
            var road = Road(seed: 12)
            road.pass(days: 21)
            road.pass(minutes: hour * 60)
            // By day the road is not at its capacity: a queue that carries what it can is the rush's alone.
            guard c.opens || hour == 7 || c.speed >= 1 else { continue }
            road.pass(minutes: 60, speed: c.speed, flow: c.flow)
            #expect(!road.street.opened(.congestion).isEmpty == c.opens, "at \(hour)")
        }
    }

    struct Station: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var speed, flow: Double
        var opens: Bool
    }

    @Test func aQueueOfManyMoreThanUsualIsASurge() throws {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 22 * 60 + 30)
        let beganMs = road.nowMs
        // 1 400 veh/h where 200 are usual.
        road.pass(minutes: 60, speed: 0.5, flow: 7)
        let incident = try #require(road.street.opened(.congestion).first)
        #expect(incident.openedAtMs - beganMs <= 20 * .minute)
    }

    @Test func whatAnIncidentHeldBackIsNoSecondIncident() {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 21 * 60)
        road.pass(minutes: 60, speed: 0.3, flow: 0.4)
        road.pass(minutes: 30)
        road.pass(minutes: 60, speed: 0.5, flow: 7)
        #expect(road.street.opened(.congestion).count == 1)
    }

    @Test(arguments: [1, 5, 15] as [Int64]) func anIntervalThatChangesIsNoIncident(_ minutes: Int64) {
        var road = Road()
        road.pass(days: 21)
        var (atMs, random) = (road.nowMs, Random(seed: 8))
        while atMs < road.nowMs + 3 * .day {
            let local = LocalTime(atMs: atMs, in: .utc)
            let isRush = local.dayType == .workday && (7..<9).contains(local.secondOfDay / 3600)
            let isDay = (6..<22).contains(local.secondOfDay / 3600)
            road.street.send(.vehicleFlow, (isRush ? 1500 : isDay ? 1200 : 200) + 30 * random.normal(), atMs: atMs)
            road.street.send(.occupancy, (isRush ? 22 : isDay ? 8 : 2) + 0.6 * random.normal(), atMs: atMs)
            road.street.send(.speed, (isRush ? 45 : 90) + 3 * random.normal(), atMs: atMs)
            atMs += minutes * .minute
        }
        #expect(road.street.incidents == [])
    }

    @Test func countsAloneShowAClosedRoad() throws {
        var road = Road([.vehicleFlow])
        road.pass(days: 21)
        road.pass(minutes: 660)
        let beganMs = road.nowMs
        road.pass(minutes: 60, flow: 0.3)
        let incident = try #require(road.street.opened(.trafficDrop).first)
        #expect(incident.openedAtMs - beganMs <= 10 * .minute)
        road.pass(minutes: 60)
        #expect(road.street.incidents.count == 1 && road.street.incidents[0].closedAtMs != nil)
    }

    @Test func aStuckDetectorIsAFaultAndNoJam() {
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 660)
        var atMs = road.nowMs
        for _ in 0..<24 {
            road.street.send(.vehicleFlow, 1212, atMs: atMs)
            road.street.send(.occupancy, 30.5, atMs: atMs)
            road.street.send(.speed, 44.5, atMs: atMs)
            atMs += 5 * .minute
        }
        #expect(road.street.opened(.stuck).count == 1)
        #expect(road.street.opened(.congestion).isEmpty)
    }

    @Test func aCoveredLoopWithFastTrafficIsAFault() {
        var road = Road()
        road.pass(days: 15)
        var atMs = road.nowMs
        for i in 0..<12 {
            road.street.send(.vehicleFlow, 600 + Double(i) * 12, atMs: atMs)
            road.street.send(.occupancy, 98 + 0.1 * Double(i), atMs: atMs)
            road.street.send(.speed, 88 + 0.7 * Double(i), atMs: atMs)
            atMs += 5 * .minute
        }
        #expect(road.street.incidents.map(\.rule) == [.implausible])
    }

    @Test func oneDeviceHasOneFaultAtATime() {
        // Covered, and repeating itself; in the evening rush slow traffic makes the cover plausible again.
        var road = Road()
        road.pass(days: 15)
        var atMs = road.nowMs
        for i in 0..<60 {
            road.street.send(.vehicleFlow, 600 + Double(i % 7) * 12, atMs: atMs)
            road.street.send(.occupancy, 98.5, atMs: atMs)
            road.street.send(.speed, (20..<30).contains(i) ? 25 + Double(i % 5) : 88 + 0.7 * Double(i % 6), atMs: atMs)
            atMs += 5 * .minute
        }
        #expect(road.street.incidents.map(\.rule) == [.implausible])
        #expect(road.street.incidents[0].closedAtMs == nil)
    }

    @Test func aSampleIsJudgedWhenItIsWhole() throws {
        // Speed does not come at night: the samples without it wait for the next, those with it do not.
        var road = Road()
        road.pass(days: 21)
        road.pass(minutes: 660)
        let beganMs = road.nowMs
        road.street.send(.vehicleFlow, 300, atMs: beganMs)
        road.street.send(.occupancy, 60, atMs: beganMs)
        #expect(road.street.incidents == [])
        road.street.send(.speed, 8, atMs: beganMs)
        #expect(road.street.incidents.map(\.openedAtMs) == [beganMs])
    }

    @Test func theSameReadingsGiveTheSameState() {
        func run() -> Road {
            var road = Road(seed: 11)
            road.pass(days: 16)
            road.pass(minutes: 90, speed: 0.4, flow: 0.5)
            return road
        }
        #expect(run() == run())
        #expect(run().street.incidents.count > 0)
    }
}
