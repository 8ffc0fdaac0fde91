/// Counts the frames of one sensor that came and that did not, by its frame counter.
///
/// A counter that goes back by more than a few began anew: what lies between is not lost.
package struct FrameTally {
    /// Frames that a network may bring in another order.
    static let disorder: Int64 = 64
    /// Fewer frames than this say nothing.
    static let fewest = 20

    private var last: Int64?
    private(set) var came = 0
    private var sent = 0

    package init() {}

    /// In the order of arrival; the readings of one message share a counter.
    package mutating func note(_ counter: Int64) {
        guard let last else {
            (self.last, came, sent) = (counter, 1, 1)
            return
        }
        if counter == last { return }
        came += 1
        if counter > last, counter - last < 10_000 {
            sent += Int(counter - last)
            self.last = counter
        } else if counter > last || last - counter > Self.disorder {
            sent += 1
            self.last = counter
        }
    }

    /// From 0 to 1, or nil when there is too little to tell.
    package var lostShare: Double? {
        guard sent >= Self.fewest else { return nil }
        return max(0, 1 - Double(came) / Double(sent))
    }
}
