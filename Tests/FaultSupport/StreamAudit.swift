/// What a data directory holds of a stream of numbered readings: each must stand there once.
public struct StreamAudit: Sendable, Equatable {
    /// Rows in all.
    public var rows = 0
    /// Readings without a row, and rows beyond a reading's first.
    public var lost = 0, duplicates = 0
    /// Rows of no reading of the stream, and rows with another value than was sent.
    public var foreign = 0, wrong = 0
    /// Rows behind their sensor's watermark.
    public var late = 0

    /// - Throws: when the database can't be read.
    public init(of stream: NumberedStream, in stored: StoredStream) throws {
        var seen = [Bool](repeating: false, count: stream.count)
        var sensors: [String: Int] = [:]
        for sensor in 0..<stream.sensorCount { sensors[stream.id(ofSensor: sensor)] = sensor }
        var found = self
        try stored.forEachReading { row in
            found.rows += 1
            if row.isLate { found.late += 1 }
            guard let sensor = sensors[row.sensorID],
                let number = stream.number(ofSensor: sensor, atMs: row.observedAtMs)
            else { return found.foreign += 1 }
            if seen[number] { found.duplicates += 1 }
            seen[number] = true
            if stream[number].value != row.value { found.wrong += 1 }
        }
        found.lost = seen.count { !$0 }
        self = found
    }

    private init() {}

    /// What it is when nothing was lost, stored twice, moved or changed.
    public static func exact(_ stream: NumberedStream) -> StreamAudit {
        var audit = StreamAudit()
        audit.rows = stream.count
        return audit
    }
}
