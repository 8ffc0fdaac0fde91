internal import TimeBase

/// Where an instant stands in its street's day and week.
///
/// Counted on the local clock, so that the pattern of a day stays in place when daylight saving time begins or ends:
/// the hour that is skipped has no readings, the hour that comes twice has twice as many. Windows count event time and
/// do not notice.
public struct LocalTime: Sendable, Hashable, BitwiseCopyable {
    /// Local days since 1970-01-01.
    public var day: Int
    /// 0 ..< 86 400.
    public var secondOfDay: Int

    public init(atMs: Int64, in zone: ZoneTable) {
        let second = Int(floorDivide(atMs, 1000)) + zone.offsetSeconds(atMs: atMs)
        day = floorDivide(second, 86_400)
        secondOfDay = floorModulo(second, 86_400)
    }

    public init(day: Int, secondOfDay: Int) { (self.day, self.secondOfDay) = (day, secondOfDay) }

    /// 0 is Monday.
    public var weekday: Int { floorModulo(day + 3, 7) }

    public var dayType: DayType {
        switch weekday {
        case 5: .saturday
        case 6: .sunday
        default: .workday
        }
    }

    /// The quarter of an hour: 0 ..< 96.
    public var quarter: Int { secondOfDay / 900 }
}

/// Days that streets live alike.
public enum DayType: Int, Sendable, CaseIterable, BitwiseCopyable {
    case workday = 0
    case saturday = 1
    case sunday = 2
}
