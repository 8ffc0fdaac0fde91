internal import Readings
internal import TimeBase

/// One zone's offsets from UTC: the transitions of an IANA zone file, and its rule for the time after them.
///
/// A plain value: whoever composes the daemon reads the bytes and passes them in, so that detection stays a function of
/// its arguments. Copies share their storage.
///
/// - Complexity: a look-up is a binary search, about eight steps; past the year 2100 it is arithmetic on the rule.
/// - Memory: 16 bytes a transition, about 5 kB for a zone with daylight saving time, shared by all its sensors: each holds a
///   word of its own.
/// - Source: RFC 9636 (TZif, versions 1 to 4); POSIX.1-2024 §8.3 for the rule.
public struct ZoneTable: Sendable, Hashable {
    private let table: Table

    /// What copies share. It never changes.
    private final class Table: Sendable, Hashable {
        /// When an offset begins to hold, in seconds since the Unix epoch; ascending.
        let startsS: [Int64]
        /// The offset from each of ``startsS`` on, in seconds east of UTC.
        let offsetsS: [Int32]
        /// Before the first transition.
        let firstOffsetS: Int32
        /// After the last transition.
        let rule: ZoneRule?

        init(startsS: [Int64], offsetsS: [Int32], firstOffsetS: Int32, rule: ZoneRule?) {
            (self.startsS, self.offsetsS, self.firstOffsetS, self.rule) = (startsS, offsetsS, firstOffsetS, rule)
        }

        static func == (one: Table, other: Table) -> Bool {
            one === other
                || one.startsS == other.startsS && one.offsetsS == other.offsetsS
                    && one.firstOffsetS == other.firstOffsetS && one.rule == other.rule
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(startsS)
            hasher.combine(offsetsS)
            hasher.combine(firstOffsetS)
            hasher.combine(rule)
        }
    }

    public static let utc = ZoneTable(fixedOffsetSeconds: 0)

    /// A zone that never changes.
    public init(fixedOffsetSeconds: Int) {
        precondition(abs(fixedOffsetSeconds) <= 26 * 3600, "no zone is \(fixedOffsetSeconds) s from UTC")
        table = Table(startsS: [], offsetsS: [], firstOffsetS: Int32(fixedOffsetSeconds), rule: nil)
    }

    /// Reads the bytes of a file such as `/usr/share/zoneinfo/Europe/London`.
    ///
    /// - Throws: ``ZoneTableError`` when the bytes are not a TZif file of version 1 to 4.
    public init(tzif: [UInt8]) throws {
        var file = TZifReader(bytes: tzif)
        let block = try file.lastBlock()
        let rule: ZoneRule? = try block.footer.isEmpty ? nil : ZoneRule(posix: block.footer)
        let later = Self.spellOut(rule, afterS: block.startsS.last ?? 0)
        table = Table(
            startsS: block.startsS + later.map(\.startS),
            offsetsS: block.typeIndexes.map { block.typeOffsetsS[Int($0)] } + later.map(\.offsetS),
            // RFC 9636 §3.2: before the first transition, local time is of type 0.
            firstOffsetS: block.typeOffsetsS[0], rule: rule)
    }

    /// Seconds to add to UTC to get the local clock.
    public func offsetSeconds(atMs: Int64) -> Int {
        let second = floorDivide(atMs, 1000)
        guard let last = table.startsS.last else {
            return table.rule?.offsetSeconds(at: second) ?? Int(table.firstOffsetS)
        }
        if second >= last, second >= Self.spelledOutUntilS, let rule = table.rule {
            return rule.offsetSeconds(at: second)
        }
        var (low, high) = (0, table.startsS.count)  // the first transition after `second`
        while low < high {
            let middle = (low + high) / 2
            if table.startsS[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return Int(low == 0 ? table.firstOffsetS : table.offsetsS[low - 1])
    }

    /// 2101-01-01T00:00:00Z. Until then the rule's transitions stand in the table, where they are found faster.
    private static let spelledOutUntilS: Int64 = 4_133_980_800

    /// The transitions that the rule makes after the file's last one.
    private static func spellOut(_ rule: ZoneRule?, afterS lastS: Int64) -> [(startS: Int64, offsetS: Int32)] {
        let firstYear = CivilDate(daysSinceEpoch: Int(floorDivide(lastS, 86_400))).year
        guard let rule, firstYear <= 2100 else { return [] }
        return (firstYear...2100).flatMap { rule.transitions(inYear: $0) }
            .filter { $0.startS > lastS && $0.startS < spelledOutUntilS }
            .map { ($0.startS, Int32($0.offsetS)) }
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
