/// The written part of the demo: a fortnight of small incidents that are over, a round that failed to come, and a first day
/// worth watching.
struct EventPlot {
    let city: SyntheticCity

    func write(_ cast: inout EventCast) -> [CityEvent] { history(&cast) + firstDay(&cast) + missedRound(&cast) }

    /// Relative to the start of live time.
    private func live(_ hours: Int, _ minutes: Int = 0) -> Int64 {
        city.liveStartMs + Int64(hours * 60 + minutes) * 60_000
    }

    /// A time by the clock on the wall, so many days before the day on which the demo goes live.
    private func before(days: Int64, _ hour: Int64, _ minute: Int64 = 0) -> Int64 {
        let day = city.moment(atMs: city.liveStartMs).day - days
        let localMs = (day * 86_400 + hour * 3600 + minute * 60) * 1000
        return localMs - Int64(city.offsetSeconds(localMs)) * 1000
    }

    /// Incidents that have come and gone. Late enough for the detectors to know what is usual.
    private func history(_ cast: inout EventCast) -> [CityEvent] {
        [
            CityEvent(
                .binFills(sensor: emptyBin(&cast, atMs: before(days: 10, 9)), fullAtMs: before(days: 9, 15)),
                startMs: before(days: 10, 9), endMs: before(days: 8, 9)),
            CityEvent(
                .silent(sensor: cast.sensor(.traffic)), startMs: before(days: 7, 10), endMs: before(days: 7, 16)),
            cast.congestion(startMs: before(days: 6, 8, 10), endMs: before(days: 6, 9, 50)),
            CityEvent(
                .binBurns(sensor: cast.sensor(.bin)), startMs: before(days: 5, 14), endMs: before(days: 5, 15, 5)),
            CityEvent(
                .chamberFloods(sensor: cast.sensor(.wet)), startMs: before(days: 5, 6), endMs: before(days: 4, 13)),
            cast.congestion(startMs: before(days: 4, 17, 5), endMs: before(days: 4, 19)),
            CityEvent(
                .meterRuns(sensor: cast.sensor(.meter), litresPerHour: 22), startMs: before(days: 5, 11),
                endMs: before(days: 3, 10)),
            CityEvent(
                .loggerHearsLeak(sensor: cast.sensor(.noise), hiss: 13), startMs: before(days: 4, 12),
                endMs: before(days: 2, 15)),
            CityEvent(
                .binFills(sensor: emptyBin(&cast, atMs: before(days: 4, 10)), fullAtMs: before(days: 3, 9)),
                startMs: before(days: 4, 10), endMs: before(days: 2, 10)),
            cast.congestion(startMs: before(days: 2, 7, 50), endMs: before(days: 2, 9, 10), severity: 0.66),
            CityEvent(
                .stuck(sensor: cast.sensor(.traffic)), startMs: before(days: 3, 12), endMs: before(days: 2, 6)),
            CityEvent(
                .losesReadings(sensor: cast.sensor(.traffic), share: 0.04), startMs: before(days: 14, 0),
                endMs: before(days: -60, 0)),
        ]
    }

    private func firstDay(_ cast: inout EventCast) -> [CityEvent] {
        [
            // Wet contacts take half a day to be believed: this one, and the burst, are the first minute's leaks.
            CityEvent(.chamberFloods(sensor: cast.sensor(.wet)), startMs: live(-9), endMs: live(18)),
            CityEvent(
                .mainLeaks(zone: cast.zone(), share: 0.45, growsForMs: 0), startMs: live(0, 20), endMs: live(36)),
            CityEvent(.stuck(sensor: cast.sensor(.traffic)), startMs: live(0, 40), endMs: live(10)),
            cast.congestion(startMs: live(1, 30), endMs: live(7)),
            CityEvent(.gatewayDies(gateway: cast.gateway), startMs: live(2), endMs: live(14)),
            CityEvent(
                .binFills(sensor: emptyBin(&cast, atMs: live(-26)), fullAtMs: live(2, 30)), startMs: live(-26),
                endMs: live(9)),
            CityEvent(.binBurns(sensor: cast.sensor(.bin)), startMs: live(3), endMs: live(4)),
            CityEvent(
                .mainLeaks(zone: cast.zone(), share: 0.22, growsForMs: 10 * EventScript.hourMs), startMs: live(5),
                endMs: live(60)),
            CityEvent(
                .meterRuns(sensor: cast.sensor(.meter), litresPerHour: 30), startMs: live(6), endMs: live(44)),
            CityEvent(.binTilts(sensor: tiltingBin(&cast)), startMs: live(7, 30), endMs: live(12)),
            evening(&cast),
            CityEvent(.chamberFloods(sensor: cast.sensor(.wet)), startMs: live(10), endMs: live(30)),
            CityEvent(
                .binFills(sensor: emptyBin(&cast, atMs: live(11)), fullAtMs: live(15)), startMs: live(11),
                endMs: live(21)),
            CityEvent(.silent(sensor: cast.sensor(.traffic)), startMs: live(13), endMs: live(19)),
            cast.congestion(startMs: live(16), endMs: live(17, 40)),
            CityEvent(.binBurns(sensor: cast.sensor(.bin)), startMs: live(18), endMs: live(19)),
            CityEvent(
                .mainLeaks(zone: cast.zone(), share: 0.30, growsForMs: 0), startMs: live(20), endMs: live(40)),
            CityEvent(.stuck(sensor: cast.sensor(.traffic)), startMs: live(22), endMs: live(31)),
        ]
    }

    /// A ward whose round does not come: its bins fill one after another in the two days before the demo goes live, and are
    /// emptied one after another when it has been live for twenty hours. What a hotspot is made of.
    private func missedRound(_ cast: inout EventCast) -> [CityEvent] {
        let bins = cast.binsOfOneWard(most: 8) { Int(city.devices[$0].ward) }
        let firstMs = live(-30)
        return bins.enumerated().map { place, sensor in
            let fullAtMs = firstMs + Int64(place) * 28 / Int64(max(1, bins.count)) * EventScript.hourMs
            return CityEvent(
                .binFills(sensor: sensor, fullAtMs: fullAtMs), startMs: fullAtMs - 40 * EventScript.hourMs,
                endMs: live(20, 10 * place))
        }
    }

    /// The first five o'clock in the evening that is not taken by the congestion at the start.
    private func evening(_ cast: inout EventCast) -> CityEvent {
        let today = before(days: 0, 17, 5)
        let startMs = today > live(7) ? today : before(days: -1, 17, 5)
        return cast.congestion(startMs: startMs, endMs: startMs + 2 * EventScript.hourMs)
    }

    /// A bin that is nearly empty then, so that its filling takes the time it should.
    private func emptyBin(_ cast: inout EventCast, atMs: Int64) -> Int {
        let localS = city.moment(atMs: atMs).localS
        return cast.sensor(.bin) { city.binPattern(city.devices[$0]).level(atLocalS: localS) < 25 }
    }

    private func tiltingBin(_ cast: inout EventCast) -> Int {
        cast.sensor(.bin) { SyntheticCity.hasTiltSwitch(city.devices[$0]) }
    }
}
