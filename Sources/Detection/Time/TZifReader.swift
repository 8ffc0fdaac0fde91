/// Reads the tables out of a TZif file's bytes.
///
/// - Source: RFC 9636 §3. Leap seconds and the standard/UT indicators are skipped: Unix time has no leap seconds, and
///   the indicators matter only to rules that a footer replaces.
struct TZifReader {
    /// What one data block says, with the footer that follows it.
    struct Block {
        var startsS: [Int64] = []
        var typeIndexes: [UInt8] = []
        var typeOffsetsS: [Int32] = []
        var footer: [UInt8] = []
    }

    private struct Header {
        var version: UInt8
        var utCount, standardCount, leapCount, timeCount, typeCount, charCount: Int

        func byteCount(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + charCount + leapCount * (timeSize + 4) + standardCount
                + utCount
        }
    }

    private let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The 64-bit block where the file has one, else the 32-bit block.
    mutating func lastBlock() throws(ZoneTableError) -> Block {
        let first = try header()
        guard first.version >= UInt8(ascii: "2") else { return try block(first, timeSize: 4) }
        try skip(first.byteCount(timeSize: 4))
        var block = try block(header(), timeSize: 8)
        block.footer = try footer()
        return block
    }

    private mutating func header() throws(ZoneTableError) -> Header {
        guard bytes.count >= at + 44 else { throw bytes.count < 44 ? .notTZif : .truncated(atByte: bytes.count) }
        guard bytes[at..<at + 4].elementsEqual([0x54, 0x5A, 0x69, 0x66]) else { throw .notTZif }
        let version = bytes[at + 4]
        at += 20
        let counts = try (0..<6).map { _ throws(ZoneTableError) in Int(try number(bytes: 4)) }
        guard counts.allSatisfy({ (0...1_000_000).contains($0) }) else { throw .badTable("a count is out of range") }
        return Header(
            version: version, utCount: counts[0], standardCount: counts[1], leapCount: counts[2],
            timeCount: counts[3], typeCount: counts[4], charCount: counts[5])
    }

    private mutating func block(_ header: Header, timeSize: Int) throws(ZoneTableError) -> Block {
        let end = at + header.byteCount(timeSize: timeSize)
        guard end <= bytes.count else { throw .truncated(atByte: bytes.count) }
        guard header.typeCount > 0 else { throw .badTable("it has no local time type") }
        var block = Block()
        for _ in 0..<header.timeCount { block.startsS.append(try number(bytes: timeSize)) }
        for _ in 0..<header.timeCount { block.typeIndexes.append(UInt8(try number(bytes: 1) & 0xFF)) }
        for _ in 0..<header.typeCount {
            block.typeOffsetsS.append(Int32(try number(bytes: 4)))
            try skip(2)
        }
        guard zip(block.startsS, block.startsS.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .badTable("its transitions must ascend")
        }
        guard block.typeIndexes.allSatisfy({ Int($0) < header.typeCount }) else {
            throw .badTable("a transition names a type that is not there")
        }
        guard block.typeOffsetsS.allSatisfy({ abs(Int($0)) <= 26 * 3600 }) else {
            throw .badTable("an offset is longer than 26 hours")
        }
        at = end
        return block
    }

    /// The rule between two newlines; empty where there is none.
    private mutating func footer() throws(ZoneTableError) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        guard at < bytes.count, bytes[at] == newline else { throw .truncated(atByte: bytes.count) }
        guard let end = bytes[(at + 1)...].firstIndex(of: newline) else { throw .truncated(atByte: bytes.count) }
        return Array(bytes[(at + 1)..<end])
    }

    private mutating func skip(_ count: Int) throws(ZoneTableError) {
        guard at + count <= bytes.count else { throw .truncated(atByte: bytes.count) }
        at += count
    }

    /// A big-endian two's complement number of 4 or 8 bytes, or one unsigned byte.
    private mutating func number(bytes count: Int) throws(ZoneTableError) -> Int64 {
        guard at + count <= bytes.count else { throw .truncated(atByte: bytes.count) }
        var bits: UInt64 = 0
        for offset in 0..<count { bits = bits << 8 | UInt64(bytes[at + offset]) }
        at += count
        return count == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(truncatingIfNeeded: bits)
    }
}
