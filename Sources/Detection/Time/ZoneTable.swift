internal import Readings

/// One zone's offsets from UTC: the transitions of an IANA zone file, and its rule for the time after them.
///
/// A plain value: whoever composes the daemon reads the bytes and passes them in, so that detection stays a function of
/// its arguments. Copies share their storage.
///
/// - Complexity: a look-up is a binary search, about eight steps; past the year 2100 it is arithmetic on the rule.
/// - Memory: 16 bytes a transition, about 5 kB for a zone with daylight saving time, shared by all its sensors.
/// - Source: RFC 9636 (TZif, versions 1 to 4); POSIX.1-2024 §8.3 for the rule.
public struct ZoneTable: Sendable, Hashable {
    /// When an offset begins to hold, in seconds since the Unix epoch; ascending.
    private var startsS: [Int64]
    /// The offset from each of ``startsS`` on, in seconds east of UTC.
    private var offsetsS: [Int32]
    /// Before the first transition.
    private var firstOffsetS: Int32
    /// After the last transition.
    private var rule: ZoneRule?

    public static let utc = ZoneTable(fixedOffsetSeconds: 0)

    /// A zone that never changes.
    public init(fixedOffsetSeconds: Int) {
        precondition(abs(fixedOffsetSeconds) <= 26 * 3600, "no zone is \(fixedOffsetSeconds) s from UTC")
        startsS = []
        offsetsS = []
        firstOffsetS = Int32(fixedOffsetSeconds)
        rule = nil
    }

    /// Reads the bytes of a file such as `/usr/share/zoneinfo/Europe/London`.
    ///
    /// - Throws: ``ZoneTableError`` when the bytes are not a TZif file of version 1 to 4.
    public init(tzif: [UInt8]) throws {
        var file = TZifReader(bytes: tzif)
        let block = try file.lastBlock()
        startsS = block.startsS
        offsetsS = block.typeIndexes.map { block.typeOffsetsS[Int($0)] }
        // RFC 9636 §3.2: before the first transition, local time is of type 0.
        firstOffsetS = block.typeOffsetsS[0]
        rule = try block.footer.isEmpty ? nil : ZoneRule(posix: block.footer)
        spellOutRule()
    }

    /// Seconds to add to UTC to get the local clock.
    public func offsetSeconds(atMs: Int64) -> Int {
        let second = floorDivide(atMs, 1000)
        guard let last = startsS.last else { return rule?.offsetSeconds(at: second) ?? Int(firstOffsetS) }
        if second >= last, let rule, second >= Self.spelledOutUntilS { return rule.offsetSeconds(at: second) }
        var (low, high) = (0, startsS.count)  // the first transition after `second`
        while low < high {
            let middle = (low + high) / 2
            if startsS[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return Int(low == 0 ? firstOffsetS : offsetsS[low - 1])
    }

    /// 2101-01-01T00:00:00Z. Until then the rule's transitions stand in the table, where they are found faster.
    private static let spelledOutUntilS: Int64 = 4_133_980_800

    /// Appends the transitions that the rule makes after the file's last one.
    private mutating func spellOutRule() {
        guard let rule else { return }
        let lastS = startsS.last ?? 0
        let firstYear = CivilDate(daysSinceEpoch: Int(floorDivide(lastS, 86_400))).year
        guard firstYear <= 2100 else { return }
        for year in firstYear...2100 {
            for (startS, offsetS) in rule.transitions(inYear: year)
            where startS > lastS && startS < Self.spelledOutUntilS {
                startsS.append(startS)
                offsetsS.append(Int32(offsetS))
            }
        }
    }
}

/// Why bytes are no zone table.
public enum ZoneTableError: Error, Equatable, CustomStringConvertible {
    case notTZif
    case truncated(atByte: Int)
    case badRule(String)
    case badTable(String)

    public var description: String {
        switch self {
        case .notTZif: "zone: must begin with TZif, as the files under /usr/share/zoneinfo do"
        case .truncated(let byte): "zone: the file ends at byte \(byte), in the middle of its tables"
        case .badRule(let rule):
            "zone: the footer must be a POSIX TZ rule such as CET-1CEST,M3.5.0,M10.5.0/3, found \(rule)"
        case .badTable(let what): "zone: \(what)"
        }
    }
}

/// Division that rounds down: instants before 1970 are negative.
@inline(__always) func floorDivide<I: BinaryInteger>(_ a: I, _ b: I) -> I {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}

/// The remainder that goes with ``floorDivide``: 0 ..< b.
@inline(__always) func floorModulo<I: BinaryInteger>(_ a: I, _ b: I) -> I {
    let remainder = a % b
    return remainder < 0 ? remainder + b : remainder
}
