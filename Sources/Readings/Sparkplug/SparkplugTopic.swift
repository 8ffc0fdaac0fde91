/// A topic of the Sparkplug B namespace: `spBv1.0/{group}/{message type}/{edge node}[/{device}]`.
///
/// - Source: Sparkplug 3.0.0 §4.2.
struct SparkplugTopic {
    enum Kind: Sendable {
        case nodeBirth, nodeDeath, nodeData, deviceBirth, deviceDeath, deviceData
        /// Commands, which hosts publish: our own come back to us.
        case command
    }

    /// `spBv1.0/group/` and the edge node are what names the node; the message type stands between them.
    var group, node: Range<Int>
    /// Empty for the edge node itself.
    var device: Range<Int>
    var kind: Kind

    static let namespace: StaticString = "spBv1.0/"

    /// Nil for what is no message of an edge node: another namespace, a host's STATE.
    init?(_ topic: borrowing Span<UInt8>) {
        guard Self.isInNamespace(topic) else { return nil }
        var levels = InlineArray<5, Range<Int>>(repeating: 0..<0)
        var (count, start) = (0, 0)
        for index in 0...topic.count where index == topic.count || topic[index] == UInt8(ascii: "/") {
            guard count < 5 else { return nil }
            levels[count] = start..<index
            (count, start) = (count + 1, index + 1)
        }
        guard count >= 4, !levels[1].isEmpty, !levels[3].isEmpty, let kind = Self.kind(topic.extracting(levels[2]))
        else { return nil }
        (group, node, device, self.kind) = (levels[1], levels[3], levels[4], kind)
        let isOfDevice =
            switch kind {
            case .deviceBirth, .deviceDeath, .deviceData: true
            case .nodeBirth, .nodeDeath, .nodeData: false
            case .command: !device.isEmpty
            }
        if isOfDevice != (count == 5 && !device.isEmpty) { return nil }
    }

    static func isInNamespace(_ topic: borrowing Span<UInt8>) -> Bool {
        let length = namespace.utf8CodeUnitCount
        guard topic.count > length else { return false }
        let head = topic.extracting(first: length)
        return namespace.withUTF8Buffer { unsafe head.hasSameBytes(as: $0.span) }
    }

    private static func kind(_ level: borrowing Span<UInt8>) -> Kind? {
        if level.isASCII("NDATA") { return .nodeData }
        if level.isASCII("DDATA") { return .deviceData }
        if level.isASCII("NBIRTH") { return .nodeBirth }
        if level.isASCII("DBIRTH") { return .deviceBirth }
        if level.isASCII("NDEATH") { return .nodeDeath }
        if level.isASCII("DDEATH") { return .deviceDeath }
        if level.isASCII("NCMD") || level.isASCII("DCMD") { return .command }
        return nil
    }
}

/// What names an edge node: its group and its own id. Neither may contain a slash.
public struct EdgeNodeID: Sendable, Hashable, CustomStringConvertible {
    public var group: String
    public var node: String

    public init(group: String, node: String) { (self.group, self.node) = (group, node) }

    /// The edge node that sensors name as what they are heard through; nil for any other gateway.
    public init?(gateway: String) {
        let levels = gateway.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == 3, levels[0] == "spBv1.0", !levels[1].isEmpty, !levels[2].isEmpty else { return nil }
        self.init(group: String(levels[1]), node: String(levels[2]))
    }

    /// As the gateway of the sensors behind it.
    public var gateway: String { "spBv1.0/\(group)/\(node)" }

    /// Where commands to it go.
    public var commandTopic: String { "spBv1.0/\(group)/NCMD/\(node)" }

    public var description: String { "\(group)/\(node)" }
}
