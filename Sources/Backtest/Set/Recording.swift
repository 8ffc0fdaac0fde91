public import Readings

/// Recorded readings in memory, in the order in which they would have arrived: 24 bytes a reading.
///
/// Read once, replayed as often as rules are to be compared, and looked into for charts.
public struct Recording: Sendable {
    /// One reading.
    public struct Row: Sendable, Equatable, BitwiseCopyable {
        /// Milliseconds since the Unix epoch.
        public var observedAtMs: Int64
        /// In the unit of ``quantity``. Finite.
        public var value: Double
        /// Its sensor's place in ``Recording/sensors``.
        public var sensor: UInt32
        public var quantity: Quantity

        public init(observedAtMs: Int64, value: Double, sensor: UInt32, quantity: Quantity) {
            (self.observedAtMs, self.value, self.sensor, self.quantity) = (observedAtMs, value, sensor, quantity)
        }
    }

    /// A sensor that was met.
    public struct Source: Sendable, Equatable {
        public var id: String
        public var kind: SensorKind

        public init(id: String, kind: SensorKind) { (self.id, self.kind) = (id, kind) }
    }

    /// In order of first mention.
    public private(set) var sensors: [Source]
    public private(set) var rows: [Row]

    /// - Precondition: every row's sensor is a place in `sensors`.
    public init(sensors: [Source], rows: [Row]) {
        precondition(rows.allSatisfy { Int($0.sensor) < sensors.count }, "a row of no sensor")
        (self.sensors, self.rows) = (sensors, rows)
    }

    /// The place of the sensor with this id. O(sensors).
    public func place(ofSensor id: String) -> Int? { sensors.firstIndex { $0.id == id } }

    /// The rows of some sensors alone.
    public func limited(to isWanted: (Source) -> Bool) -> Recording {
        let wanted = sensors.map(isWanted)
        return Recording(sensors: sensors, rows: rows.filter { wanted[Int($0.sensor)] })
    }
}

/// Puts a ``Recording`` together from files, given a piece at a time.
public struct RecordingBuilder: Sendable {
    private var sensors: [Recording.Source] = []
    private var names = NameTable(seed: (0, 0))
    private var rows: [Recording.Row] = []
    /// Where each file's rows end.
    private var ends: [Int] = []
    private var csv = ReadingsCSV()

    public init() {}

    /// Rows so far.
    public var count: Int { rows.count }

    /// The next piece of the current file: see ``ReadingsCSV`` for the format.
    ///
    /// - Throws: `ReadingsCSV.RowError` at the first row that can't be read.
    public mutating func append(_ piece: borrowing Span<UInt8>) throws {
        var reader = csv
        csv = ReadingsCSV()
        try reader.read(piece) { id, row in keep(id, row) }
        csv = reader
    }

    /// The current file has ended; the next piece begins another.
    public mutating func endFile() throws {
        var reader = csv
        csv = ReadingsCSV()
        try reader.finish { id, row in keep(id, row) }
        ends.append(rows.count)
    }

    private mutating func keep(_ id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row) {
        let sensor: UInt32
        if let known = names.index(of: id) {
            sensor = known.rawValue
        } else {
            sensor = UInt32(sensors.count)
            names.insert(id, SensorIndex(rawValue: sensor))
            sensors.append(Recording.Source(id: String(copying: id), kind: row.kind))
        }
        rows.append(
            Recording.Row(observedAtMs: row.observedAtMs, value: row.value, sensor: sensor, quantity: row.quantity))
    }

    /// All files merged by time. Rows of one moment stand in the files' order; rows of one file never change places, so
    /// what a file holds late arrives late.
    public func finish() -> Recording {
        var heads = [0] + ends.dropLast()
        var merged: [Recording.Row] = []
        merged.reserveCapacity(rows.count)
        while true {
            var (earliest, earliestMs) = (-1, Int64.max)
            for file in ends.indices where heads[file] < ends[file] && rows[heads[file]].observedAtMs < earliestMs {
                (earliest, earliestMs) = (file, rows[heads[file]].observedAtMs)
            }
            guard earliest >= 0 else { break }
            merged.append(rows[heads[earliest]])
            heads[earliest] += 1
        }
        return Recording(sensors: sensors, rows: merged)
    }
}
