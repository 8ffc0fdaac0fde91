/// Message hashes that are kept for a while, of bounded size.
///
/// Two generations: what is inserted goes into the younger one, and ``age()``, called once a lifetime, drops the older one.
/// So each hash is kept for one to two lifetimes.
struct RecentMessages {
    private var younger, older: MessageBag
    private let limit: Int

    /// - Parameter limit: different hashes in a generation. A million take 25 MB.
    init(limit: Int) {
        self.limit = limit
        (younger, older) = (MessageBag(limit: limit), MessageBag(limit: limit))
    }

    var isEmpty: Bool { younger.isEmpty && older.isEmpty }

    func contains(_ hash: MessageHash) -> Bool { younger.contains(hash) || older.contains(hash) }

    /// False when there is no room, so that it will not be known.
    @discardableResult
    mutating func insert(_ hash: MessageHash) -> Bool { younger.insert(hash) }

    /// Takes it out once; false when it was not in.
    mutating func remove(_ hash: MessageHash) -> Bool { older.remove(hash) || younger.remove(hash) }

    /// Keeps it, if it is in, for as long as one that is inserted now.
    mutating func renew(_ hash: MessageHash) {
        if older.remove(hash) { younger.insert(hash) }
    }

    mutating func age() {
        older = younger
        younger = MessageBag(limit: limit)
    }

    mutating func removeAll() {
        younger.removeAll()
        older.removeAll()
    }
}
