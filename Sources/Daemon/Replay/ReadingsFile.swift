internal import Foundation
internal import Readings
internal import Simulation

/// A file of recorded readings, plain or gzipped, read in pieces.
///
/// Format: `timestamp,sensor_id,kind,metric,value`, see ``ReadingsCSV``.
struct ReadingsFile {
    let path: String
    private static let pieceBytes = 256 * 1024

    /// Bytes on disk, for progress; 0 when it can't be told.
    var bytes: Int {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Calls `row` for each row in order.
    ///
    /// - Throws: ``Failure`` that names the file and the line, and what `row` throws.
    func forEachRow(_ row: (borrowing Span<UInt8>, ReadingsCSV.Row) throws -> Void) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Failure("\(path): there is no such file, or it can't be read", .noInput)
        }
        var csv = ReadingsCSV()
        do {
            try forEachPiece { piece in try csv.read(piece.span, row: row) }
            try csv.finish(row: row)
        } catch let error as ReadingsCSV.RowError {
            throw Failure("\(path): \(error)", .badInput)
        } catch let error as GzipError {
            throw Failure("\(error)", .badInput)
        }
    }

    private func forEachPiece(_ body: ([UInt8]) throws -> Void) throws {
        if path.hasSuffix(".gz") {
            var reader = try GzipReader(path: path)
            var piece: [UInt8] = []
            while true {
                piece.removeAll(keepingCapacity: true)
                guard try reader.read(into: &piece) > 0 else { return }
                try body(piece)
            }
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Failure("\(path): can't be read", .noInput)
        }
        defer { try? handle.close() }
        while let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty { try body([UInt8](piece)) }
    }
}
