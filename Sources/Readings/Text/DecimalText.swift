/// Numbers as files write them: decimal, with a sign, a fraction and an exponent if need be; no NaN, no hexadecimal.
enum DecimalText {
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The nearest finite double, or nil. Usual numbers cost a scan and one division (Clinger's fast path: both
    /// operands are exact, so one operation rounds once).
    static func parse(_ text: borrowing Span<UInt8>) -> Double? {
        var at = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { at = 1 }
        var (digits, digitCount, scale): (UInt64, Int, Int) = (0, 0, 0)
        var hasPoint = false
        while at < text.count {
            let byte = text[at]
            if case let digit = byte &- UInt8(ascii: "0"), digit < 10 {
                digits = digits &* 10 &+ UInt64(digit)
                digitCount += 1
                if hasPoint { scale += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            at += 1
        }
        if digitCount == 0 { return nil }
        if at == text.count, digitCount <= 19, digits <= 1 << 53, scale <= 22 {
            let magnitude = Double(digits) / powers[scale]
            return isNegative ? -magnitude : magnitude
        }
        return slow(text, exponentAt: at)
    }

    /// Long digits and exponents, by the standard library, whose wider grammar is fenced off first.
    private static func slow(_ text: borrowing Span<UInt8>, exponentAt start: Int) -> Double? {
        if start < text.count {
            guard text[start] | 0x20 == UInt8(ascii: "e") else { return nil }
            var at = start + 1
            if at < text.count, text[at] == UInt8(ascii: "-") || text[at] == UInt8(ascii: "+") { at += 1 }
            guard at < text.count else { return nil }
            for index in at..<text.count where text[index] &- UInt8(ascii: "0") >= 10 { return nil }
        }
        guard let number = Double(String(copying: text)), number.isFinite else { return nil }
        return number
    }

    /// A whole number of up to 18 digits, and some of 19.
    static func integer(_ text: borrowing Span<UInt8>) -> Int64? {
        var at = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { at = 1 }
        guard at < text.count else { return nil }
        var number: Int64 = 0
        while at < text.count {
            let digit = text[at] &- UInt8(ascii: "0")
            guard digit < 10, number <= 900_000_000_000_000_000 else { return nil }
            number = number &* 10 &+ Int64(digit)
            at += 1
        }
        return isNegative ? -number : number
    }

    /// Whether the text is a number by its form, however large.
    static func isNumber(_ text: borrowing Span<UInt8>) -> Bool {
        var (at, digits, isExponent, hasPoint) = (0, 0, false, false)
        if text.count > 0, text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") { at = 1 }
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: ".") where !hasPoint && !isExponent: hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard !isExponent, digits > 0 else { return false }
                (isExponent, digits) = (true, 0)
                if at + 1 < text.count, text[at + 1] == UInt8(ascii: "-") || text[at + 1] == UInt8(ascii: "+") {
                    at += 1
                }
            default: return false
            }
            at += 1
        }
        return digits > 0
    }
}
