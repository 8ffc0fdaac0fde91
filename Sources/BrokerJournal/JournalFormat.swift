/// What stands in a journal's files: as `Sources/SluiceJournal/include/SluiceJournal.h` says.
enum JournalFormat {
    static let magic = Array("SLUICEJ1".utf8)
    static let segmentHeaderBytes = 32
    static let recordHeaderBytes = 24
    static let longestRecord = 268_435_455 + recordHeaderBytes

    /// A segment's name: 20 digits, so that names sort as numbers do.
    static func name(of segment: UInt64) -> String {
        let digits = String(segment)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".journal"
    }

    /// The number in a segment's name, or nil when it is no such name.
    static func segment(named name: String) -> UInt64? {
        guard name.utf8.count == 28, name.hasSuffix(".journal") else { return nil }
        guard let number = UInt64(name.dropLast(8)), number > 0 else { return nil }
        return number
    }

    /// The journal's number in a segment's header, or nil when that is damaged or of another segment.
    static func journal(inHeader header: Span<UInt8>, of segment: UInt64) -> UInt64? {
        guard header.count == segmentHeaderBytes, magic.indices.allSatisfy({ header[$0] == magic[$0] }) else {
            return nil
        }
        let checksum = CRC32C.checksum(of: header.extracting(0..<28))
        guard header.number32(at: 28) == checksum, header.number64(at: 16) == segment else { return nil }
        return header.number64(at: 8)
    }
}

/// Where a record's parts stand, by its own words.
struct RecordLayout {
    var length: Int
    var topicBytes: Int

    /// - Parameters:
    ///   - bytes: hold at least the record's header.
    ///   - start: where the record begins in them.
    /// - Returns: nil when the words contradict each other.
    init?(_ bytes: Span<UInt8>, at start: Int) {
        length = Int(bytes.number32(at: start))
        topicBytes = Int(bytes.number16(at: start + 20))
        let payloadBytes = Int(bytes.number32(at: start + 16))
        guard length == JournalFormat.recordHeaderBytes + topicBytes + payloadBytes,
            length <= JournalFormat.longestRecord
        else { return nil }
    }

    /// Whether the record, which `bytes` hold whole, is what was written.
    func isSound(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        let record = bytes.extracting(start..<start + length)
        let head = CRC32C.checksum(of: record.extracting(0..<4))
        return CRC32C.checksum(of: record.extracting(8..<length), after: head) == record.number32(at: 4)
    }
}
