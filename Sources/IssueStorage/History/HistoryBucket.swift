/// What a stretch of time was like: readings of one minute, hour or day, or of one point of a chart.
public struct HistoryBucket: Sendable, BitwiseCopyable, Equatable {
    /// Its first moment, in milliseconds since the Unix epoch.
    public var startMs: Int64
    public var count: Int
    public var least: Double
    public var greatest: Double
    /// Of all readings; where those are decimals without the error of binary addition, whatever their order.
    public var sum: Double

    public var mean: Double { sum / Double(count) }

    public init(startMs: Int64, count: Int, least: Double, greatest: Double, sum: Double) {
        self.startMs = startMs
        self.count = count
        self.least = least
        self.greatest = greatest
        self.sum = sum
    }

    /// One reading alone.
    init(startMs: Int64, _ value: Double) {
        self.init(startMs: startMs, count: 1, least: value, greatest: value, sum: value)
    }

    mutating func add(_ other: HistoryBucket) {
        count += other.count
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
        sum = Decimals.sum(sum, other.sum)
    }
}

extension [HistoryBucket] {
    /// Adds `bucket` to the last one, if that begins at the same time, or behind it.
    mutating func gather(_ bucket: HistoryBucket) {
        if let last = indices.last, self[last].startMs == bucket.startMs {
            self[last].add(bucket)
        } else {
            append(bucket)
        }
    }
}
