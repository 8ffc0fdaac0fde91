internal import Foundation
internal import Readings
internal import Simulation

/// Recorded readings of one or several files, plain or gzipped, merged by time.
///
/// Format: `timestamp,sensor_id,kind,metric,value` in order of time, see ``ReadingsCSV``; refused is what the intake would
/// refuse of a device. Read in pieces: memory does not depend on the files' length.
struct RecordedReadings: ~Copyable {
    /// One reading, its sensor by its place in ``sensors``.
    struct Item: Sendable {
        var row: ReadingsCSV.Row
        var sensor: Int
    }

    /// A sensor that was met, in order of first mention.
    struct Source: Sendable {
        var id: [UInt8]
        var kind: SensorKind
    }

    private(set) var sensors: [Source] = []
    private var names = NameTable(seed: (0, 0))
    private var files: [RecordedFile]
    private let totalBytes: Int
    /// Whether each sensor's id is to be a level of a topic.
    private let namesTopics: Bool

    /// - Throws: ``Failure`` that names the file that can't be read.
    init(paths: [String], namesTopics: Bool = false) throws {
        self.namesTopics = namesTopics
        files = try paths.map { try RecordedFile(path: $0) }
        totalBytes = max(1, files.reduce(0) { $0 + $1.bytes })
    }

    /// How much has been read, 0–1.
    var share: Double { Double(files.reduce(0) { $0 + $1.position }) / Double(totalBytes) }

    /// The earliest reading that is left, or nil at the end of all files.
    ///
    /// - Throws: ``Failure`` with file and line for a row that can't be read.
    mutating func next() throws -> Item? {
        var earliest: Int?
        for number in files.indices {
            guard let time = try files[number].headMs else { continue }
            if try earliest.map({ try files[$0].headMs ?? .max > time }) ?? true { earliest = number }
        }
        guard let earliest else { return nil }
        let path = files[earliest].path
        return try files[earliest].take { id, row in Item(row: row, sensor: try number(of: id, row, in: path)) }
    }

    private mutating func number(of id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row, in path: String) throws -> Int {
        if let known = names.index(of: id) { return known.int }
        if namesTopics, !Sensor.fitsTopicLevel(id) {
            throw RecordedFile.failure(
                "\(path): line \(row.line): sensor_id: must not hold /, + or #, which no level of a topic can carry, found "
                    + "\(Excerpt(quoting: id))")
        }
        let index = SensorIndex(rawValue: UInt32(sensors.count))
        names.insert(id, index)
        sensors.append(Source(id: [UInt8](copying: id), kind: row.kind))
        return index.int
    }
}

/// One file, a piece at a time.
private final class RecordedFile {
    let path: String
    /// Bytes on disk.
    let bytes: Int
    private var reader: GzipReader
    private var csv = ReadingsCSV(asIntake: true)
    private var piece: [UInt8] = []
    /// Rows of the piece, their ids one after another in `ids`, and how far they have been taken.
    private var rows: [(row: ReadingsCSV.Row, idEnd: Int)] = []
    private var ids: [UInt8] = []
    private var taken = 0
    private var isAtEnd = false

    init(path: String) throws {
        self.path = path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw Failure("\(path): there is no such file, or it can't be read", .noInput)
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw Failure("\(path): is not a file", .noInput)
        }
        bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
        do {
            reader = try GzipReader(path: path)
        } catch {
            throw Failure("\(error)", .noInput)
        }
    }

    var position: Int { reader.position }

    /// Time of the next row, or nil at the end.
    var headMs: Int64? {
        get throws {
            while taken == rows.count {
                guard !isAtEnd else { return nil }
                try fill()
            }
            return rows[taken].row.observedAtMs
        }
    }

    /// Takes the row that ``headMs`` spoke of.
    func take<Value>(_ body: (borrowing Span<UInt8>, ReadingsCSV.Row) throws -> Value) rethrows -> Value {
        let (row, end) = rows[taken]
        let start = taken == 0 ? 0 : rows[taken - 1].idEnd
        taken += 1
        let ids = ids
        let id = ids.span.extracting(start..<end)
        return try body(id, row)
    }

    private func fill() throws {
        rows.removeAll(keepingCapacity: true)
        ids.removeAll(keepingCapacity: true)
        piece.removeAll(keepingCapacity: true)
        taken = 0
        do {
            isAtEnd = try reader.read(into: &piece) == 0
            if isAtEnd {
                try csv.finish { id, row in keep(id, row) }
            } else {
                let text = piece
                try csv.read(text.span) { id, row in keep(id, row) }
            }
        } catch let error as ReadingsCSV.RowError {
            throw Self.failure("\(path): \(error)")
        } catch let error as GzipError {
            throw Self.failure("\(error)")
        }
    }

    static func failure(_ sentence: String) -> Failure {
        Failure("\(sentence); what stood before it has been replayed", .badInput)
    }

    private func keep(_ id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row) {
        for index in id.indices { ids.append(id[index]) }
        rows.append((row, ids.count))
    }
}
