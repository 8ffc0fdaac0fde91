/// What a host knows of one edge node: whether it lives, which message is next, and what its aliases stand for.
///
/// A birth says all of it, and a new birth replaces it: nothing here has to outlive the process.
struct EdgeNode: Sendable {
    struct Device: Sendable {
        /// Empty for the node itself.
        var name: [UInt8]
        var isOnline: Bool
        /// Datatypes of metrics that have no alias.
        var datatypes: [[UInt8]: UInt32] = [:]
        /// Sensors that its metrics have become.
        var sensors: [String] = []
    }

    let id: EdgeNodeID
    var isOnline = false
    /// Which of the node's sessions this is; a death counts for its own alone.
    var session: UInt64?
    /// The node first, then its devices.
    var devices: [Device] = [Device(name: [], isOnline: false)]
    var aliases = AliasTable()
    /// The number that the next message must have, 0–255.
    var next: UInt8 = 0
    /// Numbers that were passed over and may still come.
    private(set) var missing = SequenceSet()
    /// Since when something is missing, by our clock; nil while nothing is.
    private(set) var missingSinceMs: Int64?
    /// When it was last asked to begin anew.
    var askedAtMs: Int64?
    var isAskDue = false
    /// Whether it is to be asked unless it begins anew by itself soon.
    var isAwaited = false

    /// A node with more is a mistake or an attack.
    static let mostAliases = 65_536
    static let mostDevices = 4096

    init(_ id: EdgeNodeID) { self.id = id }

    func device(_ name: borrowing Span<UInt8>) -> Int? {
        for index in devices.indices where devices[index].name.hasSameBytes(as: name) { return index }
        return nil
    }

    /// Takes up a message's number. Returns how many are newly missing.
    mutating func follow(_ number: UInt8, atMs: Int64) -> Int {
        if missing.remove(number) {
            if missing.isEmpty { missingSinceMs = nil }
            return 0
        }
        let ahead = number &- next
        // The one before is a repetition; no message overtakes so many others.
        guard ahead < 128 else { return 0 }
        for step in 0..<ahead { missing.insert(next &+ step) }
        if ahead > 0, missingSinceMs == nil { missingSinceMs = atMs }
        next = number &+ 1
        return Int(ahead)
    }

    /// Begins a session.
    mutating func begin(session: UInt64?, sequence: UInt8) {
        (isOnline, self.session, next) = (true, session, sequence &+ 1)
        forgetMissing()
        (isAskDue, isAwaited) = (false, false)
        aliases = AliasTable()
        for index in devices.indices {
            devices[index].isOnline = index == 0
            devices[index].datatypes = [:]
        }
    }

    mutating func end() {
        isOnline = false
        forgetMissing()
        for index in devices.indices { devices[index].isOnline = false }
    }

    mutating func forgetMissing() { (missing, missingSinceMs) = (SequenceSet(), nil) }
}

/// Some of the numbers 0–255.
struct SequenceSet: Sendable, Equatable {
    private var words = SIMD4<UInt64>(repeating: 0)

    var isEmpty: Bool { words == SIMD4(repeating: 0) }

    mutating func insert(_ number: UInt8) { words[Int(number >> 6)] |= 1 << UInt64(number & 63) }

    /// Whether it was there.
    mutating func remove(_ number: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(number & 63)
        defer { words[Int(number >> 6)] &= ~bit }
        return words[Int(number >> 6)] & bit != 0
    }
}
