/// JPEG, as far as its metadata goes.
///
/// - Source: ITU-T T.81 annex B (markers); CIPA DC-008 (Exif); ECMA TR/98 (JFIF).
enum JPEGFile {
    private static let exif = Array("Exif".utf8) + [0, 0]

    /// The file with the segments that a decoder needs; of Exif alone the way up, in a segment of its own. Nil if it isn't one.
    static func cleaned(_ bytes: [UInt8]) -> [UInt8]? {
        var cursor = ByteCursor(bytes)
        guard cursor.take(2)?.elementsEqual([0xFF, 0xD8]) == true else { return nil }
        var out: [UInt8] = [0xFF, 0xD8]
        out.reserveCapacity(bytes.count)
        var (hasFrame, hasScan) = (false, false)
        while true {
            guard let marker = marker(&cursor) else {
                // Some cameras forget the end.
                return hasScan ? out + [0xFF, 0xD9] : nil
            }
            switch marker {
            case 0xD9: return hasScan ? out + [0xFF, 0xD9] : nil
            case 0x00, 0x01, 0xD0...0xD8: return nil
            default: break
            }
            guard let length = cursor.number(2), length >= 2, let content = cursor.take(length - 2) else { return nil }
            if let kept = kept(marker, content) {
                out += [0xFF, marker, UInt8((kept.count + 2) >> 8), UInt8((kept.count + 2) & 0xFF)] + kept
            }
            // Of a frame header 0xC4, 0xC8 and 0xCC have only the number.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) { hasFrame = true }
            if marker == 0xDA {
                guard hasFrame else { return nil }
                hasScan = true
                copyScan(&cursor, to: &out)
            }
        }
    }

    /// The next marker's second byte; fill bytes before it are skipped.
    private static func marker(_ cursor: inout ByteCursor) -> UInt8? {
        guard cursor.byte() == 0xFF else { return nil }
        while let byte = cursor.byte() { if byte != 0xFF { return byte } }
        return nil
    }

    /// Entropy-coded data up to the next marker that is not part of it.
    private static func copyScan(_ cursor: inout ByteCursor, to out: inout [UInt8]) {
        while let byte = cursor.byte() {
            guard byte == 0xFF else {
                out.append(byte)
                continue
            }
            let place = cursor.position - 1
            guard let next = cursor.byte() else { return }
            switch next {
            // A stuffed byte, or the place to begin again after an error.
            case 0x00, 0xD0...0xD7: out += [0xFF, next]
            default:
                _ = cursor.move(to: place)
                return
            }
        }
    }

    /// A segment's content as it is kept; nil: left out.
    private static func kept(_ marker: UInt8, _ content: ArraySlice<UInt8>) -> [UInt8]? {
        switch marker {
        // Frames, tables, scans, restart intervals.
        case 0xC0...0xCF, 0xDA...0xDF: return Array(content)
        case 0xE0:
            // JFIF's density, without its thumbnail.
            guard content.starts(with: Array("JFIF".utf8) + [0]), content.count >= 14 else { return nil }
            return Array(content.prefix(12)) + [0, 0]
        case 0xE1:
            guard content.starts(with: exif), let turn = orientation(Array(content.dropFirst(6))) else { return nil }
            // A directory of one entry, big-endian.
            let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0]
            return exif + [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1] + entry + [0, 0, 0, 0]
        // How colours are meant.
        case 0xE2: return content.starts(with: Array("ICC_PROFILE".utf8) + [0]) ? Array(content) : nil
        case 0xEE: return content.starts(with: Array("Adobe".utf8)) ? Array(content) : nil
        default: return nil
        }
    }

    /// Which way up the picture is, 2 to 8, as its first directory says; nil: as it lies.
    private static func orientation(_ tiff: [UInt8]) -> UInt8? {
        var cursor = ByteCursor(tiff)
        let order: ByteCursor.Order
        switch cursor.number(2) {
        case 0x4D4D: order = .big
        case 0x4949: order = .little
        default: return nil
        }
        guard cursor.number(2, order) == 42, let place = cursor.number(4, order), cursor.move(to: place),
            let entries = cursor.number(2, order)
        else { return nil }
        for _ in 0..<entries {
            guard let tag = cursor.number(2, order), let type = cursor.number(2, order),
                cursor.skip(4), let value = cursor.number(2, order), cursor.skip(2)
            else { return nil }
            if tag == 0x0112 { return type == 3 && (2...8).contains(value) ? UInt8(value) : nil }
        }
        return nil
    }
}
