internal import SPSCRing

/// A tick on its way into the stream, and what has to be met before it.
///
/// A tick that overtook what has arrived would find silence in a backlog of ours. So it waits until as many elements have
/// left each ring as waited there when it was taken in: while the rings move for ever, that is a fraction of a second. Only
/// where a ring is nearly full is it not enough to empty it: then the network thread may have stopped reading, and unknown
/// numbers wait before our door. Nobody is judged silent by what we could not hear, so the tick waits until that is over.
struct WaitingTick {
    var atMs: Int64
    /// How many elements of each source are still before it; nil while a ring is too full to say.
    private var ahead: [Int]?

    init(atMs: Int64) { self.atMs = atMs }

    /// From how much of its capacity on a ring may hold up the thread that fills it.
    private static func isNearlyFull(_ count: Int, of capacity: Int) -> Bool { count >= capacity / 4 * 3 }

    /// Looks at the rings, unless it has been done.
    mutating func look(at sources: [SourcePort]) {
        guard ahead == nil else { return }
        var counts: [Int] = []
        for source in sources {
            let count = source.outlet.count
            guard !Self.isNearlyFull(count, of: source.outlet.capacity) else { return }
            counts.append(count)
        }
        ahead = counts
    }

    /// `count` elements of this source have been met.
    mutating func met(_ count: Int, of source: Int) { ahead?[source] -= count }

    /// Whether all that was before it has been met.
    var isDue: Bool { ahead?.allSatisfy { $0 <= 0 } ?? false }
}
