/// A `Host` header that may be repeated in an answer: a name or an address, and perhaps a port.
struct Authority: Equatable {
    let text: String

    /// nil for what can't be a host: the header is the client's to choose.
    init?(_ text: String) {
        guard text.utf8.count <= 255, !text.isEmpty else { return nil }
        let (host, port) = Self.parts(of: text)
        let isHost: Bool
        if host.hasPrefix("[") {
            isHost =
                host.hasSuffix("]") && host.utf8.count > 2 && host.utf8.dropFirst().dropLast().allSatisfy(Self.isOfIPv6)
        } else {
            isHost = !host.isEmpty && host.utf8.allSatisfy(Self.isOfName)
        }
        guard isHost else { return nil }
        if let port {
            guard port.utf8.allSatisfy(Self.isDigit), let number = UInt16(port), number > 0 else { return nil }
        }
        self.text = text
    }

    /// Whether it names the machine itself.
    var isThisMachine: Bool {
        let host = Self.parts(of: text).host
        return host.lowercased() == "localhost" || Self.isThisMachine(host.filter { $0 != "[" && $0 != "]" })
    }

    /// Whether an address never leaves the machine.
    static func isThisMachine(_ address: String) -> Bool {
        let digits = address.hasPrefix("::ffff:") ? address.dropFirst(7) : address[...]
        let isOfIPv4 = digits.split(separator: ".", omittingEmptySubsequences: false).count == 4
        return address == "::1"
            || isOfIPv4 && digits.hasPrefix("127.") && digits.utf8.allSatisfy { isDigit($0) || $0 == 0x2E }
    }

    private static func parts(of text: String) -> (host: Substring, port: Substring?) {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") else { return (text[...], nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isOfIPv6(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
