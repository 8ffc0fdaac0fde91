internal import BrokerJournal
internal import Readings

/// Journal records that have been read and that nothing delivered so far was the same as, in order.
///
/// The broker delivers in the order in which it journals, so the one that is looked for is nearly always the first.
struct LookAhead {
    private var hashes: [MessageHash] = []
    private var starts: [JournalPosition] = []
    private var head = 0

    var count: Int { hashes.count - head }
    var isEmpty: Bool { head == hashes.count }
    var first: MessageHash? { isEmpty ? nil : hashes[head] }
    /// Where the first one begins.
    var start: JournalPosition? { isEmpty ? nil : starts[head] }

    /// Where the `index`th begins.
    func start(of index: Int) -> JournalPosition { starts[head + index] }

    /// - Complexity: O(count) when it is not the first.
    func firstIndex(of hash: MessageHash) -> Int? {
        for index in head..<hashes.count where hashes[index] == hash { return index - head }
        return nil
    }

    mutating func append(_ hash: MessageHash, at start: JournalPosition) {
        hashes.append(hash)
        starts.append(start)
    }

    mutating func removeFirst() {
        head += 1
        if isEmpty || head >= 4096 { compact() }
    }

    /// Forgets what begins before `position`, of the same journal.
    mutating func remove(before position: JournalPosition) {
        while !isEmpty, starts[head] < position { removeFirst() }
    }

    mutating func removeAll() {
        head = hashes.count
        compact()
    }

    private mutating func compact() {
        hashes.removeSubrange(..<head)
        starts.removeSubrange(..<head)
        head = 0
    }
}

extension JournalPosition {
    /// Which one comes first in the journal that both are of.
    static func < (one: JournalPosition, other: JournalPosition) -> Bool {
        (one.segment, one.offset) < (other.segment, other.offset)
    }
}
