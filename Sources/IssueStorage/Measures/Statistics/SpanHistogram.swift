/// How long things took, counted in buckets of at most 3.2 % width, so that a million of them and a dozen take the same
/// few bytes, and what was counted can be taken away again.
///
/// Below 64 s each second has its bucket; above, each power of two has 32. As in HdrHistogram with two significant
/// binary digits more.
public struct SpanHistogram: Sendable, Equatable {
    /// By bucket, up to the last that was ever used.
    private var counts: [Int32] = []
    public private(set) var total = 0

    public init() {}

    public static func == (a: Self, b: Self) -> Bool {
        a.total == b.total
            && (0..<max(a.counts.count, b.counts.count)).allSatisfy { a.count(in: $0) == b.count(in: $0) }
    }

    /// Counts a span, or with `times` −1 takes it away. Negative spans count as none, those beyond 136 years as that.
    package mutating func add(seconds: Int64, times: Int = 1) {
        add(bucket: Self.bucket(of: seconds), times)
    }

    package mutating func add(_ other: SpanHistogram) {
        for (bucket, count) in other.counts.enumerated() where count != 0 { add(bucket: bucket, Int(count)) }
    }

    private mutating func add(bucket: Int, _ times: Int) {
        while counts.count <= bucket { counts.append(0) }
        counts[bucket] += Int32(truncatingIfNeeded: times)
        total += times
    }

    func count(in bucket: Int) -> Int32 { bucket < counts.count ? counts[bucket] : 0 }

    /// Behind the last that was ever used.
    var bucketsInUse: Int { counts.count }

    /// The median, as the middle of its bucket; nil of nothing.
    public var medianSeconds: Double? {
        guard total > 0 else { return nil }
        return (seconds(atRank: (total + 1) / 2) + seconds(atRank: total / 2 + 1)) / 2
    }

    /// The 95 % interval of the median behind these spans, whatever their distribution; nil of fewer than 6, of which even
    /// the least and the greatest enclose it less surely.
    public var medianInterval: ClosedRange<Double>? {
        guard let ranks = OrderStatistics.medianRanks(of: total) else { return nil }
        return seconds(atRank: ranks.lowerBound)...seconds(atRank: ranks.upperBound)
    }

    /// The value with so many at or below it, from 1 to ``total``.
    private func seconds(atRank rank: Int) -> Double {
        var left = rank
        for (bucket, count) in counts.enumerated() {
            left -= Int(count)
            if left <= 0 { return Self.middle(of: bucket) }
        }
        return 0
    }

    // MARK: - Buckets

    private static let mostSeconds: Int64 = 1 << 32
    /// As many as there are; bytes with more are not of ours.
    private static let bucketCount = bucket(of: mostSeconds) + 1

    static func bucket(of seconds: Int64) -> Int {
        let value = min(max(seconds, 0), mostSeconds)
        guard value >= 64 else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - 5
        return 64 + (shift - 1) * 32 + Int(value >> Int64(shift)) - 32
    }

    static func middle(of bucket: Int) -> Double {
        guard bucket >= 64 else { return Double(bucket) }
        let shift = (bucket - 64) / 32 + 1
        let low = Int64((bucket - 64) % 32 + 32) << Int64(shift)
        return Double(low) + Double((Int64(1) << Int64(shift)) - 1) / 2
    }

    // MARK: - Bytes

    /// Buckets in use: how many, then for each the distance from the one before, and the count.
    func encode(to writer: inout VarintWriter) {
        let used = counts.indices.filter { counts[$0] != 0 }
        writer.write(UInt64(used.count))
        var last = 0
        for bucket in used {
            writer.write(UInt64(bucket - last))
            writer.write(UInt64(UInt32(bitPattern: counts[bucket])))
            last = bucket
        }
    }

    /// Adds what ``encode(to:)`` wrote, from `position` on, which moves behind it; nil when the bytes are not of its making.
    mutating func add(from bytes: Span<UInt8>, at position: inout Int) -> Void? {
        let most = Self.bucketCount
        guard let used = Varint.read(bytes, at: &position), used <= most else { return nil }
        // All there can be, at once: what follows runs some millions of times for a report of years.
        if used > 0, counts.count < most { counts.append(contentsOf: repeatElement(0, count: most - counts.count)) }
        var (bucket, sum) = (0, 0)
        var cells = counts.mutableSpan
        for _ in 0..<used {
            guard let step = Varint.read(bytes, at: &position), let count = Varint.read(bytes, at: &position),
                step < most, count <= UInt32.max
            else { return nil }
            bucket += Int(step)
            guard bucket < most else { return nil }
            let times = Int32(truncatingIfNeeded: count)
            cells[bucket] &+= times
            sum += Int(times)
        }
        total += sum
        return ()
    }
}
