import CSIMDJSON

extension MessageDecoder {
    /// Decodes a SenML pack as JSON (RFC 8428): an array of records.
    ///
    /// A record belongs to the route's field whose path its resolved name ends with; what stands before that, without the
    /// mark between, is the sensor's id, unless the route or the topic names it. A record without a unit has the field's.
    mutating func decodeSenML(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        guard let pack = plan.pack else { preconditionFailure("has a parser") }
        guard JSONElements(payload) != nil else { throw DecodeError(.notJSON, "payload", .senMLArray) }
        if let problem = pack.parser.parseEvents(payload) {
            throw DecodeError(problem, payload: payload, field: Excerpt("payload"))
        }
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        senML.begin()
        let members = pack.parser.members
        var place = 1  // behind the array's beginning
        while members[place].value.kind != CSJ_END {
            guard members[place].value.kind == CSJ_OBJECT else {
                throw DecodeError(.notJSON, "payload", .jsonObject, found: members[place].value.excerpt)
            }
            place = try takeRecord(members, from: place + 1)
            try finishRecord(plan, known: known, arrival: arrival)
        }
        if message.measurements.isEmpty { throw Self.nothingFound(plan.fields) }
    }

    /// The members of a record from `first` to its end. Returns the place behind it.
    private mutating func takeRecord(_ members: JSONMembers, from first: Int) throws(DecodeError) -> Int {
        senML.beginRecord()
        var place = first
        while members[place].value.kind != CSJ_END {
            let member = members[place]
            try take(member)
            let isContainer = member.value.kind == CSJ_OBJECT || member.value.kind == CSJ_ARRAY
            place = isContainer ? members.end(ofContainerAt: place) : place + 1
        }
        return place + 1
    }

    /// One member of a JSON record.
    private mutating func take(_ member: JSONMember) throws(DecodeError) {
        let value = member.value
        guard let label = member.withName({ SenMLPack.label($0) }) else {
            let isMandatory = member.withName { !$0.isEmpty && $0[$0.count - 1] == UInt8(ascii: "_") }
            if isMandatory { throw Self.mandatory(member.withName { Excerpt($0) }) }
            return
        }
        switch label {
        case .baseName: try Self.take(value, "bn", into: &senML.baseName)
        case .baseUnit: try Self.take(value, "bu", into: &senML.baseUnit)
        case .name: try Self.take(value, "n", into: &senML.name)
        case .unit:
            try Self.take(value, "u", into: &senML.unit)
            senML.hasUnit = true
        case .text:
            try Self.take(value, "vs", into: &senML.text)
            senML.hasText = true
        case .baseTime: senML.baseTime = try Self.number(value, "bt")
        case .baseValue: senML.baseValue = try Self.number(value, "bv")
        case .time: senML.time = try Self.number(value, "t")
        case .value: senML.value = try Self.number(value, "v")
        case .truth:
            guard value.kind == CSJ_TRUE || value.kind == CSJ_FALSE else {
                throw DecodeError(.wrongType, "vb", .truth, found: value.excerpt)
            }
            senML.truth = value.kind == CSJ_TRUE
        case .baseVersion: try Self.check(version: try Self.number(value, "bver"))
        case .baseSum, .sum, .updateTime, .data: return
        }
    }

    private static func take(
        _ value: JSONValue, _ field: StaticString, into text: inout [UInt8]
    ) throws(DecodeError) {
        guard value.kind == CSJ_STRING else { throw DecodeError(.wrongType, field, .string, found: value.excerpt) }
        value.withText { text.assign($0) }
    }

    private static func number(_ value: JSONValue, _ field: StaticString) throws(DecodeError) -> Double {
        switch value.kind {
        case CSJ_INTEGER, CSJ_DOUBLE: return value.number
        case CSJ_HUGE: throw DecodeError(.notFinite, field, .finite, found: value.excerpt)
        default: throw DecodeError(.wrongType, field, .number, found: value.excerpt)
        }
    }

    private static func check(version: Double) throws(DecodeError) {
        if version > SenMLPack.newestVersion {
            throw DecodeError(.malformed, "bver", .senMLVersion, found: Excerpt(Array("\(version)".utf8)))
        }
    }

    private static func mandatory(_ label: Excerpt) -> DecodeError {
        DecodeError(.malformed, field: label, .senMLLabel, found: Excerpt())
    }

    /// Decodes a SenML pack as CBOR (RFC 8428 §6).
    mutating func decodeSenMLCBOR(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        var reader = CBORReader()
        let pack = try reader.head(of: payload)
        guard pack.major == 4 else { throw DecodeError(.malformed, "payload", .senMLArray) }
        senML.begin()
        var taken: UInt64 = 0
        while reader.hasNext(pack, taken: taken, in: payload) {
            let record = try reader.head(of: payload)
            guard record.major == 5 else { throw reader.malformed("a record", payload) }
            senML.beginRecord()
            var members: UInt64 = 0
            while reader.hasNext(record, taken: members, in: payload) {
                try takeMember(&reader, payload)
                members += 1
            }
            try finishRecord(plan, known: known, arrival: arrival)
            taken += 1
        }
        guard reader.isAtEnd(of: payload) else { throw reader.malformed("the end", payload) }
        if message.measurements.isEmpty { throw Self.nothingFound(plan.fields) }
    }

    /// One member of a CBOR record: a label and its value.
    private mutating func takeMember(
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) {
        var label: SenMLPack.Label?
        switch try reader.scalar(of: payload, text: &scratch) {
        case .number(.integer(let number)): label = SenMLPack.Label(rawValue: number)
        case .text:
            label = SenMLPack.label(scratch.span)
            if label == nil, scratch.last == UInt8(ascii: "_") { throw Self.mandatory(Excerpt(scratch)) }
        default: throw reader.malformed("a label", payload)
        }
        guard let label else { return try reader.skip(payload) }
        switch label {
        case .baseSum, .sum, .updateTime, .data: return try reader.skip(payload)
        default: break
        }
        let value = try reader.scalar(of: payload, text: &scratch)
        switch (label, value) {
        // Buffers change places: nothing is copied, and all keep their room.
        case (.baseName, .text): swap(&senML.baseName, &scratch)
        case (.baseUnit, .text): swap(&senML.baseUnit, &scratch)
        case (.name, .text): swap(&senML.name, &scratch)
        case (.unit, .text):
            swap(&senML.unit, &scratch)
            senML.hasUnit = true
        case (.text, .text):
            swap(&senML.text, &scratch)
            senML.hasText = true
        case (.baseTime, .number(let number)): senML.baseTime = number.double
        case (.baseValue, .number(let number)): senML.baseValue = number.double
        case (.time, .number(let number)): senML.time = number.double
        case (.value, .number(let number)): senML.value = number.double
        case (.truth, .truth(let truth)): senML.truth = truth
        case (.baseVersion, .number(let number)): try Self.check(version: number.double)
        default: throw DecodeError(.wrongType, "record", .senMLType)
        }
    }

    /// Makes a measurement of the record, if it is of a field that the route reads.
    private mutating func finishRecord(_ plan: RoutePlan, known: Moment?, arrival: Arrival) throws(DecodeError) {
        senML.resolvedName(into: &scratch)
        guard senML.value != nil || senML.truth != nil || senML.hasText,
            let found = plan.paths.firstIndex(endingOf: scratch.span)
        else { return }
        let field = plan.fields[found]
        var moment: Moment
        if let known {
            moment = known
        } else {
            let name = scratch
            var length = name.count - field.path.count
            while length > 0, FieldPlan.isMark(name[length - 1]) { length -= 1 }
            let sensor = name.span.extracting(first: length)
            if let last = senML.last, message.withID(of: Int(last.sensor), { $0.hasSameBytes(as: sensor) }) {
                moment = last
            } else {
                id.assign(sensor)
                moment = try openSensor(plan, field: "name", arrival: arrival)
                senML.last = moment
            }
        }
        let seconds = senML.baseTime + senML.time
        if seconds.magnitude >= SenMLPack.leastAbsoluteTime {
            let read = seconds.magnitude < 1e13 ? TimeUnit.seconds.milliseconds(seconds) : nil
            moment.atMs = try Self.inRange(
                read, field: Excerpt("t"), found: Excerpt(Array("\(seconds)".utf8)))
            moment.hasOwnTime = true
        } else if seconds.isFinite {
            moment.atMs = arrival.atMs + Int64(seconds * 1000)
        } else {
            throw DecodeError(.badTimestamp, "t", .timestamp)
        }
        append(try value(of: field, moment: moment), of: field, at: moment)
    }

    private func value(of field: FieldPlan, moment: Moment) throws(DecodeError) -> Double {
        if let truth = senML.truth { return try field.value(truth) }
        guard let value = senML.value else {
            return try field.value(text: senML.text.span, mounting: moment.mounting)
        }
        let number = senML.baseValue + value
        let unit = senML.hasUnit ? senML.unit.span : senML.baseUnit.span
        return try field.value(
            number, stated: unit, mounting: moment.mounting, found: Excerpt(Array("\(number)".utf8)))
    }
}
