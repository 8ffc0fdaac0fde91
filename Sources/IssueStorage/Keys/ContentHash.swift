internal import Crypto

/// SHA-256 of what something says.
package enum ContentHash {
    package static func bytes(_ content: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: content)) }

    /// 64 hexadecimal digits.
    package static func hexadecimal(_ content: [UInt8]) -> String {
        bytes(content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
