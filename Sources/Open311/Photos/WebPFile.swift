/// WebP, as far as its metadata goes.
///
/// - Source: RFC 9649 §2.
enum WebPFile {
    private static let kept: Set<String> = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"]
    /// In the extended header: there is Exif, there is XMP.
    private static let announcements: UInt8 = 0x08 | 0x04

    /// The file with the chunks that a decoder needs. Nil if it isn't one.
    static func cleaned(_ bytes: [UInt8]) -> [UInt8]? {
        var cursor = ByteCursor(bytes)
        guard cursor.take(4)?.elementsEqual("RIFF".utf8) == true, let length = cursor.number(4, .little),
            cursor.take(4)?.elementsEqual("WEBP".utf8) == true, length >= 4, bytes.count - 8 >= length
        else { return nil }
        let end = 8 + length
        var chunks: [UInt8] = []
        chunks.reserveCapacity(length)
        var hasImage = false
        while cursor.position + 8 <= end {
            let start = cursor.position
            guard let type = cursor.take(4), let size = cursor.number(4, .little), cursor.skip(size),
                cursor.position <= end
            else { return nil }
            // Chunks begin at even places. The last one's filling may be missing.
            if size % 2 == 1, cursor.position < end { _ = cursor.skip(1) }
            let name = String(decoding: type, as: UTF8.self)
            if name == "VP8 " || name == "VP8L" || name == "ANMF" { hasImage = true }
            guard kept.contains(name) else { continue }
            let place = chunks.count
            chunks += bytes[start..<cursor.position]
            if chunks.count % 2 == 1 { chunks.append(0) }
            if name == "VP8X", size >= 1 { chunks[place + 8] &= ~announcements }
        }
        guard hasImage else { return nil }
        let size = chunks.count + 4
        return Array("RIFF".utf8) + (0..<4).map { UInt8(size >> ($0 * 8) & 0xFF) } + Array("WEBP".utf8) + chunks
    }
}
