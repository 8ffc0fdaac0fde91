/// One metric of a Sparkplug payload, as the wire has it: names and texts are ranges of the payload.
///
/// - Source: Sparkplug 3.0.0 §6.4 and `sparkplug_b.proto`.
struct SparkplugMetric {
    /// Datatypes of single values. What else there is (data sets, templates, arrays) measures nothing.
    enum Datatype: UInt32, Sendable {
        case int8 = 1
        case int16, int32, int64, uint8, uint16, uint32, uint64, float, double, boolean, string, dateTime, text
    }

    enum Value {
        case none
        case int(UInt32)
        case long(UInt64)
        case float(Float)
        case double(Double)
        case boolean(Bool)
        case string(Range<Int>)
        /// A data set, a template, bytes.
        case other
    }

    var name: Range<Int>?
    var alias: UInt64?
    var timestampMs: UInt64?
    /// As stated; nil where only the birth says it.
    var datatype: UInt32?
    var isHistorical = false
    var isNull = false
    /// Whether the device says that the value is not to be used: OPC's quality is other than good.
    var isBad = false
    var value = Value.none

    /// OPC's code for a value that may be used (Sparkplug 3.0.0 §6.4.7).
    private static let good: UInt64 = 192

    init(_ range: Range<Int>, _ payload: borrowing Span<UInt8>) throws(DecodeError) {
        var fields = ProtobufReader(range)
        while let tag = try fields.tag(of: payload) {
            switch tag {
            case .bytes(1): name = try fields.content(of: payload)
            case .varint(2): alias = try fields.varint(of: payload)
            case .varint(3): timestampMs = try fields.varint(of: payload)
            case .varint(4): datatype = UInt32(truncatingIfNeeded: try fields.varint(of: payload))
            case .varint(5): isHistorical = try fields.varint(of: payload) != 0
            case .varint(7): isNull = try fields.varint(of: payload) != 0
            case .bytes(9): try readQuality(try fields.content(of: payload), payload)
            case .varint(10): value = .int(UInt32(truncatingIfNeeded: try fields.varint(of: payload)))
            case .varint(11): value = .long(try fields.varint(of: payload))
            case .fixed32(12): value = .float(Float(bitPattern: try fields.fixed32(of: payload)))
            case .fixed64(13): value = .double(Double(bitPattern: try fields.fixed64(of: payload)))
            case .varint(14): value = .boolean(try fields.varint(of: payload) != 0)
            case .bytes(15): value = .string(try fields.content(of: payload))
            case .bytes(16), .bytes(17), .bytes(18):
                _ = try fields.content(of: payload)
                value = .other
            default: try fields.skip(tag, of: payload)
            }
        }
    }

    /// A property set is two lists side by side: keys and values.
    private mutating func readQuality(_ range: Range<Int>, _ payload: borrowing Span<UInt8>) throws(DecodeError) {
        var (keys, values) = (ProtobufReader(range), ProtobufReader(range))
        while let key = try keys.next(of: payload) {
            guard key.number == 1, case .bytes(let name) = key.value else { continue }
            var found: Range<Int>?
            while found == nil, let value = try values.next(of: payload) {
                if value.number == 2, case .bytes(let content) = value.value { found = content }
            }
            guard let found, payload.extracting(name).isASCII("Quality") else { continue }
            var parts = ProtobufReader(found)
            while let part = try parts.next(of: payload) {
                guard part.number == 3 || part.number == 4, case .varint(let code) = part.value else { continue }
                isBad = code != Self.good
            }
        }
    }

    /// A number of a datatype; signed ones travel in unsigned fields. Nil for text and for what is no single value.
    static func number(_ value: Value, as datatype: Datatype?) -> Double? {
        switch value {
        case .int(let bits):
            switch datatype {
            case .int8: Double(Int8(truncatingIfNeeded: bits))
            case .int16: Double(Int16(truncatingIfNeeded: bits))
            case .int32: Double(Int32(bitPattern: bits))
            default: Double(bits)
            }
        case .long(let bits): datatype == .int64 ? Double(Int64(bitPattern: bits)) : Double(bits)
        case .float(let number): Double(number)
        case .double(let number): number
        case .boolean, .string, .none, .other: nil
        }
    }
}

/// The head of a Sparkplug payload, and where its metrics stand.
struct SparkplugPayload {
    var timestampMs: UInt64?
    var sequence: UInt64?
    var isCompressed = false

    /// How some encoders mark a body that is deflated.
    private static let compressed: StaticString = "SPBV1.0_COMPRESSED"

    init(_ payload: borrowing Span<UInt8>) throws(DecodeError) {
        var fields = ProtobufReader(0..<payload.count)
        while let tag = try fields.tag(of: payload) {
            switch tag {
            case .varint(1): timestampMs = try fields.varint(of: payload)
            case .varint(3): sequence = try fields.varint(of: payload)
            case .bytes(4):
                isCompressed = payload.extracting(try fields.content(of: payload)).isASCII(Self.compressed)
            default: try fields.skip(tag, of: payload)
            }
        }
    }
}
