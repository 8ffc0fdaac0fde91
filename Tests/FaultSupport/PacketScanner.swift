/// Finds the packets in one direction of an MQTT connection, in whatever pieces its bytes come.
///
/// - Source: MQTT 5.0 §2.1.1, the fixed header.
public struct PacketScanner: Sendable {
    /// Types of control packets, as the upper half of the first byte tells them.
    public enum Kind: UInt8, Sendable {
        case connect = 1, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback
        case pingreq, pingresp, disconnect, auth
    }

    private enum Stage: Sendable { case first, length, body }

    private var stage = Stage.first
    private var kind: Kind?
    private var left = 0
    private var shift = 0

    public init() {}

    /// Takes the next byte.
    ///
    /// - Returns: the packet's kind when the byte is its last.
    public mutating func take(_ byte: UInt8) -> Kind? {
        switch stage {
        case .first:
            (kind, left, shift, stage) = (Kind(rawValue: byte >> 4), 0, 0, .length)
            return nil
        case .length:
            left |= Int(byte & 0x7F) << shift
            shift += 7
            guard byte & 0x80 == 0 else { return nil }
            stage = left == 0 ? .first : .body
            return left == 0 ? kind : nil
        case .body:
            left -= 1
            guard left == 0 else { return nil }
            stage = .first
            return kind
        }
    }
}
