internal import Detection
internal import Readings
internal import TimeBase

/// Numbers, durations and times as people say them.
enum Words {
    /// About three significant digits, without an exponent: 0.42, 3.1, 58, 1240.
    static func number(_ value: Double) -> String {
        let size = value.magnitude
        let digits = size >= 100 || size == size.rounded() ? 0 : size >= 10 ? 1 : 2
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        // Sensors speak in numbers that fit easily; what does not is shown as it is.
        guard size < 1e15 else { return "\(value)" }
        let scaled = Int64((value * scale).rounded())
        let sign = scaled < 0 ? "-" : ""
        let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        guard part > 0 else { return "\(sign)\(whole)" }
        var tail = String(part)
        tail = String(repeating: "0", count: digits - tail.count) + tail
        while tail.hasSuffix("0") { tail.removeLast() }
        return "\(sign)\(whole).\(tail)"
    }

    /// Two significant digits, with commas: what an estimate is worth. 0.42, 3.1, 58, 9,000, 12,000.
    static func rough(_ value: Double) -> String {
        guard value.magnitude >= 100, value.magnitude < 1e15 else {
            return value.magnitude >= 10 ? number(value.rounded()) : number((value * 10).rounded() / 10)
        }
        var step = 1.0
        while value.magnitude / step >= 100 { step *= 10 }
        let digits = Array("\(Int64(((value / step).rounded() * step).magnitude))")
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// `about 9,000 L/h (6,000-12,000)`; nil where nothing is claimed.
    static func about(_ interval: Interval, _ unit: String) -> String? {
        guard interval.isKnown, interval.value > 0 else { return nil }
        let (value, low, high) = (rough(interval.value), rough(interval.low), rough(interval.high))
        return "about \(value) \(unit)" + (low == high ? "" : " (\(low)-\(high))")
    }

    /// `45 %`, relative to `expected`; nil when nothing was expected.
    static func change(from expected: Double, to observed: Double) -> String? {
        guard expected.magnitude > 1e-9 else { return nil }
        return "\(Int64(((observed - expected) / expected * 100).magnitude.rounded())) %"
    }

    /// `42 minutes`, `3 hours`, `2 days`.
    static func duration(ms: Int64) -> String {
        let minutes = (ms + 30_000) / 60_000
        if minutes < 120 { return plural(max(minutes, 1), "minute") }
        let hours = (minutes + 30) / 60
        return hours < 48 ? plural(hours, "hour") : plural((hours + 12) / 24, "day")
    }

    static func plural(_ count: Int64, _ noun: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : many ?? noun + "s")"
    }

    /// `02:10`, by the clock of the place.
    static func clock(_ ms: Int64, zone: ZoneTable) -> String {
        clock(Int(((ms / 1000) + Int64(zone.offsetSeconds(atMs: ms))) % 86_400))
    }

    private static func clock(_ second: Int) -> String {
        let (hour, minute) = (second / 3600, second / 60 % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// `02:10 on Friday 1 May`, by the clock of the place.
    static func moment(_ ms: Int64, zone: ZoneTable) -> String {
        let localS = (ms / 1000) + Int64(zone.offsetSeconds(atMs: ms))
        let (days, second) = (Int(localS / 86_400), Int(localS % 86_400))
        let date = CivilDate(daysSinceEpoch: days)
        let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        return "\(clock(second)) on \(weekdays[date.weekday - 1]) \(date.day) \(months[date.month - 1])"
    }
}

extension String {
    /// With its first letter in upper case, as a title begins.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// Without spaces at the end, where a unit turned out to be empty.
    var trimmed: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
