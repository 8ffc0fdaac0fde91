internal import TimeBase

/// A week from Monday 00:00 UTC, as ISO 8601 numbers them.
public struct ISOWeek: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Mondays since 1969-12-29.
    public var number: Int

    public init(number: Int) { self.number = number }

    /// The week in which `ms` lies.
    public init(containing ms: Int64) { number = floorDivide(Self.day(ms) + 3, 7) }

    public var startMs: Int64 { Int64(number * 7 - 3) * 86_400_000 }
    public var endMs: Int64 { startMs + 7 * 86_400_000 }

    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }

    /// `2026-W47`. The year is that of the week's Thursday.
    public var description: String {
        let thursday = number * 7
        let year = CivilDate(daysSinceEpoch: thursday).year
        let week = (thursday - CivilDate(year: year, month: 1, day: 1).daysSinceEpoch) / 7 + 1
        return "\(year)-W\(week < 10 ? "0" : "")\(week)"
    }

    /// Days since 1970-01-01, UTC.
    static func day(_ ms: Int64) -> Int { Int(floorDivide(ms, 86_400_000)) }
}
