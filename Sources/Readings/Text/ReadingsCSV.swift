/// Recorded readings as CSV, `timestamp,sensor_id,kind,metric,value`, read in chunks of any size as they come from a
/// file: bytes in, rows out, no text per row.
///
/// The first row names the columns, these five in any order. Times are RFC 3339. LF or CRLF; a field may be quoted if
/// it has no quote within; empty lines are skipped; a leading byte order mark too.
///
/// A metric that is no ``Quantity/name``, and every metric of a `generic` sensor, is read as ``Quantity/generic``: data
/// sets come with metrics of their own. ``unknownMetricRows`` counts the former. A reader made with `asIntake` refuses the
/// former, and what else the intake refuses of a device: times of other centuries, values beyond ±1e12.
public struct ReadingsCSV: Sendable {
    /// One row but for its sensor's id.
    public struct Row: Sendable, Equatable, BitwiseCopyable {
        /// From 1, which is the line of the column names.
        public var line: Int
        /// Milliseconds since the Unix epoch.
        public var observedAtMs: Int64
        public var kind: SensorKind
        public var quantity: Quantity
        /// In the quantity's unit. Finite.
        public var value: Double

        public init(line: Int, observedAtMs: Int64, kind: SensorKind, quantity: Quantity, value: Double) {
            (self.line, self.observedAtMs, self.kind) = (line, observedAtMs, kind)
            (self.quantity, self.value) = (quantity, value)
        }
    }

    /// A row that can't be read.
    public struct RowError: Error, Equatable, CustomStringConvertible {
        public var line: Int
        public var problem: String

        public init(line: Int, problem: String) { (self.line, self.problem) = (line, problem) }

        public var description: String { "line \(line): \(problem)" }
    }

    /// Lines met so far, the column names among them.
    public private(set) var lines = 0
    /// Rows whose metric had no name that Sluice knows, of sensors that are not generic.
    public private(set) var unknownMetricRows = 0

    /// Whether only what the intake would take is taken.
    private let asIntake: Bool
    /// The line that the last chunk broke off.
    private var rest: [UInt8] = []
    /// Which field is which: timestamp, sensor_id, kind, metric, value.
    private var columns: InlineArray<5, Int>?
    private var fields = InlineArray<5, Range<Int>>(repeating: 0..<0)
    /// Rows of one moment stand together, so its text is compared before it is read.
    private var lastTimeText: [UInt8] = []
    private var lastTimeMs: Int64 = 0

    /// A longer line is refused, in bytes.
    static let longestLine = 64 * 1024

    public init(asIntake: Bool = false) { self.asIntake = asIntake }

    /// Reads every line that ends in this chunk. `row` gets the sensor's id, valid during the call, and the rest.
    ///
    /// - Throws: ``RowError`` at the first bad row, and what `row` throws. The reader is then of no further use.
    public mutating func read(
        _ chunk: borrowing Span<UInt8>, row: (borrowing Span<UInt8>, Row) throws -> Void
    ) throws {
        var start = 0
        for end in chunk.indices where chunk[end] == UInt8(ascii: "\n") {
            let line = chunk.extracting(start..<end)
            if rest.isEmpty {
                try read(line: line, row: row)
            } else {
                rest.append(contentsOf: [UInt8](copying: line))
                try readRest(row)
            }
            start = end + 1
        }
        rest.append(contentsOf: [UInt8](copying: chunk.extracting(start..<chunk.count)))
        if rest.count > Self.longestLine { throw RowError(line: lines + 1, problem: "is longer than 64 KiB") }
    }

    /// Reads a last line that has no line end.
    public mutating func finish(row: (borrowing Span<UInt8>, Row) throws -> Void) throws {
        if !rest.isEmpty { try readRest(row) }
    }

    private mutating func readRest(_ row: (borrowing Span<UInt8>, Row) throws -> Void) throws {
        let line = rest
        rest.removeAll(keepingCapacity: true)
        try read(line: line.span, row: row)
    }

    private mutating func read(
        line: borrowing Span<UInt8>, row: (borrowing Span<UInt8>, Row) throws -> Void
    ) throws {
        lines += 1
        var (start, end) = (0, line.count)
        if end > 0, line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        if lines == 1, end >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF { start = 3 }
        if start == end { return }
        let text = line.extracting(start..<end)
        try split(text)
        guard let columns else { return try takeHeader(text) }
        let id = text.extracting(fields[columns[1]])
        try row(id, try self.row(text, columns))
    }

    /// Finds the five fields, without the quotes around them.
    private mutating func split(_ line: borrowing Span<UInt8>) throws(RowError) {
        var (field, start, isQuoted) = (0, 0, false)
        for index in 0...line.count {
            if index < line.count {
                if line[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
                if line[index] != UInt8(ascii: ",") || isQuoted { continue }
            }
            guard field < 5 else { throw fault("must have 5 fields, has more") }
            fields[field] = try unquoted(start..<index, in: line)
            field += 1
            start = index + 1
        }
        if field != 5 { throw fault("must have 5 fields, has \(field)") }
    }

    private func unquoted(_ range: Range<Int>, in line: borrowing Span<UInt8>) throws(RowError) -> Range<Int> {
        let quote = UInt8(ascii: "\"")
        guard !range.isEmpty, line[range.lowerBound] == quote else { return range }
        guard range.count >= 2, line[range.upperBound - 1] == quote else { throw fault("has a quote out of place") }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    private mutating func takeHeader(_ line: borrowing Span<UInt8>) throws(RowError) {
        let names = (0..<5).map { String(copying: line.extracting(fields[$0])) }
        var places = InlineArray<5, Int>(repeating: 0)
        for (column, name) in ["timestamp", "sensor_id", "kind", "metric", "value"].enumerated() {
            guard let place = names.firstIndex(of: name) else {
                let found = names.joined(separator: ", ")
                throw fault("must name the columns timestamp, sensor_id, kind, metric and value, names \(found)")
            }
            places[column] = place
        }
        columns = places
    }

    private mutating func row(_ line: borrowing Span<UInt8>, _ columns: InlineArray<5, Int>) throws(RowError) -> Row {
        let observedAtMs = try time(line.extracting(fields[columns[0]]))
        let id = line.extracting(fields[columns[1]])
        if let problem = Sensor.problem(withID: id) { throw fault("sensor_id: \(problem)") }
        let kindName = line.extracting(fields[columns[2]])
        guard let kind = KnownNames.kinds.value(of: kindName) else {
            throw fault("kind: must be water-leak, traffic, bin-fill or generic, found \(Excerpt(quoting: kindName))")
        }
        let text = line.extracting(fields[columns[4]])
        guard let value = DecimalText.parse(text) else {
            throw fault("value: must be a finite number, found \(Excerpt(quoting: text))")
        }
        let metric = line.extracting(fields[columns[3]])
        let known = KnownNames.metrics.value(of: metric)
        var row = Row(line: lines, observedAtMs: observedAtMs, kind: kind, quantity: .generic, value: value)
        if let known, kind != .generic {
            row.quantity = known.quantity
            row.value = known.conversion(value)
        } else if kind != .generic {
            if asIntake { throw fault("metric: must be \(Self.metricNames), found \(Excerpt(quoting: metric))") }
            unknownMetricRows += 1
        }
        if asIntake, let rule = Self.rule(against: row) {
            throw fault("value: must \(rule.text), found \(Excerpt(quoting: text))")
        }
        return row
    }

    /// What the intake asks of a value that this one is not.
    private static func rule(against row: Row) -> DecodeError.Rule? {
        if row.value.magnitude > 1e12 { return .plausible }
        return row.quantity.unit == .boolean && row.value != 0 && row.value != 1 ? .binary : nil
    }

    private static var metricNames: String {
        let names = Quantity.allCases.filter { !$0.isPart }.map(\.name)
        return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
    }

    private mutating func time(_ text: borrowing Span<UInt8>) throws(RowError) -> Int64 {
        if lastTimeText.span.hasSameBytes(as: text) { return lastTimeMs }
        guard let ms = Timestamp.parse(text) else {
            throw fault("timestamp: must be an RFC 3339 time with its offset, found \(Excerpt(quoting: text))")
        }
        if asIntake, !(Timestamp.earliestMs..<Timestamp.endMs).contains(ms) {
            let rule = DecodeError.Rule.timestampInRange.text
            throw fault("timestamp: must \(rule), found \(Excerpt(quoting: text))")
        }
        lastTimeText.assign(text)
        lastTimeMs = ms
        return ms
    }

    private func fault(_ problem: String) -> RowError { RowError(line: lines, problem: problem) }
}
