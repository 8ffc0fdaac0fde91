/// A photo that came with a report, in one of the formats that browsers and other civic software show.
///
/// What it is, its first bytes say: what the sender calls it is not believed, and anything else is refused.
public struct Photo: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable {
        case jpeg, png, gif, webp

        public var contentType: String { "image/\(rawValue)" }
        public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
    }

    public let format: Format
    public let bytes: [UInt8]

    /// nil for what begins like none of the formats.
    public init?(bytes: [UInt8]) {
        guard let format = Self.format(of: bytes) else { return nil }
        self.format = format
        self.bytes = bytes
    }

    /// The longest that is taken: a phone's photo at full size has 3–8 MiB.
    public static let mostBytes = 10 << 20

    private static func format(of bytes: [UInt8]) -> Format? {
        func stands(_ expected: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count > offset + expected.count && bytes[offset..<(offset + expected.count)].elementsEqual(expected)
        }
        if stands([0xFF, 0xD8, 0xFF]) { return .jpeg }
        if stands([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if stands(Array("GIF87a".utf8)) || stands(Array("GIF89a".utf8)) { return .gif }
        if stands(Array("RIFF".utf8)), stands(Array("WEBP".utf8), at: 8) { return .webp }
        return nil
    }
}
