internal import Readings
internal import TimeBase

/// A POSIX TZ rule, the footer of a TZif file: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// - Source: POSIX.1-2024 §8.3; RFC 9636 §3.3.1 for hours from −167 to 167.
struct ZoneRule: Sendable, Hashable {
    /// East of UTC, unlike in the rule's text.
    var standardOffsetS: Int
    var daylight: Daylight?

    struct Daylight: Sendable, Hashable {
        var offsetS: Int
        var start: Change
        var end: Change
    }

    /// A day of the year and a wall-clock time on it.
    struct Change: Sendable, Hashable {
        enum Day: Sendable, Hashable {
            /// 1–365; February 29 is never counted.
            case julian(Int)
            /// 0–365; February 29 is counted.
            case dayOfYear(Int)
            /// Weekday 0 is Sunday; week 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }
        var day: Day
        var secondOfDay: Int
    }

    init(posix text: [UInt8]) throws(ZoneTableError) {
        var scanner = Scanner(text: text)
        try scanner.name()
        standardOffsetS = -(try scanner.time())
        guard !scanner.isAtEnd else { return }
        try scanner.name()
        let offsetS = scanner.isAtComma ? standardOffsetS + 3600 : -(try scanner.time())
        try scanner.comma()
        let start = try scanner.change()
        try scanner.comma()
        let end = try scanner.change()
        guard scanner.isAtEnd else { throw scanner.error }
        daylight = Daylight(offsetS: offsetS, start: start, end: end)
    }

    /// The offset at this second since the Unix epoch.
    func offsetSeconds(at second: Int64) -> Int {
        guard let daylight else { return standardOffsetS }
        let year = CivilDate(daysSinceEpoch: Int(floorDivide(second + Int64(standardOffsetS), 86_400))).year
        let (start, end) = changes(of: daylight, inYear: year)
        let isDaylight = start < end ? (start..<end).contains(second) : !(end..<start).contains(second)
        return isDaylight ? daylight.offsetS : standardOffsetS
    }

    /// The year's two changes in order, or none where the clock never changes.
    func transitions(inYear year: Int) -> [(startS: Int64, offsetS: Int)] {
        guard let daylight else { return [] }
        let (start, end) = changes(of: daylight, inYear: year)
        let both = [(startS: start, offsetS: daylight.offsetS), (startS: end, offsetS: standardOffsetS)]
        return start < end ? both : [both[1], both[0]]
    }

    private func changes(of daylight: Daylight, inYear year: Int) -> (start: Int64, end: Int64) {
        (
            daylight.start.localSecond(inYear: year) - Int64(standardOffsetS),
            daylight.end.localSecond(inYear: year) - Int64(daylight.offsetS)
        )
    }
}

extension ZoneRule.Change {
    /// As if the local clock were UTC.
    func localSecond(inYear year: Int) -> Int64 {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        let number: Int
        switch day {
        case .julian(let n): number = newYear + n - 1 + (CivilDate.isLeap(year) && n >= 60 ? 1 : 0)
        case .dayOfYear(let n): number = newYear + n
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            // 1970-01-01, day 0, was a Thursday.
            let toWeekday = floorModulo(weekday - floorModulo(first + 4, 7), 7)
            let candidate = first + toWeekday + 7 * (week - 1)
            number = candidate < first + CivilDate.days(inMonth: month, of: year) ? candidate : candidate - 7
        }
        return Int64(number) * 86_400 + Int64(secondOfDay)
    }
}

extension ZoneRule {
    /// Walks the rule's text.
    private struct Scanner {
        let text: [UInt8]
        var at = 0

        init(text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { at == text.count }
        var isAtComma: Bool { peek == UInt8(ascii: ",") }
        var error: ZoneTableError { .badRule(String(decoding: text, as: UTF8.self)) }
        private var peek: UInt8? { at < text.count ? text[at] : nil }

        /// `CET` or `<+03>`: at least three characters.
        mutating func name() throws(ZoneTableError) {
            let start = at
            if peek == UInt8(ascii: "<") {
                while let byte = peek, byte != UInt8(ascii: ">") { at += 1 }
                guard peek != nil, at - start >= 3 else { throw error }
                at += 1
                return
            }
            while let byte = peek, (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) { at += 1 }
            guard at - start >= 3 else { throw error }
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() throws(ZoneTableError) -> Int {
            var sign = 1
            if peek == UInt8(ascii: "-") { sign = -1 }
            if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { at += 1 }
            var seconds = try number(in: 0...167) * 3600
            for unit in [60, 1] where peek == UInt8(ascii: ":") {
                at += 1
                seconds += try number(in: 0...59) * unit
            }
            return sign * seconds
        }

        mutating func change() throws(ZoneTableError) -> Change {
            let day: Change.Day
            switch peek {
            case UInt8(ascii: "M"):
                at += 1
                let month = try number(in: 1...12)
                try dot()
                let week = try number(in: 1...5)
                try dot()
                day = .weekday(month: month, week: week, weekday: try number(in: 0...6))
            case UInt8(ascii: "J"):
                at += 1
                day = .julian(try number(in: 1...365))
            default: day = .dayOfYear(try number(in: 0...365))
            }
            guard peek == UInt8(ascii: "/") else { return Change(day: day, secondOfDay: 7200) }
            at += 1
            return Change(day: day, secondOfDay: try time())
        }

        mutating func comma() throws(ZoneTableError) { try expect(UInt8(ascii: ",")) }
        private mutating func dot() throws(ZoneTableError) { try expect(UInt8(ascii: ".")) }

        private mutating func expect(_ byte: UInt8) throws(ZoneTableError) {
            guard peek == byte else { throw error }
            at += 1
        }

        private mutating func number(in range: ClosedRange<Int>) throws(ZoneTableError) -> Int {
            var value = 0
            let start = at
            while let byte = peek, (0x30...0x39).contains(byte), at - start < 3 {
                value = value * 10 + Int(byte - 0x30)
                at += 1
            }
            guard at > start, range.contains(value) else { throw error }
            return value
        }
    }
}
