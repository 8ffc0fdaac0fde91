public import Readings

/// Where a reader tells the broker how far it has come, so that what is unread is removed last.
public struct ConsumerFile: Sendable, Equatable {
    public let path: String
    private let temporary: String

    /// - Parameters:
    ///   - directory: the journal's.
    ///   - name: tells readers apart; at most 64 bytes.
    public init(directory: String, name: String) {
        precondition((1...64).contains(name.utf8.count), "a consumer's name has 1–64 bytes: \(name)")
        var safe = ""
        for byte in name.utf8 {
            let isAlphanumeric = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            let isPlain = isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            // A dot at the front, or a slash, would mean something else than a name.
            safe += isPlain ? String(Unicode.Scalar(byte)) : "%" + String(byte, radix: 16)
        }
        path = "\(directory)/consumers/\(safe)"
        temporary = "\(directory)/consumers/.\(safe)"
    }

    /// Says that everything before `position` has been read and stored. Atomic; not synced: what is lost with the power is
    /// only that something was read.
    public func write(_ position: JournalPosition) throws(JournalError) {
        let digits = String(position.journal, radix: 16)
        let journal = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        try SystemCall.replace(path, by: "\(journal) \(position.segment) \(position.offset)\n", through: temporary)
    }
}
