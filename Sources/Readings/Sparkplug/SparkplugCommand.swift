/// What a Sparkplug host application says.
public enum SparkplugCommand {
    /// The payload of the command that asks an edge node to send its births again.
    ///
    /// - Source: Sparkplug 3.0.0 §6.4.24 and `sparkplug_b.proto`. Commands carry no sequence number.
    public static func rebirth(atMs: Int64) -> [UInt8] {
        var metric = ProtobufWriter()
        metric.text(1, "Node Control/Rebirth")
        metric.number(3, UInt64(bitPattern: max(0, atMs)))
        metric.number(4, UInt64(SparkplugMetric.Datatype.boolean.rawValue))
        metric.number(14, 1)
        var payload = ProtobufWriter()
        payload.number(1, UInt64(bitPattern: max(0, atMs)))
        payload.message(2, metric)
        return payload.bytes
    }

    /// What a host says of itself under ``stateTopic(host:)``, as birth and as will.
    public static func state(isOnline: Bool, atMs: Int64) -> String {
        "{\"online\":\(isOnline),\"timestamp\":\(atMs)}"
    }

    public static func stateTopic(host: String) -> String { "spBv1.0/STATE/\(host)" }

    /// Whether a host's state says that it is offline.
    public static func saysOffline(_ payload: borrowing Span<UInt8>) -> Bool {
        var text: [UInt8] = []
        for index in payload.indices where payload[index] > 0x20 { text.append(payload[index]) }
        return String(decoding: text, as: UTF8.self).contains("\"online\":false")
    }

    /// Why a text can't be a host's id, or nil if it can: it is a level of a topic.
    public static func problem(withHost id: String) -> String? {
        if id.isEmpty { return "must not be empty" }
        if id.utf8.count > 128 { return "must be at most 128 bytes" }
        if id.unicodeScalars.contains(where: { "/+#\u{0}".unicodeScalars.contains($0) }) {
            return "must be one level of a topic, without / + and #, found \"\(id)\""
        }
        return nil
    }
}

/// Puts a protobuf message together.
package struct ProtobufWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A varint: any whole number, a truth.
    package mutating func number(_ field: UInt64, _ value: UInt64) {
        varint(field << 3)
        varint(value)
    }

    package mutating func double(_ field: UInt64, _ value: Double) {
        varint(field << 3 | 1)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift * 8))) }
    }

    package mutating func float(_ field: UInt64, _ value: Float) {
        varint(field << 3 | 5)
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift * 8))) }
    }

    package mutating func text(_ field: UInt64, _ value: String) { content(field, Array(value.utf8)) }

    package mutating func message(_ field: UInt64, _ value: ProtobufWriter) { content(field, value.bytes) }

    package mutating func content(_ field: UInt64, _ value: [UInt8]) {
        varint(field << 3 | 2)
        varint(UInt64(value.count))
        bytes += value
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
