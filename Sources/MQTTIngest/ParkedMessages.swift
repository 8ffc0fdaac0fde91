/// Messages that were read but can't be pushed yet, in order: the ring is full, or a sensor's index is being asked for.
///
/// Bounded by what the broker sends ahead of acknowledgement. Over TCP it is one message: reading stops as soon as one
/// is parked. Over TLS the library hands over all that it has decrypted.
struct ParkedMessages {
    struct Entry: BitwiseCopyable {
        var start: Int
        var topicBytes: Int
        var payloadBytes: Int
        var arrivedAtMs: Int64

        var topic: Range<Int> { start..<start + topicBytes }
        var payload: Range<Int> { start + topicBytes..<start + topicBytes + payloadBytes }
    }

    /// Topics and payloads, one after the other.
    private(set) var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }
    var count: Int { entries.count - head }
    var first: Entry? { isEmpty ? nil : entries[head] }

    mutating func append(topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64) {
        entries.append(
            Entry(
                start: bytes.count, topicBytes: topic.count, payloadBytes: payload.count, arrivedAtMs: arrivedAtMs))
        bytes.append(copying: topic)
        bytes.append(copying: payload)
    }

    mutating func removeFirst() {
        head += 1
        guard isEmpty else { return }
        head = 0
        entries.removeAll(keepingCapacity: true)
        // A burst's memory is not kept for ever.
        bytes.removeAll(keepingCapacity: bytes.count <= 1 << 20)
    }
}

extension [UInt8] {
    mutating func append(copying span: Span<UInt8>) {
        reserveCapacity(count + span.count)
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
