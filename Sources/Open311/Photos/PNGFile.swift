/// PNG, as far as its metadata goes.
///
/// - Source: W3C PNG (third edition) §5 and §11.
enum PNGFile {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Beside the critical chunks: colours, transparency, density, animation. No text, no Exif, no time.
    private static let kept: Set<String> = [
        "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "cICP", "acTL", "fcTL", "fdAT",
    ]

    /// The file with the chunks that a decoder needs. Nil if it isn't one.
    static func cleaned(_ bytes: [UInt8]) -> [UInt8]? {
        var cursor = ByteCursor(bytes)
        guard cursor.take(8)?.elementsEqual(signature) == true else { return nil }
        var out = signature
        out.reserveCapacity(bytes.count)
        var (isFirst, hasData) = (true, false)
        while let length = cursor.number(4), let type = cursor.take(4), let content = cursor.take(length),
            let check = cursor.take(4)
        {
            let name = String(decoding: type, as: UTF8.self)
            guard isFirst == (name == "IHDR") else { return nil }
            isFirst = false
            if name == "IDAT" { hasData = true }
            // An upper-case first letter: no decoder may do without it.
            if type.first! & 0x20 == 0 || kept.contains(name) {
                for byte in [length >> 24, length >> 16, length >> 8, length] { out.append(UInt8(byte & 0xFF)) }
                out += type
                out += content
                out += check
            }
            if name == "IEND" { return hasData ? out : nil }
        }
        return nil
    }
}
