/// Whether a daemon acknowledged nothing before it was on the disk, by its system calls.
///
/// ```
///   read PUBLISH 7 ──▶ write to the log ──▶ fdatasync … returns ──▶ write PUBACK 7
/// ```
public struct AcknowledgementOrder: Sendable {
    /// Acknowledgements that were looked at.
    public private(set) var acknowledged = 0
    /// Packet ids that were acknowledged without a sync of the log between, which had begun after a write to it, which had begun
    /// after the message was read.
    public private(set) var premature: [UInt16] = []

    /// - Parameter log: the end of the path of the file that must be synced.
    public init(of trace: SystemCallTrace, log: String = "-wal") {
        let connection = Self.connection(in: trace)
        var incoming = PacketReader(), outgoing = PacketReader()
        /// When each message was read, by packet id: a line of the trace.
        var readAt: [UInt16: Int] = [:]
        var logWrites: [Int] = []
        /// Syncs: when they began, and when they had ended.
        var syncs: [(began: Int, ended: Int)] = []
        // In the order in which the effects became certain: reads and syncs when they had ended, writes when they began.
        let calls = trace.calls.sorted { Self.moment($0) < Self.moment($1) }
        for call in calls where call.result >= 0 {
            switch call.name {
            case "pwrite64" where call.target.hasSuffix(log): logWrites.append(call.began)
            case "fdatasync" where call.target.hasSuffix(log), "fsync" where call.target.hasSuffix(log):
                syncs.append((call.began, call.ended))
            case "read" where call.target == connection, "recvfrom" where call.target == connection:
                for packet in incoming.take(call.bytes) {
                    if let id = packet.publishID { readAt[id] = call.ended }
                }
            case "write" where call.target == connection, "sendto" where call.target == connection:
                for packet in outgoing.take(call.bytes) {
                    guard let id = packet.acknowledgedID else { continue }
                    acknowledged += 1
                    let isDurable = readAt[id].map { read in
                        guard let written = logWrites.first(where: { $0 > read }) else { return false }
                        return syncs.contains { $0.began > written && $0.ended < call.began }
                    }
                    if isDurable != true { premature.append(id) }
                }
            default: break
            }
        }
    }

    /// The socket on which the process said CONNECT.
    private static func connection(in trace: SystemCallTrace) -> String? {
        trace.calls.first { $0.name == "write" && $0.target.hasPrefix("socket:") && $0.bytes.first == 0x10 }?.target
    }

    private static func moment(_ call: SystemCallTrace.Call) -> Int {
        call.name.hasSuffix("read") || call.name.hasSuffix("sync") || call.name == "recvfrom" ? call.ended : call.began
    }
}

/// MQTT packets, whole, from one direction of a connection.
struct PacketReader {
    struct Packet {
        var kind: PacketScanner.Kind
        var bytes: [UInt8]

        /// The packet id of a PUBLISH at QoS 1.
        var publishID: UInt16? {
            guard kind == .publish, bytes[0] & 0x06 == 0x02,
                let lengthEnd = bytes.dropFirst().firstIndex(where: { $0 & 0x80 == 0 })
            else { return nil }
            let topicLength = Int(bytes[lengthEnd + 1]) << 8 | Int(bytes[lengthEnd + 2])
            return id(at: lengthEnd + 3 + topicLength)
        }

        /// The packet id of a PUBACK.
        var acknowledgedID: UInt16? { kind == .puback ? id(at: 2) : nil }

        private func id(at index: Int) -> UInt16 { UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]) }
    }

    private var scanner = PacketScanner()
    private var begun: [UInt8] = []

    mutating func take(_ bytes: [UInt8]) -> [Packet] {
        var packets: [Packet] = []
        for byte in bytes {
            begun.append(byte)
            guard let kind = scanner.take(byte) else { continue }
            packets.append(Packet(kind: kind, bytes: begun))
            begun.removeAll()
        }
        return packets
    }
}
