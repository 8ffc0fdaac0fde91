internal import TimeBase

/// Moments, as milliseconds since the Unix epoch, read and written as RFC 3339.
public enum Timestamp {
    /// 2000-01-01T00:00:00Z. Before it a reading's time is taken for a clock that was never set.
    public static let earliestMs: Int64 = 946_684_800_000
    /// 2100-01-01T00:00:00Z, the first moment that is no longer allowed.
    public static let endMs: Int64 = 4_102_444_800_000

    /// Reads `2026-05-01T06:00:00.25+02:00` (RFC 3339 §5.6): offset required, fraction of any length, cut to the
    /// millisecond; `t`, `z` and a space for the T are allowed. A leap second is taken as the first second after it,
    /// and only at the end of a month in UTC. Returns nil for anything else. Any year from 0 to 9999.
    public static func parse(_ text: borrowing Span<UInt8>) -> Int64? {
        if let ms = parseInUTC(text) { return ms }
        var reader = DigitReader(position: 0)
        guard text.count >= 20,
            let year = reader.number(4, in: text), reader.take("-", in: text),
            let month = reader.number(2, in: text), reader.take("-", in: text),
            let day = reader.number(2, in: text), reader.takeTimeMark(in: text),
            let hour = reader.number(2, in: text), reader.take(":", in: text),
            let minute = reader.number(2, in: text), reader.take(":", in: text),
            let second = reader.number(2, in: text),
            let fractionMs = reader.milliseconds(in: text),
            let offsetMinutes = reader.offset(in: text), reader.position == text.count
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.isValid, hour < 24, minute < 60, second <= 60 else { return nil }
        let minutes = date.daysSinceEpoch * 1440 + hour * 60 + minute - offsetMinutes
        if second == 60 && !endsMonth(minutes) { return nil }
        return Int64(minutes) * 60_000 + Int64(second) * 1000 + Int64(fractionMs)
    }

    /// The way most devices and servers write: `2026-05-01T06:00:00`, a fraction or none, `Z`; eight bytes at a time, which costs
    /// a fifth. Nil for whatever else, sound or not.
    @inline(__always)
    static func parseInUTC(_ text: borrowing Span<UInt8>) -> Int64? {
        // 0000-00- and 00T00:00
        guard text.count >= 20, text[text.count - 1] == UInt8(ascii: "Z"),
            let yearMonth = DigitWord(text.word(at: 0), like: 0x2D30_302D_3030_3030, slack: 0x7F76_767F_7676_7676),
            let dayTime = DigitWord(text.word(at: 8), like: 0x3030_3A30_3054_3030, slack: 0x7676_7F76_767F_7676),
            let second = secondInMs(text)
        else { return nil }
        let (month, day) = (yearMonth.pair(at: 5), dayTime.pair(at: 0))
        let (hour, minute) = (dayTime.pair(at: 3), dayTime.pair(at: 6))
        // From 2000 to 2099 every fourth year is a leap year, and what devices say lies there.
        guard yearMonth.pair(at: 0) == 20, (1...12).contains(month), hour < 24, minute < 60, second < 60_000
        else { return nil }
        let year = yearMonth.pair(at: 2)
        let isLeap = year & 3 == 0
        let monthDays = month == 2 ? (isLeap ? 29 : 28) : 30 + (month ^ month >> 3) & 1
        guard day >= 1, day <= monthDays else { return nil }
        // Days of the months before: (153 m + 2) / 5 counts from March (Hinnant, as CivilDate).
        let beforeMonth = month > 2 ? (153 * (month - 3) + 2) / 5 + (isLeap ? 60 : 59) : (month - 1) * 31
        let days = 10_957 + year * 365 + (year + 3) / 4 + beforeMonth + day - 1
        return Int64(days * 86_400 + hour * 3600 + minute * 60) * 1000 + Int64(second)
    }

    /// Milliseconds in `:00Z`, `:00.000Z` or `:00.000000000Z`, with 3 to 11 digits behind the point, from byte 16 on.
    @inline(__always)
    private static func secondInMs(_ text: borrowing Span<UInt8>) -> Int? {
        if text.count == 20 {
            // The last eight bytes are 00:00:00Z without the first; the first four have been looked at.
            guard
                let second = DigitWord(
                    text.word(at: 12) >> 32 | 0x3030_3030_0000_0000, like: 0x3030_3030_5A30_303A,
                    slack: 0x7676_7676_7F76_767F)
            else { return nil }
            return second.pair(at: 1) * 1000
        }
        guard text.count >= 24, text.count <= 32,
            let second = DigitWord(
                text.word(at: 16) & 0x00FF_FFFF_FFFF_FFFF, like: 0x0030_3030_2E30_303A, slack: 0x7F76_7676_7F76_767F)
        else { return nil }
        if text.count > 24 {
            // What is smaller than a millisecond only has to be digits.
            let rest = text.word(at: text.count - 9) &>> UInt64((32 - text.count) * 8)
            let zeros: UInt64 = 0x3030_3030_3030_3030 &>> UInt64((32 - text.count) * 8)
            if DigitWord(rest, like: zeros, slack: 0x7676_7676_7676_7676) == nil { return nil }
        }
        return second.pair(at: 1) * 1000 + second.pair(at: 4) * 10 + second.digit(at: 6)
    }

    public static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        return parse(bytes.span)
    }

    /// A number of seconds (below 1e11 in magnitude) or milliseconds (from there on) since the Unix epoch, rounded to
    /// the millisecond. As seconds 1e11 is the year 5138, as milliseconds it is March 1973: neither can be meant
    /// within the years that readings come from. Nil if it is not finite or too large for any time.
    public static func parse(number: Double) -> Int64? {
        let ms = number.magnitude < 1e11 ? number * 1000 : number
        guard ms.magnitude < 1e16 else { return nil }
        return Int64(ms < 0 ? ms - 0.5 : ms + 0.5)  // rounded() would need the C library's mathematics
    }

    /// Writes `2026-05-01T06:00:00Z`, or with `milliseconds` `2026-05-01T06:00:00.250Z`.
    /// Without them the rest of the second is dropped, never rounded up.
    public static func format(_ ms: Int64, milliseconds: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        append(ms, milliseconds: milliseconds, to: &bytes)
        return String(copying: bytes.span)
    }

    /// The same, into bytes that the caller reuses.
    public static func append(_ ms: Int64, milliseconds: Bool = false, to bytes: inout [UInt8]) {
        let dayMs: Int64 = 86_400_000
        let (days, left) = ms.quotientAndRemainder(dividingBy: dayMs)
        let day = left < 0 ? days - 1 : days
        let rest = Int(left < 0 ? left + dayMs : left)
        let date = CivilDate(daysSinceEpoch: Int(day))
        if !(0...9999).contains(date.year) { bytes.append(UInt8(ascii: date.year < 0 ? "-" : "+")) }
        let fields: [(Int, Int, Unicode.Scalar)] = [
            (Int(date.year.magnitude), 4, "-"), (date.month, 2, "-"), (date.day, 2, "T"), (rest / 3_600_000, 2, ":"),
            (rest / 60_000 % 60, 2, ":"), (rest / 1000 % 60, 2, milliseconds ? "." : "Z"),
        ]
        for (number, width, mark) in fields {
            append(number, width: width, to: &bytes)
            bytes.append(UInt8(ascii: mark))
        }
        if milliseconds {
            append(rest % 1000, width: 3, to: &bytes)
            bytes.append(UInt8(ascii: "Z"))
        }
    }

    /// In decimal, with leading zeros up to `width` digits.
    private static func append(_ number: Int, width: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Whether the minute is the last one of a month in UTC: where leap seconds are put.
    private static func endsMonth(_ minutesSinceEpoch: Int) -> Bool {
        let next = minutesSinceEpoch + 1
        return next.isMultiple(of: 1440) && CivilDate(daysSinceEpoch: next / 1440).day == 1
    }
}

/// Eight characters, of which some are digits, as their numbers.
private struct DigitWord {
    private let digits: UInt64
    /// In each byte the number of two digits, this one and the next: at most 99, so no byte carries.
    private let pairs: UInt64

    /// - Parameters:
    ///   - pattern: the text with zeros for its digits, its first character in the lowest byte.
    ///   - slack: what may be added to each byte's number before its high bit shows that it is too large: 0x76 for a digit,
    ///     0x7F for a character that must be the pattern's.
    /// - Returns: nil where a character is another than the pattern's, or no digit.
    @inline(__always)
    init?(_ word: UInt64, like pattern: UInt64, slack: UInt64) {
        // A digit leaves its number, the pattern's own character zero. No byte carries into the next unless it is marked itself.
        digits = word ^ pattern
        if (digits | (digits &+ slack)) & 0x8080_8080_8080_8080 != 0 { return nil }
        pairs = digits &* 10 &+ digits &>> 8
    }

    @inline(__always)
    func digit(at place: UInt64) -> Int { Int(digits &>> (place * 8) & 0xFF) }

    /// The number of the two digits at `place` and behind it.
    @inline(__always)
    func pair(at place: UInt64) -> Int { Int(pairs &>> (place * 8) & 0xFF) }
}

/// Takes fixed-width fields off the front of a text.
private struct DigitReader {
    var position: Int

    mutating func number(_ width: Int, in text: borrowing Span<UInt8>) -> Int? {
        guard position + width <= text.count else { return nil }
        var number = 0
        for index in position..<position + width {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ Int(digit)
        }
        position += width
        return number
    }

    mutating func take(_ mark: Unicode.Scalar, in text: borrowing Span<UInt8>) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func takeTimeMark(in text: borrowing Span<UInt8>) -> Bool {
        take("T", in: text) || take("t", in: text) || take(" ", in: text)
    }

    /// The fraction of a second, or 0 where there is none. Nil for a point without digits.
    mutating func milliseconds(in text: borrowing Span<UInt8>) -> Int? {
        guard take(".", in: text) else { return 0 }
        let first = position
        var (ms, weight) = (0, 100)
        while position < text.count, case let digit = text[position] &- UInt8(ascii: "0"), digit < 10 {
            ms += Int(digit) * weight
            weight /= 10
            position += 1
        }
        return position > first ? ms : nil
    }

    /// Minutes east of UTC.
    mutating func offset(in text: borrowing Span<UInt8>) -> Int? {
        if take("Z", in: text) || take("z", in: text) { return 0 }
        let isWest = take("-", in: text)
        guard isWest || take("+", in: text), let hours = number(2, in: text), take(":", in: text),
            let minutes = number(2, in: text), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}
