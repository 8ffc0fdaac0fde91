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
        while start <= topic.count {
            guard count < 5 else { return nil }
            let end = topic.firstIndex(of: UInt8(ascii: "/"), from: start)
            levels[count] = start..<end
            (count, start) = (count + 1, end + 1)
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

    @inline(__always)
    static func isInNamespace(_ topic: borrowing Span<UInt8>) -> Bool {
        topic.count > 8 && topic.word(at: 0) == 0x2F30_2E31_7642_7073  // spBv1.0/
    }

    /// Compared as words of characters, the first in the lowest place; by texts it cost as much as the rest of the topic.
    private static func kind(_ level: borrowing Span<UInt8>) -> Kind? {
        switch (level.count, level.lastWord(from: 0)) {
        case (5, 0x41_5441_444E): .nodeData  // NDATA
        case (5, 0x41_5441_4444): .deviceData  // DDATA
        case (6, 0x4854_5249_424E): .nodeBirth  // NBIRTH
        case (6, 0x4854_5249_4244): .deviceBirth  // DBIRTH
        case (6, 0x4854_4145_444E): .nodeDeath  // NDEATH
        case (6, 0x4854_4145_4444): .deviceDeath  // DDEATH
        case (4, 0x444D_434E), (4, 0x444D_4344): .command  // NCMD, DCMD
        default: nil
        }
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
