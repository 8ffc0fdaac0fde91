import Readings
import Simulation
import Testing

/// The events have their stated size: the city with its script, compared with the same city without.
@Suite struct EventScriptTests {
    let city = CityFixture.city()
    let calm = CityFixture.city(hasEvents: false)

    /// Pairs of what was measured with events and without, for one quantity of some sensors.
    private func pairs(
        _ quantity: Quantity, of sensors: some Sequence<Int>, fromMs: Int64, toMs: Int64
    ) -> [(event: Double, calm: Double)] {
        let chosen = Set(sensors)
        var usual: [[Int64]: Double] = [:]
        for reading in calm.readings(fromMs: fromMs, toMs: toMs)
        where reading.quantity == quantity && chosen.contains(reading.sensor) {
            usual[[reading.observedAtMs, Int64(reading.sensor)]] = reading.value
        }
        return city.readings(fromMs: fromMs, toMs: toMs).compactMap { reading in
            guard reading.quantity == quantity, chosen.contains(reading.sensor),
                let calm = usual[[reading.observedAtMs, Int64(reading.sensor)]]
            else { return nil }
            return (reading.value, calm)
        }
    }

    private func first(_ suits: (CityEvent.Kind) -> Bool) throws -> CityEvent {
        try #require(city.script.live.first { suits($0.kind) })
    }

    @Test func aBurstAddsItsShareOfTheMeanInflowAndLowersThePressures() throws {
        let burst = try first { if case .mainLeaks(_, _, 0) = $0 { true } else { false } }
        #expect(burst.startMs == city.liveStartMs + 20 * CityFixture.minuteMs)
        let touched = city.sensors(touchedBy: burst)
        let flow = try #require(touched.first { city.id(of: $0).hasPrefix("flow-") })
        let week = calm.readings(
            fromMs: city.liveStartMs - 7 * CityFixture.dayMs, toMs: city.liveStartMs
        ).filter { $0.sensor == flow }.map(\.value)
        let mean = week.reduce(0, +) / Double(week.count)
        let flows = pairs(.flow, of: [flow], fromMs: burst.startMs, toMs: burst.startMs + 5 * CityFixture.hourMs)
        #expect(flows.count == 20)
        // The week's mean differs a little from the zone's nominal one.
        #expect(flows.allSatisfy { abs(($0.event - $0.calm) / mean - 0.45) < 0.03 })
        let pressures = pairs(.pressure, of: touched, fromMs: burst.startMs, toMs: burst.startMs + CityFixture.hourMs)
        #expect(pressures.count == 8)
        #expect(pressures.allSatisfy { $0.event < $0.calm * 0.85 })
        let before = pairs(.flow, of: [flow], fromMs: city.liveStartMs - CityFixture.dayMs, toMs: burst.startMs)
        #expect(before.allSatisfy { $0.event == $0.calm })
    }

    @Test func aSlowLeakGrowsToItsShare() throws {
        let leak = try first { if case .mainLeaks(_, _, let growsForMs) = $0 { growsForMs > 0 } else { false } }
        let flow = city.sensors(touchedBy: leak).filter { city.id(of: $0).hasPrefix("flow-") }
        let added = pairs(.flow, of: flow, fromMs: leak.startMs, toMs: leak.startMs + 12 * CityFixture.hourMs)
            .map { $0.event - $0.calm }
        #expect(zip(added, added.dropFirst()).allSatisfy { $0 <= $1 + 0.02 })
        let (first, last) = (try #require(added.first), try #require(added.last))
        #expect(last > 3 && first < 0.1 * last)
    }

    @Test func congestionHalvesSpeedsAndFillsTheRoad() throws {
        let queue = try first { if case .congestion = $0 { true } else { false } }
        #expect(queue.startMs == city.liveStartMs + 90 * CityFixture.minuteMs)
        let stations = city.sensors(touchedBy: queue)
        #expect(stations.count == 5)
        #expect(Set(stations.map { city.sensor($0).zone }).count == 1)
        let (from, to) = (queue.startMs + 30 * CityFixture.minuteMs, queue.endMs - 15 * CityFixture.minuteMs)
        #expect(pairs(.speed, of: stations, fromMs: from, toMs: to).allSatisfy { $0.event < $0.calm * 0.4 })
        #expect(
            pairs(.occupancy, of: stations, fromMs: from, toMs: to).allSatisfy { $0.event > 30 && $0.event > $0.calm })
        #expect(
            pairs(.speed, of: stations, fromMs: queue.endMs, toMs: queue.endMs + CityFixture.hourMs)
                .allSatisfy { $0.event == $0.calm })
    }

    @Test func aBinPassesEightyFivePercentWhenTheScriptSaysAndIsEmptied() throws {
        let event = try #require(
            city.script.written.first {
                guard case .binFills(_, let fullAtMs) = $0.kind else { return false }
                return fullAtMs == city.liveStartMs + 150 * CityFixture.minuteMs
            })
        guard case .binFills(let sensor, let fullAtMs) = event.kind else { return }
        func fill(_ fromMs: Int64, _ toMs: Int64) -> [Double] {
            city.readings(fromMs: fromMs, toMs: toMs).filter { $0.sensor == sensor && $0.quantity == .fill }.map(
                \.value)
        }
        let (hour, day) = (CityFixture.hourMs, CityFixture.dayMs)
        #expect(fill(event.startMs, event.startMs + hour).allSatisfy { $0 < 35 })
        #expect(fill(fullAtMs - 4 * hour, fullAtMs - 3 * hour).allSatisfy { $0 < 85 })
        #expect(fill(fullAtMs + hour, event.endMs).allSatisfy { $0 >= 84 })
        #expect(event.endMs == city.liveStartMs + 9 * hour)
        #expect(fill(event.endMs, event.endMs + hour).allSatisfy { $0 < 12 })
        // Back on its round it stays an ordinary bin.
        #expect(fill(event.endMs, event.endMs + 20 * day).allSatisfy { $0 < 75 })
    }

    @Test func aFireIsHotForItsHour() throws {
        let fire = try first { if case .binBurns = $0 { true } else { false } }
        #expect(fire.startMs == city.liveStartMs + 3 * CityFixture.hourMs)
        let temperatures = pairs(
            .temperature, of: city.sensors(touchedBy: fire), fromMs: fire.startMs, toMs: fire.endMs)
        #expect(temperatures.count == 2)
        #expect(temperatures.allSatisfy { $0.event > 65 && $0.calm < 40 })
    }

    @Test func aStuckStationRepeatsItsValues() throws {
        let event = try first { if case .stuck = $0 { true } else { false } }
        for quantity in [Quantity.speed, .occupancy, .vehicleFlow] {
            let values = pairs(quantity, of: city.sensors(touchedBy: event), fromMs: event.startMs, toMs: event.endMs)
            #expect(Set(values.map(\.event)).count == 1)
            #expect(values.count > 100)
        }
    }

    @Test func aTiltedBinSaysSoUntilItIsRighted() throws {
        let event = try first { if case .binTilts = $0 { true } else { false } }
        let during = pairs(.tilt, of: city.sensors(touchedBy: event), fromMs: event.startMs, toMs: event.endMs)
        #expect(!during.isEmpty && during.allSatisfy { $0.event == 1 && $0.calm == 0 })
        let after = pairs(
            .tilt, of: city.sensors(touchedBy: event), fromMs: event.endMs, toMs: event.endMs + CityFixture.hourMs)
        #expect(!after.isEmpty && after.allSatisfy { $0.event == 0 })
    }

    @Test func aMeterThatNeverRestsHasNoHourOfZero() throws {
        let event = try first { if case .meterRuns = $0 { true } else { false } }
        let hours = pairs(.meterFlow, of: city.sensors(touchedBy: event), fromMs: event.startMs, toMs: event.endMs)
        #expect(hours.count >= 36 && hours.allSatisfy { $0.event >= 20 })
        #expect(hours.contains { $0.calm == 0 })
    }

    @Test func withoutEventsAFortnightIsOrdinary() {
        let from = city.liveStartMs - 14 * CityFixture.dayMs
        for reading in calm.readings(fromMs: from, toMs: city.liveStartMs) {
            switch reading.quantity {
            case .fill where reading.value > 75, .temperature where !(-15...45).contains(reading.value),
                .occupancy where reading.value > 50, .tilt where reading.value != 0:
                Issue.record("\(city.id(of: reading.sensor)) measured \(reading.value) \(reading.quantity.unit.symbol)")
                return
            default: break
            }
        }
    }

    @Test(arguments: [UInt64(1), 7, 23])
    func theFirstFiveHoursTouchEveryServiceAndNoTargetIsBehindTheDeadGateway(seed: UInt64) throws {
        let city = CityFixture.city(seed: seed)
        let early = city.script.live.filter { $0.startMs <= city.liveStartMs + 3 * CityFixture.hourMs }
        #expect(
            early.map { $0.startMs - city.liveStartMs } == [20, 40, 90, 120, 180].map { $0 * CityFixture.minuteMs })
        let death = try #require(early.first { if case .gatewayDies = $0.kind { true } else { false } })
        let dead = Set(city.sensors(touchedBy: death))
        for event in city.script.written where event != death {
            let touched = city.sensors(touchedBy: event).filter { !city.id(of: $0).hasPrefix("pressure-") }
                .filter { !city.id(of: $0).hasPrefix("noise-") || city.sensors(touchedBy: event).count == 1 }
            #expect(dead.isDisjoint(with: touched), "\(city.summary(event))")
        }
    }

    /// The bins whose round does not come: full before live time, emptied after its first twenty hours.
    private static func missedRound(in city: SyntheticCity) -> [CityEvent] {
        city.script.written.filter { event in
            guard case .binFills(_, let fullAtMs) = event.kind else { return false }
            return fullAtMs < city.liveStartMs && event.endMs > city.liveStartMs + 19 * CityFixture.hourMs
        }
    }

    @Test(arguments: [1, 2, 7] as [UInt64])
    func aRoundThatDoesNotComeFillsTheBinsOfOneWard(seed: UInt64) {
        let city = CityFixture.city(seed: seed)
        let round = Self.missedRound(in: city)
        let bins = round.flatMap { city.sensors(touchedBy: $0) }
        // Enough of them that it is no chance.
        #expect((5...8).contains(bins.count) && Set(bins).count == bins.count)
        #expect(Set(bins.map { city.sensor($0).ward }).count == 1)
        #expect(round.allSatisfy { $0.startMs > city.liveStartMs - 3 * CityFixture.dayMs })
    }

    @Test func historyHasADozenEventsAndAllButOneAreOverWhenLiveTimeBegins() {
        let round = Self.missedRound(in: city)
        let history = city.script.written.filter {
            $0.startMs < city.liveStartMs - 2 * CityFixture.dayMs && !round.contains($0)
        }
        #expect((8...12).contains(history.count))
        #expect(history.filter { $0.endMs > city.liveStartMs }.count == 1)  // the device that loses readings
        #expect(history.allSatisfy { $0.startMs > city.liveStartMs - 15 * CityFixture.dayMs })
    }

    @Test func theScriptNeverEndsAndIsTheSameHoweverItIsAsked() {
        let start = city.liveStartMs + CityFixture.dayMs
        let week = city.script.events(fromMs: start, toMs: start + 7 * CityFixture.dayMs)
        #expect((28...56).contains(week.count))
        let daily = (0..<7).flatMap {
            city.script.events(fromMs: start + $0 * CityFixture.dayMs, toMs: start + ($0 + 1) * CityFixture.dayMs)
        }
        #expect(daily == week)
        #expect(week.allSatisfy { $0.endMs - $0.startMs <= CityFixture.dayMs })
        #expect(
            !city.script.events(fromMs: start + 400 * CityFixture.dayMs, toMs: start + 402 * CityFixture.dayMs).isEmpty)
    }

    @Test func summariesAreSentences() throws {
        let lines = city.script.live.map { city.summary($0) }
        let burst = try #require(lines.first)
        #expect(burst.hasPrefix("+00:20 a main bursts in "))
        #expect(burst.hasSuffix(": 45 % above the zone's inflow"))
        #expect(
            lines.contains { $0.hasPrefix("+02:00 gateway gw-") && $0.hasSuffix("takes 40 sensors with it, for 12 h") })
        #expect(Set(lines).count == lines.count)
    }
}
