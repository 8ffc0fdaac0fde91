/// Times of log lines, always in UTC.
enum LogTime {
    /// `2026-05-01T02:10:00.123Z`.
    static func iso8601(ms: Int64) -> String {
        let (days, msOfDay) = split(ms)
        let (year, month, day) = civil(daysSinceEpoch: days)
        return
            "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T\(clock(msOfDay)).\(digits(msOfDay % 1000, 3))Z"
    }

    /// `02:10:00`.
    static func timeOfDay(ms: Int64) -> String { clock(split(ms).msOfDay) }

    private static func split(_ ms: Int64) -> (days: Int64, msOfDay: Int64) {
        let (quotient, remainder) = ms.quotientAndRemainder(dividingBy: 86_400_000)
        return remainder < 0 ? (quotient - 1, remainder + 86_400_000) : (quotient, remainder)
    }

    private static func clock(_ msOfDay: Int64) -> String {
        let seconds = msOfDay / 1000
        return "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
    }

    /// The proleptic Gregorian date.
    ///
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468  // from 1 March of year 0
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
