internal import TimeBase

/// Times of log lines, always in UTC.
enum LogTime {
    /// `2026-05-01T02:10:00.123Z`.
    static func iso8601(ms: Int64) -> String {
        let (days, msOfDay) = split(ms)
        let date = CivilDate(daysSinceEpoch: days)
        let day = "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))"
        return "\(day)T\(clock(msOfDay)).\(digits(msOfDay % 1000, 3))Z"
    }

    /// `02:10:00`.
    static func timeOfDay(ms: Int64) -> String { clock(split(ms).msOfDay) }

    /// The reverse of ``iso8601(ms:)``; nil for anything else.
    static func ms(iso8601 text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[23] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let millisecond = number(20..<23), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = CivilDate(year: Int(year), month: Int(month), day: Int(day)).daysSinceEpoch
        return (((Int64(days) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millisecond
    }

    private static func split(_ ms: Int64) -> (days: Int, msOfDay: Int64) {
        let (quotient, remainder) = ms.quotientAndRemainder(dividingBy: 86_400_000)
        return remainder < 0 ? (Int(quotient) - 1, remainder + 86_400_000) : (Int(quotient), remainder)
    }

    private static func clock(_ msOfDay: Int64) -> String {
        let seconds = msOfDay / 1000
        return "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
    }

    private static func digits(_ value: some BinaryInteger, _ width: Int) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
