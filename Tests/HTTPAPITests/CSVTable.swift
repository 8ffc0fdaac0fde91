/// CSV exactly as RFC 4180 has it, read by somebody who did not write it.
struct CSVTable {
    var rows: [[String]] = []

    struct Malformed: Error { var reason: String }

    init(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            var row: [String] = []
            while true {
                row.append(try Self.field(&bytes))
                guard bytes.first == UInt8(ascii: ",") else { break }
                bytes.removeFirst()
            }
            guard bytes.starts(with: [0x0D, 0x0A]) else { throw Malformed(reason: "a record ends without CR LF") }
            bytes = bytes.dropFirst(2)
            rows.append(row)
        }
    }

    private static func field(_ bytes: inout ArraySlice<UInt8>) throws -> String {
        let quote = UInt8(ascii: "\"")
        var content: [UInt8] = []
        guard bytes.first == quote else {
            while let byte = bytes.first, byte != UInt8(ascii: ","), byte != 0x0D {
                guard byte != quote, byte != 0x0A else { throw Malformed(reason: "a quote or line end without quotes") }
                content.append(bytes.removeFirst())
            }
            return String(decoding: content, as: UTF8.self)
        }
        bytes.removeFirst()
        while true {
            guard let byte = bytes.popFirst() else { throw Malformed(reason: "a quote is not closed") }
            guard byte == quote else {
                content.append(byte)
                continue
            }
            guard bytes.first == quote else { return String(decoding: content, as: UTF8.self) }
            content.append(bytes.removeFirst())
        }
    }
}
