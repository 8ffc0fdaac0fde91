/// The text of a key: 256 random bits behind a prefix that secret scanners can look for.
///
/// Only its SHA-256 is stored. A slow, salted password hash would add nothing: those make guessing expensive where people
/// choose the secret, and nobody guesses one of 2^256. A fast one is what keeps recognising keys from being an attack on
/// the daemon's processor.
/// - Source: NIST SP 800-63B §5.1.2.2, look-up secrets of 112 bits and more need only an approved one-way function.
public struct KeySecret: Sendable, Equatable {
    /// Shown once, to whoever made it.
    public let text: String

    static let prefix = "slk_"
    private static let length = 64
    private static let hintLength = 6

    /// A key that nobody has had before.
    public init() {
        var random = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in random.next() }
        text = Self.prefix + words.map { Self.hexadecimal($0) }.joined()
    }

    /// What a caller sent; nil for what can't be a key. Any key is plain ASCII of one length.
    public init?(_ sent: String) {
        guard sent.utf8.count == Self.prefix.utf8.count + Self.length, sent.hasPrefix(Self.prefix),
            sent.utf8.dropFirst(Self.prefix.utf8.count).allSatisfy({ byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            })
        else { return nil }
        text = sent
    }

    /// Enough to tell keys apart, and 24 of 256 bits.
    public var hint: String { String(text.prefix(Self.prefix.count + Self.hintLength)) + "…" }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
