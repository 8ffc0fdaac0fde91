import Detection
import Readings
import Testing

/// Roads of which only counts are known, sent at any interval.
@Suite struct CountTests {
    private struct Road {
        var street = Street(.traffic)
        var random: Random
        let minutes: Int64
        var atMs = Int64.monday

        init(seed: UInt64 = 1, every minutes: Int64) { (random, self.minutes) = (Random(seed: seed), minutes) }

        /// `like`: the day type that people live; `left`: the share of vehicles that still comes.
        mutating func pass(hours: Double, like dayType: DayType? = nil, left: Double = 1) {
            let endMs = atMs + Int64(hours * Double(Int64.hour))
            while atMs < endMs {
                let local = LocalTime(atMs: atMs, in: .utc)
                let flow = Self.curve(Double(local.secondOfDay) / 3600, dayType ?? local.dayType) * left
                let mean = flow * Double(minutes) / 60
                let count = max(0, (mean + mean.squareRoot() * random.normal()).rounded())
                street.send(.vehicleFlow, count * 60 / Double(minutes), atMs: atMs)
                atMs += minutes * .minute
            }
        }

        private static func curve(_ hour: Double, _ dayType: DayType) -> Double {
            func peak(at center: Double, _ height: Double, _ width: Double) -> Double {
                let x = (hour - center) / width
                return height / (1 + x * x * x * x)
            }
            return dayType == .workday
                ? 120 + peak(at: 8, 1500, 2) + peak(at: 13, 600, 3) + peak(at: 17.5, 1600, 2.2)
                : 120 + peak(at: 14, 900, 4)
        }
    }

    @Test(arguments: [1, 5, 10, 15, 30, 60] as [Int64], 1...3) func aClosedRoadIsSeenAtEveryInterval(
        _ minutes: Int64, _ seed: Int
    ) throws {
        var road = Road(seed: UInt64(seed), every: minutes)
        road.pass(hours: 21 * 24)
        // Monday's noon.
        road.pass(hours: 12)
        #expect(road.street.incidents == [])
        let beganMs = road.atMs
        road.pass(hours: 3, left: 0.3)
        let incident = try #require(road.street.opened(.trafficDrop).first)
        #expect(incident.openedAtMs - beganMs <= max(15, minutes) * .minute)
        road.pass(hours: 4)
        #expect(road.street.incidents.count == 1 && road.street.incidents[0].closedAtMs != nil)
    }

    @Test(arguments: [5, 15, 60] as [Int64], 1...4) func aHolidayIsADayLikeSunday(_ minutes: Int64, _ seed: Int) {
        var road = Road(seed: UInt64(seed), every: minutes)
        road.pass(hours: 30 * 24)
        road.pass(hours: 24, like: .sunday)
        road.pass(hours: 24)
        #expect(road.street.incidents == [])
    }

    @Test(arguments: 1...4) func aRoadClosedInTheRushIsNoHoliday(_ seed: Int) throws {
        var road = Road(seed: UInt64(seed), every: 5)
        road.pass(hours: 30 * 24)
        road.pass(hours: 8)
        let beganMs = road.atMs
        // As few as on a Sunday at this hour.
        road.pass(hours: 1, like: .sunday)
        let incident = try #require(road.street.opened(.trafficDrop).first)
        #expect(incident.openedAtMs - beganMs <= 15 * .minute)
    }

    @Test(arguments: [5, 15] as [Int64]) func aGapIsNoInterval(_ minutes: Int64) {
        var road = Road(every: minutes)
        road.pass(hours: 21 * 24)
        for gap in [20, 50, 170, 700] as [Int64] {
            road.atMs += gap * .minute
            road.pass(hours: 5)
        }
        #expect(road.street.incidents == [])
    }
}
