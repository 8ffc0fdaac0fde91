import Foundation
import Readings
import TestSupport

/// A journal made by hand, byte by byte as the header file of the plugin says: a second opinion on the format.
final class JournalFile {
    let folder: TestFolder
    let journal: UInt64
    private(set) var segment: UInt64 = 0
    private(set) var offset: UInt64 = 0
    private var file: FileHandle?

    var directory: String { folder.path }
    /// Where the next record will begin.
    var end: JournalPosition { JournalPosition(journal: journal, segment: segment, offset: offset) }

    init(journal: UInt64 = 0xFEED_5EED, in folder: TestFolder? = nil) throws {
        self.folder = try folder ?? TestFolder()
        self.journal = journal
        try FileManager.default.createDirectory(
            atPath: "\(self.folder.path)/consumers", withIntermediateDirectories: true)
        try beginSegment()
    }

    func beginSegment() throws {
        segment += 1
        let header = Array("SLUICEJ1".utf8) + bytes(journal, 8) + bytes(segment, 8) + bytes(0, 4)
        let path = "\(directory)/\(name(of: segment))"
        try Data(header + bytes(UInt64(Self.crc(header)), 4)).write(to: URL(filePath: path))
        file = FileHandle(forWritingAtPath: path)
        offset = 32
    }

    func name(of segment: UInt64) -> String { String(format: "%020d.journal", segment) }

    /// - Parameter qos: what the message was published with.
    func append(topic: String, payload: String, writtenAtMs: Int64 = 1000, qos: UInt8 = 1) throws {
        let (topic, payload) = (Array(topic.utf8), Array(payload.utf8))
        let length = bytes(UInt64(24 + topic.count + payload.count), 4)
        let rest =
            bytes(UInt64(writtenAtMs), 8) + bytes(UInt64(payload.count), 4) + bytes(UInt64(topic.count), 2) + [qos, 0]
            + topic + payload
        try write(length + bytes(UInt64(Self.crc(length + rest)), 4) + rest)
    }

    /// Appends bytes that are no record.
    func write(_ bytes: [UInt8]) throws {
        try file?.seek(toOffset: offset)
        try file?.write(contentsOf: Data(bytes))
        offset += UInt64(bytes.count)
    }

    private func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
    }

    /// Bit by bit, as RFC 3720 defines it.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }
}
