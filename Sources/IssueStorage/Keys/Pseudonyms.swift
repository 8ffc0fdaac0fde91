internal import Crypto

/// Names in the place of sensor ids that are not to be public.
///
/// HMAC-SHA256 with a secret of the store: the same sensor has the same name for as long as the store lives, and whoever
/// doesn't have the secret can't try a list of ids.
public struct Pseudonyms: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: 32 random bytes.
    public init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// `anon-` and 48 bits: two of a city's 100,000 sensors share a name once in 50,000 cities.
    public func callAsFunction(_ id: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(id.utf8), using: key)
        let digits = code.prefix(6).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }
        return "anon-" + digits.joined()
    }
}
