/// The edge nodes that a Sparkplug host application follows.
///
/// ```
///   unknown ──NBIRTH──▶ online ──NDEATH of this session──▶ offline ──NBIRTH──▶ online
///      └─ DATA: before_birth, "begin anew"                    └─ DATA: before_birth, "begin anew"
/// ```
/// Pure: what a message does is worked out while it is decoded and takes effect with ``settle(_:atMs:)``, so that a message
/// that has to wait can be decoded again. What is to be done about it stands in ``takeNotices(atMs:)``.
///
/// - Source: Sparkplug 3.0.0 §5.
public struct SparkplugHost: Sendable {
    /// When nodes are asked to begin anew.
    public struct Settings: Sendable, Equatable {
        /// How long a message that was passed over may still come. Key `reorder_timeout`.
        public var reorderTimeoutMs: Int64 = 5_000
        /// How often one node is asked at most. Key `rebirth_interval`.
        public var rebirthIntervalMs: Int64 = 60_000

        public init() {}
    }

    /// What the rest of Sluice is to do.
    public enum Notice: Sendable, Equatable {
        /// Ask the node to send its births again.
        case rebirth(EdgeNodeID)
        /// These sensors, all that were born of the node or the device, will not be heard until it is born again.
        case death(sensors: [String], isWholeNode: Bool)
    }

    /// What a decoded message will do to the host's knowledge.
    enum Effect: Sendable {
        case none
        case data(node: Int, sequence: UInt8?)
        /// Data of a node or device that has not been born.
        case early(EdgeNodeID)
        case nodeBirth(EdgeNodeID, session: UInt64?, sequence: UInt8, Registration)
        case deviceBirth(node: Int, sequence: UInt8?, Registration)
        case nodeDeath(node: Int)
        case deviceDeath(node: Int, device: Int, sequence: UInt8?)
    }

    /// What a birth says of its metrics.
    struct Registration: Sendable {
        var device: [UInt8]
        var aliases: [(alias: UInt64, name: [UInt8], datatype: UInt32)] = []
        var datatypes: [[UInt8]: UInt32] = [:]
        var sensors: [String] = []
    }

    public var settings = Settings()
    private(set) var nodes: [EdgeNode] = []
    /// Nodes by `group/node`. The seed keeps chosen names from making lookups slow; nothing else depends on it.
    private var places = NameTable(seed: (.random(in: 0 ... .max), .random(in: 0 ... .max)), capacity: 16)
    private var deaths: [Notice] = []
    /// Until then, by our clock, nodes that wait for a host's word are given time to begin anew by themselves.
    private var patienceUntilMs = Int64.min
    /// Births, deaths, and messages that were passed over, since the last ``takeTally()``.
    private var tally = Tally()

    /// More nodes than this are not followed.
    static let mostNodes = 16_384

    public struct Tally: Sendable, Equatable {
        public var births = 0
        public var deaths = 0
        /// Messages that came, of nodes that had been born.
        public var received = 0
        /// Messages that were passed over, by their numbers.
        public var missing = 0
        /// Those of them that came after all.
        public var late = 0
        public var rebirthRequests = 0

        public init() {}

        fileprivate mutating func add(_ counts: FrameCounts, since before: FrameCounts) {
            let cameLate = counts.reordered - before.reordered
            received += Int(counts.received - before.received)
            missing += Int(counts.lost - before.lost + cameLate)
            late += Int(cameLate)
        }
    }

    /// Where the node stands whose group and name these are with a slash between, as topics and ``EdgeNodeID`` write them.
    func place(_ name: borrowing Span<UInt8>) -> Int? { places.index(of: name)?.int }

    /// Nodes that are to show whether they live: those of sensors that are known from before.
    public mutating func expect(_ ids: [EdgeNodeID]) {
        for id in ids {
            guard let node = add(id) else { return }
            nodes[node].isAwaited = true
        }
    }

    /// A new connection: what was missed meanwhile nobody knows, so every node is unknown until it is born again.
    public mutating func connectionBegins(atMs: Int64) {
        patienceUntilMs = atMs + settings.reorderTimeoutMs
        for node in nodes.indices {
            nodes[node].end()
            (nodes[node].isAwaited, nodes[node].isAskDue, nodes[node].askedAtMs) = (true, false, nil)
        }
    }

    /// Other routes hold from now on. What aliases stand for is known still; which sensors die with a device only a birth
    /// that is read by these routes says, so living nodes are asked for theirs.
    public mutating func routesChanged() {
        for node in nodes.indices where nodes[node].isOnline { nodes[node].isAskDue = true }
    }

    private mutating func add(_ id: EdgeNodeID) -> Int? {
        let name = Array(id.description.utf8)
        if let place = place(name.span) { return place }
        guard nodes.count < Self.mostNodes else { return nil }
        nodes.append(EdgeNode(id))
        places.insert(name.span, SensorIndex(rawValue: UInt32(nodes.count - 1)))
        return nodes.count - 1
    }

    // MARK: - Effects

    mutating func settle(_ effect: Effect, atMs: Int64) {
        switch effect {
        case .none: return
        case .data(let node, let sequence): follow(node, sequence, atMs)
        case .early(let id):
            guard let node = add(id) else { return }
            nodes[node].isAskDue = true
        case .nodeBirth(let id, let session, let sequence, let registration):
            guard let node = add(id) else { return }
            let before = nodes[node].numbers.counts
            nodes[node].begin(session: session, sequence: sequence)
            tally.add(nodes[node].numbers.counts, since: before)
            register(registration, node: node)
        case .deviceBirth(let node, let sequence, let registration):
            follow(node, sequence, atMs)
            register(registration, node: node)
        case .nodeDeath(let node): nodeDied(node)
        case .deviceDeath(let node, let device, let sequence):
            follow(node, sequence, atMs)
            deviceDied(node, device)
        }
    }

    private mutating func follow(_ node: Int, _ sequence: UInt8?, _ atMs: Int64) {
        guard let sequence else { return }
        let before = nodes[node].numbers.counts
        nodes[node].numbers.follow(sequence, atMs: atMs)
        tally.add(nodes[node].numbers.counts, since: before)
    }

    /// What the node of a message will have counted once the message has taken effect; nil for a message that has no number.
    func counts(after effect: Effect) -> FrameCounts? {
        switch effect {
        case .data(let node, let sequence?), .deviceBirth(let node, let sequence?, _):
            var numbers = nodes[node].numbers
            numbers.follow(sequence, atMs: 0)
            return numbers.counts
        case .nodeBirth(let id, _, let sequence, _):
            let name = Array(id.description.utf8)
            var numbers = place(name.span).map { nodes[$0].numbers } ?? MessageNumbers()
            numbers.begin(sequence)
            return numbers.counts
        default: return nil
        }
    }

    private mutating func register(_ birth: Registration, node: Int) {
        tally.births += 1
        let place: Int
        if let known = nodes[node].device(birth.device.span) {
            place = known
        } else {
            guard nodes[node].devices.count < EdgeNode.mostDevices else { return }
            nodes[node].devices.append(EdgeNode.Device(name: birth.device, isOnline: true))
            place = nodes[node].devices.count - 1
        }
        nodes[node].devices[place].isOnline = true
        nodes[node].devices[place].datatypes = birth.datatypes
        nodes[node].devices[place].sensors = birth.sensors
        for (alias, name, datatype) in birth.aliases where nodes[node].aliases.count < EdgeNode.mostAliases {
            nodes[node].aliases.set(alias, AliasTable.Metric(name: name, datatype: datatype, device: place))
        }
    }

    private mutating func nodeDied(_ node: Int) {
        tally.deaths += 1
        let sensors = nodes[node].devices.flatMap(\.sensors)
        nodes[node].end()
        if !sensors.isEmpty { deaths.append(.death(sensors: sensors, isWholeNode: true)) }
    }

    private mutating func deviceDied(_ node: Int, _ device: Int) {
        tally.deaths += 1
        nodes[node].devices[device].isOnline = false
        let sensors = nodes[node].devices[device].sensors
        if !sensors.isEmpty { deaths.append(.death(sensors: sensors, isWholeNode: false)) }
    }

    // MARK: - Notices

    /// Most nodes that are asked to begin anew at once: their births would come all together.
    static let mostAskedAtOnce = 20

    /// What has become due.
    public mutating func takeNotices(atMs: Int64) -> [Notice] {
        var notices = deaths
        deaths = []
        var asked = 0
        for node in nodes.indices where asked < Self.mostAskedAtOnce {
            if let since = nodes[node].numbers.missingSinceMs, atMs - since >= settings.reorderTimeoutMs || atMs < since
            {
                nodes[node].isAskDue = true
                nodes[node].numbers.forgetMissing()
            }
            if nodes[node].isAwaited, atMs >= patienceUntilMs || atMs < patienceUntilMs - settings.reorderTimeoutMs {
                (nodes[node].isAwaited, nodes[node].isAskDue) = (false, true)
            }
            guard nodes[node].isAskDue, mayAsk(node, atMs) else { continue }
            (nodes[node].isAskDue, nodes[node].askedAtMs) = (false, atMs)
            tally.rebirthRequests += 1
            asked += 1
            notices.append(.rebirth(nodes[node].id))
        }
        return notices
    }

    private func mayAsk(_ node: Int, _ atMs: Int64) -> Bool {
        guard let askedAtMs = nodes[node].askedAtMs else { return true }
        return atMs - askedAtMs >= settings.rebirthIntervalMs || atMs < askedAtMs
    }

    public mutating func takeTally() -> Tally {
        defer { tally = Tally() }
        return tally
    }
}
