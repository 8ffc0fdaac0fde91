internal import Foundation

/// Bytes that are no text, sixteen a line: offset, hexadecimal, and what of them is ASCII.
struct HexDump {
    let text: String

    init(_ bytes: Data) {
        text = stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes.dropFirst(start).prefix(16)
            let hex = row.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
            let ascii = row.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
            let offset = String(start, radix: 16)
            return String(repeating: "0", count: max(0, 6 - offset.count)) + offset + "  " + hex.padded(to: 47) + "  "
                + ascii
        }.joined(separator: "\n")
    }
}
