/// Sensors whose states depend on each other, because their incidents can share a request: those of one zone. A sensor
/// without a zone is a group of its own.
///
/// An earlier registry may have put sensors together that stand apart today, and a request has since. They are one group for
/// as long as that request is remembered: ``entangle(_:)`` says anew which are, whenever a turn of saving begins. So groups
/// follow from registry and requests alone, and a run that was interrupted cuts its state like one that never was.
///
/// - Memory: 8 bytes a sensor; 16 while requests hold zones together.
struct FusionGroups: Sendable {
    private var zones = Rings()
    /// The same with what requests hold together; nil while that is nothing more.
    private var entangled: Rings?

    private var rings: Rings { entangled ?? zones }

    /// Adds the next sensor.
    mutating func append(zone: String?) {
        zones.append(zone: zone)
        entangled?.append(zone: zone)
    }

    /// Forgets what requests held together, and notes what they hold now: sensors, and the zone that they are about.
    ///
    /// O(sensors) if that is more than the registry does, else O(what they hold).
    mutating func entangle(_ knots: [(sensors: [Int], zone: String?)]) {
        entangled = nil
        let loose = knots.filter { !zones.holds($0.sensors, zone: $0.zone) }
        guard !loose.isEmpty else { return }
        var merged = zones
        for knot in loose { merged.merge(knot.sensors, zone: knot.zone) }
        entangled = merged
    }

    /// Whether it is the lowest of its group.
    func isFirst(_ sensor: Int) -> Bool { rings.isFirst(sensor) }

    /// The sensors of a group, in ascending order.
    func members(ofGroupOf sensor: Int) -> [Int] { rings.members(ofGroupOf: sensor) }
}

extension FusionGroups {
    /// Each group is a ring of links, so that a sensor joins in O(1) and most groups, of one sensor, cost nothing more.
    private struct Rings: Sendable {
        /// The next sensor of the same group.
        private var nexts: [Int32] = []
        /// The lowest sensor of the group.
        private var firsts: [Int32] = []
        /// Some sensor of each zone.
        private var sensorOfZone: [String: Int32] = [:]

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

        /// Whether they are one group already.
        func holds(_ sensors: [Int], zone: String?) -> Bool {
            guard let anchor = sensors.first.map({ firsts[$0] }) else { return true }
            guard sensors.allSatisfy({ firsts[$0] == anchor }) else { return false }
            return zone.map { sensorOfZone[$0].map { firsts[Int($0)] == anchor } ?? false } ?? true
        }

        mutating func merge(_ sensors: [Int], zone: String?) {
            guard let anchor = sensors.first else { return }
            for sensor in sensors.dropFirst() { join(anchor, sensor) }
            guard let zone else { return }
            if let known = sensorOfZone[zone] { join(anchor, Int(known)) } else { sensorOfZone[zone] = Int32(anchor) }
        }

        func isFirst(_ sensor: Int) -> Bool { firsts[sensor] == sensor }

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
}
