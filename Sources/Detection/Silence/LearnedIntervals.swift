/// What has been told of the intervals that sensors were learned to keep, and what is still to be told.
///
/// No part of what a monitor knows: two that have learned the same are equal, whatever they have told.
struct LearnedIntervals: Sendable, Equatable {
    /// By sensor: the seconds that were told last, below zero while they wait to be told; 0 for none.
    private var told: [Int32] = []
    /// Sensors that wait to be told of.
    private var waiting: [Int32] = []

    /// Notes what a sensor keeps by now, s, if that is news: the first that is known, then a change of more than a tenth.
    mutating func note(_ sensor: Int, _ intervalS: Int32) {
        while told.count <= sensor { told.append(0) }
        let before = abs(told[sensor])
        guard intervalS != before, abs(Int64(intervalS) - Int64(before)) * 10 > Int64(before) else { return }
        if told[sensor] >= 0 { waiting.append(Int32(sensor)) }
        told[sensor] = -intervalS
    }

    mutating func take(_ tell: (_ sensor: Int, _ intervalS: Int) -> Void) {
        guard !waiting.isEmpty else { return }
        for sensor in waiting {
            told[Int(sensor)] = -told[Int(sensor)]
            tell(Int(sensor), Int(told[Int(sensor)]))
        }
        waiting.removeAll(keepingCapacity: true)
    }

    static func == (a: LearnedIntervals, b: LearnedIntervals) -> Bool { true }
}
