/// A hash of a message's topic and payload, by which its journal record and its deliveries are known for the same.
///
/// Keyed anew in each process, so that nobody can make two messages that look like one.
struct MessageHash: Sendable, BitwiseCopyable, Hashable {
    private let value: Int

    init(topic: Span<UInt8>, payload: Span<UInt8>) {
        var hasher = Hasher()
        // The length keeps "a" + "bc" from being "ab" + "c".
        hasher.combine(topic.count)
        unsafe topic.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        unsafe payload.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        value = hasher.finalize()
    }
}

/// A bag of message hashes, each some number of times, of bounded size.
struct MessageBag {
    private var counts: [MessageHash: UInt32] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { counts.isEmpty }

    /// False when the bag is full and does not know it.
    @discardableResult
    mutating func insert(_ hash: MessageHash) -> Bool {
        guard counts.count < limit || counts[hash] != nil else { return false }
        counts[hash, default: 0] += 1
        return true
    }

    func contains(_ hash: MessageHash) -> Bool { counts[hash] != nil }

    /// Takes it out once; false when it was not in.
    mutating func remove(_ hash: MessageHash) -> Bool {
        guard !counts.isEmpty, let index = counts.index(forKey: hash) else { return false }
        if counts.values[index] == 1 {
            counts.remove(at: index)
        } else {
            counts.values[index] -= 1
        }
        return true
    }

    mutating func removeAll() { counts = [:] }
}
