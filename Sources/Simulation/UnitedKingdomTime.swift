import Readings
import TimeBase

/// The clock that Birmingham's days follow: Greenwich time, an hour ahead from March to October.
///
/// The rule is spelled out here so that the city needs no zone files: summer time runs from 01:00 UTC on the last
/// Sunday of March to 01:00 UTC on the last Sunday of October (Summer Time Order 2002, SI 2002/262).
public enum UnitedKingdomTime {
    /// Seconds to add to UTC at this moment: 0 or 3600.
    public static func offsetSeconds(atMs: Int64) -> Int {
        let second = floorDivide(atMs, 1000)
        let year = CivilDate(daysSinceEpoch: Int(floorDivide(second, 86_400))).year
        let begins = lastSunday(of: 3, in: year) * 86_400 + 3600
        let ends = lastSunday(of: 10, in: year) * 86_400 + 3600
        return second >= begins && second < ends ? 3600 : 0
    }

    /// The day, since 1970, of the last Sunday of a month that has 31 days.
    private static func lastSunday(of month: Int, in year: Int) -> Int64 {
        let last = Int64(CivilDate(year: year, month: month, day: 31).daysSinceEpoch)
        return last - floorModulo(last + 4, 7)  // day 0 was a Thursday, day 3 a Sunday
    }
}
