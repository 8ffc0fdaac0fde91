internal import Readings

/// A traffic radar's intervals, of which each comes in several messages: the sums of the parts that have come.
///
/// An interval is whole when all its parts are there. A few may be open at once, since parts overtake each other; the oldest
/// is given up for a newer one, and then it has no reading: without one kind of vehicles it would look like a drop.
///
/// - Complexity: O(1). Memory: 16 bytes a sensor, and 48 for each open interval.
struct IntervalParts: Sendable, Equatable {
    struct Open: Sendable, Equatable {
        var endMs: Int64 = 0
        /// Vehicles per hour, of the parts so far.
        var flow = 0.0
        /// Of each part its vehicles per hour times their mean speed.
        var movement = 0.0
        /// Bit n: part n has come.
        var parts: UInt16 = 0
    }

    /// What a part makes of its interval.
    enum Outcome: Equatable {
        /// More has to come, or it had come before.
        case open
        /// All is there: vehicles per hour, and their mean speed in km/h, nil where there were none.
        case whole(endMs: Int64, flow: Double, speed: Double?)
    }

    /// Open intervals of one sensor; more than one is rare.
    static let mostOpen = 4

    /// By their ends.
    private(set) var open: [Open] = []
    /// The newest interval that was whole, or given up.
    private var doneMs = Int64.min
    /// Intervals that were given up, since the start. Not part of the saved state: it changes no outcome.
    private(set) var incomplete = 0

    /// Takes a part that has not been seen before.
    mutating func take(_ reading: Reading) -> Outcome {
        let part = reading.observedAtMs % 1000
        let endMs = reading.observedAtMs - part
        guard part < RouteParts.mostParts, let place = place(of: endMs) else { return .open }
        guard reading.quantity == .vehicleFlowPart else {
            open[place].movement += reading.value
            return .open
        }
        open[place].flow += reading.value
        open[place].parts |= 1 << UInt16(part)
        guard open[place].parts.nonzeroBitCount >= max(1, Int(reading.counter)) else { return .open }
        let whole = open.remove(at: place)
        doneMs = max(doneMs, endMs)
        return .whole(
            endMs: endMs, flow: whole.flow, speed: whole.flow > 0 ? whole.movement / whole.flow : nil)
    }

    /// The interval's place among the open ones; nil for one that is done.
    private mutating func place(of endMs: Int64) -> Int? {
        if let place = open.firstIndex(where: { $0.endMs == endMs }) { return place }
        guard endMs > doneMs else { return nil }
        if open.count == Self.mostOpen {
            doneMs = max(doneMs, open.removeFirst().endMs)
            incomplete += 1
            guard endMs > doneMs else { return nil }
        }
        let place = open.firstIndex { $0.endMs > endMs } ?? open.count
        open.insert(Open(endMs: endMs), at: place)
        return place
    }

    mutating func code(_ coder: inout StateCoder) {
        let count = coder.codeCount(open.count, leastBytes: 4)
        if coder.isReading { open = Array(repeating: Open(), count: count) }
        for index in open.indices {
            coder.code(&open[index].endMs)
            coder.code(&open[index].flow)
            coder.code(&open[index].movement)
            var parts = UInt64(open[index].parts)
            coder.code(&parts)
            open[index].parts = UInt16(truncatingIfNeeded: parts)
        }
        coder.code(&doneMs)
        coder.require(count <= Self.mostOpen, .badValue, "open intervals")
    }
}
