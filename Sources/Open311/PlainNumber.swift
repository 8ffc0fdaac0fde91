/// Decimal numbers as people and maps write them: `-1.8904`.
enum PlainNumber {
    /// nil for everything else: no `nan`, `inf`, `0x10`, `1e3`, `+1`, spaces or other scripts' digits.
    static func read(_ text: some StringProtocol) -> Double? {
        var rest = text.utf8[...]
        guard rest.count <= 32 else { return nil }
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let halves = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count), halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            return nil
        }
        return Double(String(text))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
