/// Names and values as `application/x-www-form-urlencoded`, in order.
struct FormBody {
    private(set) var bytes: [UInt8] = []

    static let type = "application/x-www-form-urlencoded; charset=utf-8"

    /// Adds a field, unless its value is missing or empty: GeoReport takes an empty parameter for an absent one.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes += Self.encoded(name)
        bytes.append(UInt8(ascii: "="))
        bytes += Self.encoded(value)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Percent-encoded but for RFC 3986's unreserved characters, which every server reads alike.
    static func encoded(_ text: String) -> [UInt8] {
        let hex = Array("0123456789ABCDEF".utf8)
        return text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                [byte]
            default: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
    }
}
