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
    var numbers = MessageNumbers()
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

    /// Begins a session.
    mutating func begin(session: UInt64?, sequence: UInt8) {
        (isOnline, self.session) = (true, session)
        numbers.begin(sequence)
        (isAskDue, isAwaited) = (false, false)
        aliases = AliasTable()
        for index in devices.indices {
            devices[index].isOnline = index == 0
            devices[index].datatypes = [:]
        }
    }

    mutating func end() {
        isOnline = false
        numbers.forgetMissing()
        for index in devices.indices { devices[index].isOnline = false }
    }
}
