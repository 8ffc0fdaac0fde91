internal import Open311

/// The numbers that were given to incident keys lately, wherever their requests are by now.
///
/// A request can leave the book and its incident be met again: rules and registries change and change back, a disk was full,
/// a store was damaged. Then the incident gets the number that it had, and its history goes on.
///
/// It is no part of the saved state. A start reads it from the store, so what is remembered has to follow from what is
/// stored alone: it is the newest ``most`` numbers, in a run that was never interrupted as in one that begins.
///
/// - Complexity: O(1). Memory: about 0.2 kB a number.
struct IssuedNumbers: Sendable {
    /// How many are remembered: more than were ever filed alone on a full disk and met later.
    static let most = 10_000

    private var numbers: [String: Int64]
    /// Ascending, from ``first`` on.
    private var newest: [(number: Int64, key: String)] = []
    private var first = 0
    /// The number of a request's last update when it left the book.
    private var lastUpdates: [Int64: Int] = [:]

    /// - Parameter stored: all that may be met while a log is replayed, however many.
    init(_ stored: [String: Int64] = [:]) { numbers = stored }

    subscript(key: String) -> Int64? { numbers[key] }

    /// The last update of a request that is not in the book.
    func lastUpdate(of number: Int64) -> Int { lastUpdates[number] ?? 0 }

    /// `number` was given to `key`: a greater one than all before, unless it is known.
    mutating func note(_ number: Int64, for key: String) {
        guard numbers.updateValue(number, forKey: key) == nil else { return }
        newest.append((number, key))
        guard newest.count - first > Self.most else { return }
        forget(newest[first])
        first += 1
        guard first > Self.most else { return }
        newest.removeFirst(first)
        first = 0
    }

    /// A request leaves the book.
    mutating func release(_ request: ServiceRequest, lastUpdate: Int) {
        guard numbers[request.incidentKey] == request.id else { return }
        lastUpdates[request.id] = lastUpdate
    }

    /// The log has been met: from here on only the newest are remembered.
    mutating func endReplay(_ updates: [Int64: Int]) {
        let ordered = numbers.sorted { $0.value < $1.value }.suffix(Self.most)
        newest = ordered.map { ($0.value, $0.key) }
        first = 0
        numbers = Dictionary(uniqueKeysWithValues: ordered.map { ($0.key, $0.value) })
        lastUpdates = updates.filter { (newest.first?.number ?? .max) <= $0.key }
    }

    private mutating func forget(_ old: (number: Int64, key: String)) {
        numbers[old.key] = nil
        lastUpdates[old.number] = nil
    }
}
