import Open311

/// The part of a URL behind the question mark, as HTML forms write it.
struct QueryString {
    /// In the order given, decoded. Bytes that are not UTF-8 become U+FFFD.
    let parameters: [(name: String, value: String)]

    init(_ text: String?) {
        parameters = (text ?? "").split(separator: "&").map { part in
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(halves[0]), halves.count > 1 ? Self.decoded(halves[1]) : "")
        }
    }

    /// The same query with one parameter set, encoded.
    func setting(_ name: String, to value: Int) -> String {
        let kept = parameters.filter { $0.name != name } + [(name, String(value))]
        return kept.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: PercentCoding.decoded(text.utf8), as: UTF8.self)
    }

    private static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ","), UInt8(ascii: ":"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                out += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
