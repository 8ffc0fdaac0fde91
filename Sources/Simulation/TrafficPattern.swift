/// What a traffic station measures in five minutes.
struct TrafficState: Sendable, Equatable {
    /// km/h to 0.1.
    var speed: Double
    /// Percent to 0.1.
    var occupancy: Double
    /// Vehicles per hour: a count of whole vehicles, times twelve.
    var flow: Double
}

/// One station's ordinary traffic: a morning and an evening rush that slow it mildly, a quiet night.
struct TrafficPattern: Sendable {
    /// Speed on an empty road, km/h.
    var freeSpeed: Double
    /// Vehicles per hour that the road can take.
    var capacity: Double
    /// What the stations of a corridor share.
    var corridorKey: UInt64
    var key: UInt64

    /// A queue: what share of speed it takes away, 0 (none) to 1.
    typealias Congestion = Double

    func state(at moment: LocalMoment, congestion: Congestion = 0) -> TrafficState {
        let second = moment.atMs / 1000
        let shiftS = Int64((SeededHash.unit(corridorKey, 1) - 0.5) * 1800)
        let shape = moment.isWeekend ? DayShape.trafficWeekend : DayShape.trafficWorkday
        let tide = 1 + 0.05 * SeededHash.drift(SeededHash.key(corridorKey, 2), atS: second, periodS: 3600)
        let demand = shape.value(atSecond: moment.secondOfDay + shiftS) * tide

        var count = capacity * demand / 12
        // A little more spread than Poisson's: lights let vehicles through in platoons.
        count += (1.2 * count.squareRoot() + 0.4) * SeededHash.normal(SeededHash.key(key, 3), second)
        var speed = freeSpeed * (1 - 0.24 * demand * demand * demand)
        speed += 0.02 * freeSpeed * SeededHash.normal(SeededHash.key(key, 4), second)
        speed += 0.015 * freeSpeed * SeededHash.drift(SeededHash.key(key, 5), atS: second, periodS: 1800)
        if congestion > 0 {
            speed *= 1 - congestion
            count *= 1 - 0.45 * congestion
        }
        count = max(0, count).rounded()
        speed = max(3, speed)
        // Occupancy = density × the length a loop sees (6.5 m and its own 2): flow/speed vehicles a km on one lane.
        let density = count * 12 / speed
        var occupancy = density * 0.85 + 0.25 * abs(SeededHash.normal(SeededHash.key(key, 6), second))
        if congestion > 0 {
            // A queue stands over the loop even when few arrive: at night it is made of those who can't leave.
            let queue = 62 * congestion + 3 * SeededHash.normal(SeededHash.key(key, 7), second)
            occupancy = max(occupancy, queue)
        }
        return TrafficState(
            speed: speed.rounded(decimals: 1), occupancy: min(occupancy, 88).rounded(decimals: 1), flow: count * 12)
    }
}
