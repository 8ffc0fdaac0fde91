/// Gathers history into buckets of one width, whatever order it comes in.
struct HistoryChart {
    private let fromMs: Int64
    private let toMs: Int64
    /// At least 1.
    private let widthMs: UInt64
    /// By their place in the chart.
    private var filled: [HistoryBucket?]

    /// - Precondition: `fromMs <= toMs`, `points > 0`.
    init(fromMs: Int64, toMs: Int64, points: Int) {
        (self.fromMs, self.toMs) = (fromMs, toMs)
        // The whole range of times has more moments than a signed number counts.
        let moments = UInt64(bitPattern: toMs &- fromMs)
        widthMs = moments / UInt64(points) + 1
        filled = Array(repeating: nil, count: Int(moments / widthMs) + 1)
    }

    /// Adds what begins inside the chart, and passes over all else.
    mutating func add(_ entry: HistoryBucket) {
        guard entry.startMs >= fromMs, entry.startMs <= toMs else { return }
        let place = Int(UInt64(bitPattern: entry.startMs &- fromMs) / widthMs)
        if filled[place] != nil {
            filled[place]?.add(entry)
        } else {
            var bucket = entry
            bucket.startMs = fromMs &+ Int64(bitPattern: UInt64(place) * widthMs)
            filled[place] = bucket
        }
    }

    /// Those that hold anything, by time.
    var buckets: [HistoryBucket] { filled.compactMap { $0 } }
}
