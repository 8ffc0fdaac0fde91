/// The coding of HTML forms and queries: `+` for a space, `%` with two hexadecimal digits for any byte.
///
/// - Source: https://url.spec.whatwg.org/#urlencoded-parsing
public enum PercentCoding {
    /// The bytes that are meant. A `%` without two digits stays as it is.
    public static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let value = hexadecimal(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt8? {
        var value: UInt8 = 0
        var count = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value &* 16 &+ (digit &- UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value &* 16 &+ (digit &- UInt8(ascii: "a") &+ 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value &* 16 &+ (digit &- UInt8(ascii: "A") &+ 10)
            default: return nil
            }
            count += 1
        }
        return count == 2 ? value : nil
    }
}
