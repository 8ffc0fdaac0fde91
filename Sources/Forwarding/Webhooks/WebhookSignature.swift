internal import Crypto

/// How a webhook's receiver knows who called, and that it is no old call again.
///
/// `Sluice-Signature: sha256=HEX`, where HEX is the HMAC-SHA256 with the shared secret over the bytes of `Sluice-Timestamp`
/// (seconds since the Unix epoch, decimal), a full stop and the body. A receiver compares in constant time, and refuses what
/// is further than ``windowS`` from its clock.
public enum WebhookSignature {
    public static let header = "Sluice-Signature"
    public static let timestampHeader = "Sluice-Timestamp"
    /// How old, or how far ahead, a call may be.
    public static let windowS: Int64 = 300

    /// The header's value.
    public static func value(of body: [UInt8], timestampS: Int64, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: message(body, timestampS), using: key(secret))
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether a call is genuine and fresh. What a receiver does; here for tests and as the definition.
    public static func isGood(_ value: String, of body: [UInt8], timestamp: String, secret: String, nowS: Int64) -> Bool
    {
        guard let timestampS = Int64(timestamp), abs(nowS - timestampS) <= windowS, value.hasPrefix("sha256=") else {
            return false
        }
        let digits = Array(value.utf8.dropFirst("sha256=".utf8.count))
        guard digits.count == 2 * SHA256.byteCount else { return false }
        var code: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else {
                return false
            }
            code.append(byte)
        }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: message(body, timestampS), using: key(secret))
    }

    private static func message(_ body: [UInt8], _ timestampS: Int64) -> [UInt8] { Array("\(timestampS).".utf8) + body }

    private static func key(_ secret: String) -> SymmetricKey { SymmetricKey(data: Array(secret.utf8)) }
}
