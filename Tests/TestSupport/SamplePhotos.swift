internal import Foundation

/// Pictures of eight by eight points that decoders take, and what cameras write beside them.
public enum SamplePhotos {
    public static let jpeg = decoded(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+\
        gXz/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABgQAAIDAAAAAAAAAAAAAAAAAAAEBSIx/9oACAEBAAA/ACpxWVP/2Q==
        """)
    public static let progressiveJPEG = decoded(
        """
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+\
        gXz/wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//aAAgBAQAAAAEv/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAID/9oACAEBAAEFAkkf/8QA\
        FBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAGPwJ//8QAFRABAQAAAAAAAAAAAAAAAAAAAGH/2gAIAQEAAT8hg//aAAgBAQAAABB//8QAFRABAQAAAAAA\
        AAAAAAAAAAAAADH/2gAIAQEAAT8Qif/Z
        """)
    public static let png = decoded(
        """
        iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR4nGNkYIiSY2DARCwMcgxYweCUAAA7mwIcPKI4XgAAAABJRU5ErkJggg==
        """)
    /// Lossless, with an extended header that announces Exif, and the Exif.
    public static let webp = decoded(
        """
        UklGRlIAAABXRUJQVlA4WAoAAAAIAAAABwAABwAAVlA4TCIAAAAvB8ABALkyRPQ/dhHR/wBhtlFJzh90ryMYj9GKCaB6oP8ARVhJRgoAAABJSSoACAAAAAAA
        """)
    /// One point.
    public static let gif: [UInt8] =
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0]
        + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]

    /// ``jpeg`` as a phone saves it: lying on its side, with where and when it was taken, with what, a thumbnail, and a
    /// second picture behind its end.
    public static let jpegOfAPhone: [UInt8] = {
        let comment = Array("COMMENT-SECRET".utf8)
        return Array(jpeg.prefix(2)) + segment(0xE1, exif) + segment(0xED, Array("Photoshop 3.0\0IPTC-SECRET".utf8))
            + segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>XMP-SECRET</x:xmpmeta>".utf8))
            + segment(0xFE, comment) + jpeg.dropFirst(2) + segment(0xE2, Array("MPF\0SECOND-SECRET".utf8))
    }()

    /// What must not be found in what is published of these.
    public static let secrets = ["SECRET", "Camera 9", "2026:11:21", "Exif\0\0II"]

    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
    }

    /// Little-endian Exif: model, orientation 6, date, and a GPS directory of 52° 28′ 59.5″ N.
    private static let exif: [UInt8] = {
        func short(_ value: Int) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
        func long(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> ($0 * 8) & 0xFF) } }
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: Int) -> [UInt8] {
            short(tag) + short(type) + long(count) + long(value)
        }
        // 8: first directory, 4 entries, 54 bytes; then texts; then the GPS directory.
        let model = Array("Camera 9\0".utf8)
        let date = Array("2026:11:21 20:34:05\0".utf8)
        let modelAt = 8 + 2 + 4 * 12 + 4
        let dateAt = modelAt + model.count
        let placeAt = dateAt + date.count
        let degreesAt = placeAt + 2 + 2 * 12 + 4
        var tiff: [UInt8] = Array("II".utf8) + short(42) + long(8) + short(4)
        tiff += entry(0x0110, 2, model.count, modelAt) + entry(0x0112, 3, 1, 6) + entry(0x0132, 2, date.count, dateAt)
        tiff += entry(0x8825, 4, 1, placeAt) + long(0) + model + date
        tiff += short(2) + entry(0x0001, 2, 2, 0x4E) + entry(0x0002, 5, 3, degreesAt) + long(0)
        for (numerator, denominator) in [(52, 1), (28, 1), (595, 10)] { tiff += long(numerator) + long(denominator) }
        return Array("Exif\0\0".utf8) + tiff + Array("THUMBNAIL-SECRET".utf8)
    }()

    private static func decoded(_ text: String) -> [UInt8] {
        guard let data = Data(base64Encoded: text) else { preconditionFailure("a sample is not base64") }
        return Array(data)
    }
}
