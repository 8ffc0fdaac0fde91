/// Sensors whose states depend on each other, because their incidents can share a request: those of one zone. A sensor
/// without a zone is a group of its own.
///
/// Each group is a ring of links, so that a sensor joins in O(1) and most groups, of one sensor, cost nothing more.
///
/// - Memory: 8 bytes a sensor.
struct FusionGroups: Sendable {
    /// The next sensor of the same group.
    private var nexts: [Int32] = []
    /// The lowest sensor of the group.
    private var firsts: [Int32] = []
    /// Some sensor of each zone.
    private var sensorOfZone: [String: Int32] = [:]

    /// Adds the next sensor.
    mutating func append(zone: String?) {
        let new = Int32(nexts.count)
        nexts.append(new)
        firsts.append(new)
        guard let zone else { return }
        guard let known = sensorOfZone[zone] else {
            sensorOfZone[zone] = new
            return
        }
        swapNexts(Int(known), Int(new))
        firsts[Int(new)] = firsts[Int(known)]
    }

    /// Puts sensors, and a zone, into one group: an earlier registry had put them together, and a request has since.
    mutating func merge(_ sensors: [Int], zone: String?) {
        guard let anchor = sensors.first else { return }
        for sensor in sensors.dropFirst() { join(anchor, sensor) }
        guard let zone else { return }
        if let known = sensorOfZone[zone] { join(anchor, Int(known)) } else { sensorOfZone[zone] = Int32(anchor) }
    }

    /// Whether it is the lowest of its group.
    func isFirst(_ sensor: Int) -> Bool { firsts[sensor] == sensor }

    /// The sensors of a group, in ascending order.
    func members(ofGroupOf sensor: Int) -> [Int] {
        var members = [sensor]
        var next = Int(nexts[sensor])
        while next != sensor {
            members.append(next)
            next = Int(nexts[next])
        }
        members.sort()
        return members
    }

    private mutating func join(_ a: Int, _ b: Int) {
        guard firsts[a] != firsts[b] else { return }
        let first = min(firsts[a], firsts[b])
        swapNexts(a, b)
        for member in members(ofGroupOf: a) { firsts[member] = first }
    }

    /// Makes one ring of two.
    private mutating func swapNexts(_ a: Int, _ b: Int) { (nexts[a], nexts[b]) = (nexts[b], nexts[a]) }
}
