extension [UInt8] {
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }

    /// A whole number, with zeros before it up to `atLeast` digits.
    mutating func appendDecimal(_ number: Int64, atLeast digits: Int = 1) {
        if number < 0 { append(0x2D) }
        var rest = number.magnitude
        let first = count
        var written = 0
        repeat {
            append(0x30 + UInt8(rest % 10))
            rest /= 10
            written += 1
        } while rest > 0 || written < digits
        self[first...].reverse()
    }

    /// A value with at most two decimals, as short as it can be: `12`, `12.5`, `-0.25`.
    ///
    /// - Precondition: `value` has at most two decimals and is below 1e15.
    mutating func appendHundredths(_ value: Double) {
        let hundredths = Int64((value * 100).rounded())
        if hundredths < 0 { append(0x2D) }
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        appendDecimal(Int64(whole))
        guard rest > 0 else { return }
        append(0x2E)
        append(0x30 + UInt8(rest / 10))
        if rest % 10 > 0 { append(0x30 + UInt8(rest % 10)) }
    }
}
