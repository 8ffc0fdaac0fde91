import Readings

/// Writes what a Sparkplug edge node says, for tests.
struct EdgeNodeMessages {
    enum Value {
        case int(UInt32, datatype: UInt64)
        case long(UInt64, datatype: UInt64)
        case float(Float)
        case double(Double)
        case boolean(Bool)
        case text(String)
        case null
        /// A data set.
        case table
        /// No value at all, and no word that it is null.
        case nothing
    }

    struct Metric {
        var name: String?
        var alias: UInt64?
        var value: Value
        var atMs: Int64?
        var isHistorical = false
        /// OPC's quality; 192 is good.
        var quality: UInt32?
        /// Births say it; data may leave it out.
        var statesDatatype = true

        init(
            _ name: String?, _ value: Value, alias: UInt64? = nil, atMs: Int64? = nil, isHistorical: Bool = false,
            quality: UInt32? = nil, statesDatatype: Bool = true
        ) {
            (self.name, self.value, self.alias, self.atMs) = (name, value, alias, atMs)
            (self.isHistorical, self.quality, self.statesDatatype) = (isHistorical, quality, statesDatatype)
        }
    }

    /// 2026-05-01T06:00:00Z
    static let noon: Int64 = 1_777_615_200_000

    static func payload(_ metrics: [Metric], sequence: UInt64?, atMs: Int64? = noon) -> [UInt8] {
        var payload = ProtobufWriter()
        if let atMs { payload.number(1, UInt64(atMs)) }
        for metric in metrics { payload.message(2, encoded(metric)) }
        if let sequence { payload.number(3, sequence) }
        return payload.bytes
    }

    static func birth(_ metrics: [Metric], session: UInt64 = 0, sequence: UInt64 = 0) -> [UInt8] {
        payload(
            [Metric("bdSeq", .long(session, datatype: 4)), Metric("Node Control/Rebirth", .boolean(false))] + metrics,
            sequence: sequence)
    }

    static func death(session: UInt64) -> [UInt8] {
        payload([Metric("bdSeq", .long(session, datatype: 4))], sequence: nil)
    }

    private static func encoded(_ metric: Metric) -> ProtobufWriter {
        var bytes = ProtobufWriter()
        if let name = metric.name { bytes.text(1, name) }
        if let alias = metric.alias { bytes.number(2, alias) }
        if let atMs = metric.atMs { bytes.number(3, UInt64(atMs)) }
        if metric.statesDatatype, let datatype = datatype(metric.value) { bytes.number(4, datatype) }
        if metric.isHistorical { bytes.number(5, 1) }
        if let quality = metric.quality { bytes.message(9, properties(quality)) }
        switch metric.value {
        case .int(let value, _): bytes.number(10, UInt64(value))
        case .long(let value, _): bytes.number(11, value)
        case .float(let value): bytes.float(12, value)
        case .double(let value): bytes.double(13, value)
        case .boolean(let value): bytes.number(14, value ? 1 : 0)
        case .text(let value): bytes.text(15, value)
        case .null: bytes.number(7, 1)
        case .table: bytes.content(17, [])
        case .nothing: break
        }
        return bytes
    }

    private static func datatype(_ value: Value) -> UInt64? {
        switch value {
        case .int(_, let datatype), .long(_, let datatype): datatype
        case .float: 9
        case .double: 10
        case .boolean: 11
        case .text: 12
        case .table: 16
        case .null, .nothing: nil
        }
    }

    private static func properties(_ quality: UInt32) -> ProtobufWriter {
        var (unit, code, set) = (ProtobufWriter(), ProtobufWriter(), ProtobufWriter())
        unit.text(8, "L/s")
        code.number(1, 3)
        code.number(3, UInt64(quality))
        set.text(1, "engUnit")
        set.text(1, "Quality")
        set.message(2, unit)
        set.message(2, code)
        return set
    }
}
