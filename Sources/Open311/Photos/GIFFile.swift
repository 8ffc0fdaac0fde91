/// GIF, as far as its metadata goes.
///
/// - Source: CompuServe GIF89a §§17–26.
enum GIFFile {
    /// The file without comments, plain texts and programs' own blocks, but for the one that says how often to repeat. Nil if
    /// it isn't one.
    static func cleaned(_ bytes: [UInt8]) -> [UInt8]? {
        var cursor = ByteCursor(bytes)
        guard let head = cursor.take(13), let colours = cursor.take(colourBytes(head[head.startIndex + 10])) else {
            return nil
        }
        var out = Array(head) + colours
        out.reserveCapacity(bytes.count)
        var hasImage = false
        while let introducer = cursor.byte() {
            let start = cursor.position - 1
            switch introducer {
            case 0x3B: return hasImage ? out + [0x3B] : nil
            case 0x2C:
                guard let descriptor = cursor.take(9), cursor.skip(colourBytes(descriptor.last!)),
                    cursor.skip(1), skipBlocks(&cursor)
                else { return nil }
                out += bytes[start..<cursor.position]
                hasImage = true
            case 0x21:
                guard let label = cursor.byte() else { return nil }
                let content = cursor.position
                guard skipBlocks(&cursor) else { return nil }
                let isRepetition =
                    label == 0xFF && bytes[content..<cursor.position].starts(with: [11] + Array("NETSCAPE2.0".utf8))
                if label == 0xF9 || isRepetition { out += bytes[start..<cursor.position] }
            default: return nil
            }
        }
        return nil
    }

    /// How long the table of colours is that a packed field announces.
    private static func colourBytes(_ packed: UInt8) -> Int { packed & 0x80 == 0 ? 0 : 3 << (Int(packed & 7) + 1) }

    /// Passes blocks, each behind its length, up to the empty one.
    private static func skipBlocks(_ cursor: inout ByteCursor) -> Bool {
        while let length = cursor.byte() {
            if length == 0 { return true }
            guard cursor.skip(Int(length)) else { return false }
        }
        return false
    }
}
