internal import Crypto
public import Open311

extension KeySecret {
    /// SHA-256 of the text.
    public var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}

/// Whether two hashes are the same, in a time that doesn't depend on where they differ.
package func isSameHash(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    var difference: UInt8 = 0
    for index in one.indices { difference |= one[index] ^ other[index] }
    return difference == 0
}
