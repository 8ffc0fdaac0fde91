internal import Readings
internal import NIOCore

/// How one kind of value is written.
struct Syntax<Value: Sendable>: Sendable {
    /// What is right, to follow "must be".
    let expected: String
    /// The value, or nil when the text is not one.
    let parse: @Sendable (String) -> Value?
    /// The text of a value; parsing it gives the value back.
    let show: @Sendable (Value) -> String
    /// Whether a wrong text may be quoted. Off where people paste passwords by mistake.
    var quotesMistakes = true
    /// Whether a number with a fraction is wrong for that alone.
    var isWhole = false

    /// One of a few words.
    static func word(_ all: [Value], _ name: @escaping @Sendable (Value) -> String) -> Self {
        Syntax(
            expected: all.map(name).alternatives,
            parse: { text in all.first { name($0) == text } },
            show: name)
    }
}

extension Syntax where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Syntax(
            expected: "\(range.lowerBound)–\(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
            show: { String($0) }, isWhole: true)
    }

    /// An amount of bytes: a number, or one with KiB, MiB, GiB or TiB behind it.
    /// - Parameter orZero: 0 is right too, and means "none".
    static func bytes(_ range: ClosedRange<Int>, orZero: Bool = false) -> Self {
        Syntax(
            expected:
                "\(orZero ? "0, or " : "")an amount such as 64MiB or 16GiB, from \(ByteText.string(range.lowerBound))"
                + " to \(ByteText.string(range.upperBound))",
            parse: { text in
                ByteText.parse(text).flatMap { range.contains($0) || (orZero && $0 == 0) ? $0 : nil }
            },
            show: ByteText.string)
    }

    /// A ring's slots.
    static let powerOfTwo = Syntax(
        expected: "a power of two, 1024–16777216",
        parse: { text in
            Int(text).flatMap { (1024...16_777_216).contains($0) && $0 & ($0 - 1) == 0 ? $0 : nil }
        },
        show: { String($0) })
}

extension Syntax where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Self {
        Syntax(
            expected: "a number, \(short(range.lowerBound))–\(short(range.upperBound))",
            parse: { text in Double(text).flatMap { range.contains($0) ? $0 : nil } },
            show: short)
    }

    private static let short: @Sendable (Double) -> String = { value in
        Int(exactly: value).map { String($0) } ?? String(value)
    }
}

extension Syntax where Value == Bool {
    static let flag = Syntax(
        expected: "true or false", parse: { $0 == "true" ? true : $0 == "false" ? false : nil }, show: { String($0) })
}

extension Syntax where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        Syntax(
            expected: "a duration such as 90s, 15m, 6h, 10d or 1h30m, from "
                + "\(DurationText.string(range.lowerBound)) to \(DurationText.string(range.upperBound))",
            parse: { text in DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil } },
            show: DurationText.string)
    }

    /// The same for a field of another type.
    fileprivate func mapped<Other: Sendable>(
        _ toOther: @escaping @Sendable (Int64) -> Other, _ fromOther: @escaping @Sendable (Other) -> Duration
    ) -> Syntax<Other> {
        Syntax<Other>(
            expected: expected, parse: { text in parse(text).map { toOther($0.components.seconds) } },
            show: { show(fromOther($0)) })
    }
}

extension Syntax where Value == Int64 {
    /// A duration that a field keeps in milliseconds.
    static func milliseconds(_ range: ClosedRange<Duration>) -> Self {
        Syntax<Duration>.duration(range).mapped({ $0 * 1000 }, { .milliseconds($0) })
    }
}

extension Syntax where Value == Int {
    /// A duration that a field keeps in seconds.
    static func seconds(_ range: ClosedRange<Duration>) -> Self {
        Syntax<Duration>.duration(range).mapped({ Int($0) }, { .seconds($0) })
    }
}

extension Syntax where Value == String {
    /// Any text of one line.
    static let text = Syntax(
        expected: "a text of one line",
        parse: { text in text.isEmpty || text.contains(where: \.isNewline) ? nil : text }, show: { $0 })

    /// Text that may have lines: a payload.
    static let payload = Syntax(expected: "a text", parse: { $0 }, show: { $0 })

    /// A name that people and metric labels use.
    static let name = Syntax(
        expected: "a name of 1–64 letters, digits, . _ or -",
        parse: { text in
            let isName = text.utf8.count <= 64 && !text.isEmpty && text.utf8.allSatisfy(isNameByte)
            return isName ? text : nil
        },
        show: { $0 })

    /// A host name or an address, with nothing around it.
    static let host = Syntax(
        expected: "a host name or an IP address, without scheme or port",
        parse: { text in
            let isHost =
                !text.isEmpty && text.utf8.count <= 253
                && text.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") }
                && text.utf8.count(where: { $0 == UInt8(ascii: ":") }) != 1
            return isHost ? text : nil
        },
        show: { $0 })

    /// The name of an environment variable. What is not one may be the secret itself, so it is never quoted.
    static let variable = Syntax(
        expected: "the name of an environment variable (letters, digits and _)",
        parse: { text in
            let isName =
                !text.isEmpty
                && text.utf8.allSatisfy { isNameByte($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") }
                && !(text.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true)
            return isName ? text : nil
        },
        show: { $0 }, quotesMistakes: false)

    /// Where others reach the dashboard.
    static let url = Syntax(
        expected: "a URL such as https://sluice.example.org, without a query",
        parse: { text in
            let rest = ["http://", "https://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
            let isURL = rest.map { !$0.isEmpty && !$0.hasPrefix("/") && !$0.contains(where: isOutsideURL) } ?? false
            return isURL ? text : nil
        },
        show: { $0 })

    private static let isNameByte: @Sendable (UInt8) -> Bool = { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static let isOutsideURL: @Sendable (Character) -> Bool = {
        $0.isWhitespace || !$0.isASCII || "?#@\"<>\\".contains($0)
    }
}

extension [String] {
    /// "a", "a or b", "a, b or c".
    var alternatives: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + self[count - 1]
    }
}

extension Syntax<[String]> {
    /// IP addresses with commas between them.
    static let addresses = Syntax(
        expected: "IP addresses with commas between them, such as 127.0.0.1, ::1",
        parse: { text in
            let addresses = text.split(separator: ",").map { $0.filter { $0 != " " } }
            let areSound = addresses.allSatisfy { (try? SocketAddress(ipAddress: $0, port: 0)) != nil }
            return addresses.isEmpty || !areSound ? nil : addresses
        },
        show: { $0.joined(separator: ", ") })
}
