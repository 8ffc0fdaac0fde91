/// Round numbers along an axis of values.
///
/// - Source: Heckbert, "Nice numbers for graph labels", Graphics Gems (1990).
struct ValueAxis: Equatable {
    let low: Double
    let high: Double
    let step: Double

    /// An axis with about `count` steps that holds all `values` that are finite.
    init(_ values: some Sequence<Double>, count: Int = 5) {
        var (least, greatest) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite { (least, greatest) = (min(least, value), max(greatest, value)) }
        if least > greatest { (least, greatest) = (0, 1) }
        // A flat line stands in the middle of something.
        if greatest - least < 1e-9 * max(abs(greatest), 1) {
            let reach = max(abs(greatest) * 0.1, 0.5)
            (least, greatest) = (least - reach, greatest + reach)
        }
        // Zero is worth showing when it is near.
        if least > 0, least < 0.4 * greatest { least = 0 }
        let rough = (greatest - least) / Double(max(1, count))
        var magnitude = 1.0
        while magnitude > rough { magnitude /= 10 }
        while magnitude * 10 <= rough { magnitude *= 10 }
        let step = ([1.0, 2, 2.5, 5, 10].first { $0 * magnitude >= rough * 0.999 } ?? 10) * magnitude
        self.step = step
        low = (least / step + 1e-9).rounded(.down) * step
        high = (greatest / step - 1e-9).rounded(.up) * step
    }

    var ticks: [Double] { (0...max(1, Int(((high - low) / step).rounded()))).map { low + Double($0) * step } }

    /// The tick's number with as many decimals as the step needs.
    func label(_ value: Double) -> String {
        var (digits, unit) = (0, step)
        while digits < 6, abs(unit - unit.rounded()) > 1e-6 * unit { (digits, unit) = (digits + 1, unit * 10) }
        return Self.text(value, digits: digits)
    }

    static func text(_ value: Double, digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        guard value.magnitude * scale < 1e15 else { return "\(value)" }
        let scaled = Int64((value * scale).rounded())
        let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        let sign = scaled < 0 ? "−" : ""
        guard digits > 0 else { return "\(sign)\(grouped(whole))" }
        let tail = String(part)
        return "\(sign)\(grouped(whole)).\(String(repeating: "0", count: digits - tail.count))\(tail)"
    }

    /// `12 500`, with thin spaces from five digits on.
    private static func grouped(_ number: UInt64) -> String {
        let digits = Array(String(number))
        guard digits.count > 4 else { return String(digits) }
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "\u{2009}" }
            text.append(digit)
        }
        return text
    }
}
