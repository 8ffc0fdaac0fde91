extension MessageDecoder {
    /// Decodes a SenML pack as CBOR (RFC 8428 §6).
    mutating func decodeSenMLCBOR(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        joined.clear()
        var reader = CBORReader()
        let all = try reader.head(of: payload)
        guard all.major == 4 else { throw DecodeError(.malformed, "payload", .senMLArray) }
        var pack = SenMLPack()
        var taken: UInt64 = 0
        while reader.hasNext(all, taken: taken, in: payload) {
            let head = try reader.head(of: payload)
            guard head.major == 5 else { throw reader.malformed("a record", payload) }
            var record = SenMLPack.Record()
            var members: UInt64 = 0
            while reader.hasNext(head, taken: members, in: payload) {
                try takeMember(&reader, payload, into: &record, of: &pack)
                members += 1
            }
            try finish(record, of: &pack, in: payload, plan, known: known, arrival: arrival)
            taken += 1
        }
        guard reader.isAtEnd(of: payload) else { throw reader.malformed("the end", payload) }
        if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields + plan.sums) }
    }

    /// One member of a CBOR record: a label and its value.
    @inline(__always)
    private mutating func takeMember(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>, into record: inout SenMLPack.Record,
        of pack: inout SenMLPack
    ) throws(DecodeError) {
        let label: SenMLPack.Label?
        if let number = reader.shortInteger(of: payload) {
            label = SenMLPack.Label(rawValue: number)
        } else {
            label = try longLabel(&reader, payload)
        }
        guard let label else { return try reader.skip(payload) }
        switch label {
        case .name: record.name = try text(&reader, payload)
        case .unit: record.unit = try text(&reader, payload)
        case .value: record.value = try number(&reader, payload)
        case .time: record.time = try number(&reader, payload)
        case .baseName: pack.baseName = try text(&reader, payload)
        case .baseTime: pack.baseTime = try number(&reader, payload)
        case .baseUnit: pack.baseUnit = try text(&reader, payload)
        case .baseValue: pack.baseValue = try number(&reader, payload)
        case .text: record.text = try text(&reader, payload)
        case .truth:
            guard case .truth(let truth) = try reader.scalar(of: payload, text: &scratch) else { throw Self.wrongType }
            record.truth = truth
        case .baseVersion: try Self.check(version: try number(&reader, payload))
        case .sum: record.sum = try number(&reader, payload)
        case .baseSum: pack.baseSum = try number(&reader, payload)
        case .updateTime, .data: try reader.skip(payload)
        }
    }

    private static let wrongType = DecodeError(.wrongType, "record", .senMLType)

    /// A label that is no number of one byte: a text, which may be JSON's.
    @inline(never)
    private mutating func longLabel(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> SenMLPack.Label? {
        switch try reader.scalar(of: payload, text: &scratch) {
        case .number(.integer(let number)): return SenMLPack.Label(rawValue: number)
        case .text:
            let label = SenMLPack.Label(scratch.span)
            if label == nil, scratch.last == UInt8(ascii: "_") { throw Self.mandatory(Excerpt(scratch)) }
            return label
        default: throw reader.malformed("a label", payload)
        }
    }

    @inline(__always)
    private mutating func text(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> SenMLPack.Text {
        if let range = reader.shortText(of: payload) {
            return SenMLPack.Text(start: range.lowerBound, end: range.upperBound)
        }
        return try longText(&reader, payload)
    }

    /// A text of whatever form is put together in ``joined``, behind a copy of the payload: every place is right there, too.
    @inline(never)
    private mutating func longText(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> SenMLPack.Text {
        guard case .text = try reader.scalar(of: payload, text: &scratch) else { throw Self.wrongType }
        if joined.isEmpty { joined.assign(payload) }
        let (start, text) = (joined.count, scratch)
        joined.append(text.span)
        return SenMLPack.Text(start: start, end: joined.count)
    }

    @inline(__always)
    private mutating func number(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> Double {
        if let number = reader.shortNumber(of: payload) { return number }
        return try longNumber(&reader, payload)
    }

    @inline(never)
    private mutating func longNumber(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> Double {
        guard case .number(let number) = try reader.scalar(of: payload, text: &scratch) else { throw Self.wrongType }
        return number.double
    }

    @inline(__always)
    private mutating func finish(
        _ record: SenMLPack.Record, of pack: inout SenMLPack, in payload: borrowing Span<UInt8>, _ plan: RoutePlan,
        known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        let unit = record.unit ?? pack.baseUnit
        if joined.isEmpty {
            return try finish(
                record, of: &pack, base: payload.extracting(pack.baseName.range),
                name: payload.extracting(record.name.range),
                unit: payload.extracting(unit.range), text: payload.extracting(record.text.range), plan, known: known,
                arrival: arrival)
        }
        let joined = joined
        try joined.withBytes { bytes throws(DecodeError) in
            try finish(
                record, of: &pack, base: bytes.extracting(pack.baseName.range),
                name: bytes.extracting(record.name.range), unit: bytes.extracting(unit.range),
                text: bytes.extracting(record.text.range), plan, known: known, arrival: arrival)
        }
    }
}

extension SenMLPack.Text? {
    /// The bytes that it fills; none for no text.
    @inline(__always)
    fileprivate var range: Range<Int> { map { $0.start..<$0.end } ?? 0..<0 }
}
