internal import TimeBase

/// A moment as GeoReport v2 writes it: a W3C date-time with a mandatory zone.
///
/// Written as `2026-11-21T20:34:05Z`, whole seconds in UTC. Read more widely: offsets, fractions and a missing
/// `:ss` are accepted, and so is a space for the `+` of an offset, which is what a client that forgot to
/// percent-encode its query sends.
///
/// - Source: https://www.w3.org/TR/NOTE-datetime, the profiles with a time of day.
public struct W3CDateTime: Sendable, Hashable, CustomStringConvertible {
    /// Milliseconds since the Unix epoch. Finer fractions are cut off.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Years 1 to 9999; nil for everything else, a date without a time or a time without a zone included.
    public init?(_ text: some StringProtocol) {
        var digits = Cursor(Array(text.utf8.prefix(Self.longest + 1)))
        guard digits.rest <= Self.longest,
            let year = digits.number(4), (1...9999).contains(year), digits.skip("-"),
            let month = digits.number(2), (1...12).contains(month), digits.skip("-"),
            let day = digits.number(2), (1...CivilDate.days(inMonth: month, of: year)).contains(day), digits.skip("T"),
            let hour = digits.number(2), hour < 24, digits.skip(":"),
            let minute = digits.number(2), minute < 60
        else { return nil }
        var second = 0
        var fractionMs = 0
        if digits.skip(":") {
            guard let read = digits.number(2), read < 60 else { return nil }
            second = read
            if digits.skip(".") {
                guard let read = digits.fractionMs() else { return nil }
                fractionMs = read
            }
        }
        guard let offsetMinutes = digits.zone(), digits.rest == 0 else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + (hour * 60 + minute - offsetMinutes) * 60 + second
        milliseconds = Int64(seconds * 1000 + fractionMs)
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, rounded down to the second; moments outside the years 1 to 9999 are written as the
    /// nearest one inside.
    public var description: String {
        let bounded = min(max(milliseconds, Self.earliestMs), Self.latestMs)
        let seconds = floorDivide(Int(bounded), 1000)
        let dayNumber = floorDivide(seconds, 86_400)
        let inDay = seconds - dayNumber * 86_400
        let day = CivilDate(daysSinceEpoch: dayNumber)
        var text = Array("0000-00-00T00:00:00Z".utf8)
        func write(_ number: Int, endingAt end: Int) {
            var (rest, position) = (number, end)
            while rest > 0 {
                text[position] += UInt8(rest % 10)
                (rest, position) = (rest / 10, position - 1)
            }
        }
        write(day.year, endingAt: 3)
        write(day.month, endingAt: 6)
        write(day.day, endingAt: 9)
        write(inDay / 3600, endingAt: 12)
        write(inDay / 60 % 60, endingAt: 15)
        write(inDay % 60, endingAt: 18)
        return String(decoding: text, as: UTF8.self)
    }

    /// The longest text that is read, in bytes: nanoseconds and an offset, with room to spare.
    private static let longest = 40
    private static let earliestMs = Int64(CivilDate(year: 1, month: 1, day: 1).daysSinceEpoch) * 86_400_000
    private static let latestMs = Int64(CivilDate(year: 10_000, month: 1, day: 1).daysSinceEpoch) * 86_400_000 - 1

    /// Reads fixed-width numbers off a text.
    private struct Cursor {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var rest: Int { bytes.count - position }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest > 0, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func digit() -> Int? {
            guard rest > 0, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") else {
                return nil
            }
            position += 1
            return Int(bytes[position - 1] - UInt8(ascii: "0"))
        }

        mutating func number(_ width: Int) -> Int? {
            var value = 0
            for _ in 0..<width {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// One digit or more after the point, of which three count.
        mutating func fractionMs() -> Int? {
            guard let first = digit() else { return nil }
            let second = digit() ?? 0
            let third = digit() ?? 0
            while digit() != nil {}
            return first * 100 + second * 10 + third
        }

        /// `Z` or an offset, in minutes east of Greenwich.
        mutating func zone() -> Int? {
            if skip("Z") { return 0 }
            let isWest = skip("-")
            guard isWest || skip("+") || skip(" "), let hours = number(2), hours < 24, skip(":"),
                let minutes = number(2), minutes < 60
            else { return nil }
            return (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
    }
}
