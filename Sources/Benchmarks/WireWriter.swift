/// Writes what devices send in binary forms, as far as the benchmarks need it.
struct WireWriter {
    /// One record of SenML.
    struct Record {
        var baseName: String?
        var baseTime: Double?
        var name: String
        var unit: String
        var value: Double
        var time: Double?
    }

    /// One metric of Sparkplug, a double.
    struct Metric {
        var name: String?
        var alias: Int
        var atMs: Int64
        var value: Double
    }

    private var bytes: [UInt8] = []

    // MARK: - CBOR (RFC 8949)

    /// A SenML pack as CBOR (RFC 8428 §6).
    static func senML(_ records: [Record]) -> [UInt8] {
        var writer = WireWriter()
        writer.head(4, UInt64(records.count))
        for record in records {
            let members = 3 + [record.baseName != nil, record.baseTime != nil, record.time != nil].count { $0 }
            writer.head(5, UInt64(members))
            if let name = record.baseName { writer.member(-2, text: name) }
            if let time = record.baseTime { writer.member(-3, number: time) }
            writer.member(0, text: record.name)
            writer.member(1, text: record.unit)
            writer.member(2, number: record.value)
            if let time = record.time { writer.member(6, number: time) }
        }
        return writer.bytes
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        switch argument {
        case 0..<24: bytes.append(major << 5 | UInt8(argument))
        case 24..<256: bytes += [major << 5 | 24, UInt8(argument)]
        case 256..<65_536:
            bytes.append(major << 5 | 25)
            bigEndian(argument, count: 2)
        default:
            bytes.append(major << 5 | 26)
            bigEndian(argument, count: 4)
        }
    }

    private mutating func bigEndian(_ number: UInt64, count: Int) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(index * 8))) }
    }

    private mutating func integer(_ number: Int) {
        number < 0 ? head(1, UInt64(-1 - number)) : head(0, UInt64(number))
    }

    private mutating func member(_ label: Int, text: String) {
        integer(label)
        head(3, UInt64(text.utf8.count))
        bytes += text.utf8
    }

    private mutating func member(_ label: Int, number: Double) {
        integer(label)
        if let whole = Int(exactly: number) { return integer(whole) }
        bytes.append(7 << 5 | 27)
        bigEndian(number.bitPattern, count: 8)
    }

    // MARK: - Protobuf

    static func sparkplug(_ metrics: [Metric], atMs: Int64, sequence: Int) -> [UInt8] {
        var writer = WireWriter()
        writer.varint(field: 1, UInt64(atMs))
        for metric in metrics {
            var content = WireWriter()
            if let name = metric.name { content.content(field: 1, Array(name.utf8)) }
            content.varint(field: 2, UInt64(metric.alias))
            content.varint(field: 3, UInt64(metric.atMs))
            content.varint(field: 4, 10)
            content.varint(13 << 3 | 1)
            for index in 0..<8 {
                content.bytes.append(UInt8(truncatingIfNeeded: metric.value.bitPattern >> UInt64(index * 8)))
            }
            writer.content(field: 2, content.bytes)
        }
        writer.varint(field: 3, UInt64(sequence))
        return writer.bytes
    }

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func varint(field: UInt64, _ number: UInt64) {
        varint(field << 3)
        varint(number)
    }

    private mutating func content(field: UInt64, _ content: [UInt8]) {
        varint(field << 3 | 2)
        varint(UInt64(content.count))
        bytes += content
    }
}
