internal import Readings

/// A message of our own that goes through the broker and back, once in a while.
///
/// ```
///   sent ──▶ broker ──▶ received ──▶ in a batch ──▶ ring, pipeline, store ──▶ committed: it has returned
/// ```
/// It proves the whole way from the broker to the disk without a reading: it is no sensor's, is neither decoded nor stored,
/// and only the batch that holds it is committed. Pure: time is passed in.
package struct Canary {
    package let topic: [UInt8]
    private let intervalNs: Int64
    /// Tells ours of this run from those of another.
    private let mark: UInt64
    private var dueAtNs: Int64?
    /// When those were sent that are not committed: received in the open batch, and in the outstanding one.
    private var openSentNs: Int64?
    private var closedSentNs: Int64?
    /// By when the next must have returned.
    package private(set) var deadlineNs: Int64?

    package init(topic: String, intervalMs: Int64, mark: UInt64) {
        self.topic = Array(topic.utf8)
        intervalNs = intervalMs * 1_000_000
        self.mark = mark
    }

    /// The connection works, or does not. The first is sent an interval after it came up.
    package mutating func connection(isUp: Bool, atNs now: Int64) {
        guard isUp else {
            (dueAtNs, deadlineNs, openSentNs, closedSentNs) = (nil, nil, nil, nil)
            return
        }
        guard dueAtNs == nil else { return }
        dueAtNs = now + intervalNs
        deadlineNs = now + patienceNs + intervalNs
    }

    /// So long may one be under way, beyond the interval, before it counts as absent.
    private var patienceNs: Int64 { intervalNs + intervalNs / 2 }

    /// What to publish now, if it is time to.
    package mutating func take(atNs now: Int64) -> [UInt8]? {
        guard let due = dueAtNs, now >= due else { return nil }
        dueAtNs = now + intervalNs
        return Array("\(mark) \(now)".utf8)
    }

    /// One was received, perhaps another's.
    package mutating func received(_ payload: Span<UInt8>) {
        let words = String(decoding: [UInt8](copying: payload.extracting(first: 64)), as: UTF8.self).split(
            separator: " ")
        guard words.count == 2, words[0] == "\(mark)", let sent = Int64(words[1]) else { return }
        openSentNs = max(openSentNs ?? 0, sent)
    }

    /// The open batch was closed.
    package mutating func batchClosed() { closedSentNs = openSentNs.take() }

    /// The closed batch was committed. Returns how long a canary in it was under way.
    package mutating func batchCommitted(atNs now: Int64) -> Int64? {
        guard let sent = closedSentNs.take(), dueAtNs != nil else { return nil }
        deadlineNs = now + patienceNs + intervalNs
        return now - sent
    }
}
