import CSIMDJSON

extension MessageDecoder {
    /// Decodes a SenML pack as JSON (RFC 8428): an array of records.
    ///
    /// A record belongs to the route's field whose path its resolved name ends with; what stands before that, without the
    /// mark between, is the sensor's id, unless the route or the topic names it. A record without a unit has the field's.
    mutating func decodeSenML(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        guard var records = JSONElements(payload), let parser = plan.records else {
            throw DecodeError(.notJSON, "payload", .senMLArray)
        }
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        plan.senML.begin()
        while true {
            switch records.next(in: payload) {
            case .end:
                if message.measurements.isEmpty { throw Self.nothingFound(plan.fields) }
                return
            case .malformed(let offset):
                var found = Excerpt("something else at byte ")
                found.append(number: offset)
                throw DecodeError(.notJSON, "payload", .soundJSON, found: found)
            case .element(let range):
                let text = payload.extracting(range)
                if let problem = parser.parser.parse(text) {
                    throw DecodeError(problem, payload: text, field: Excerpt("payload"))
                }
                plan.senML.beginRecord()
                for index in 0..<parser.parser.memberCount { try take(parser.parser.member(index), plan: plan) }
                try finishRecord(plan, known: known, arrival: arrival)
            }
        }
    }

    /// One member of a JSON record.
    private mutating func take(_ member: JSONMember, plan: RoutePlan) throws(DecodeError) {
        let value = member.value
        guard let label = member.withName({ SenMLPack.labels.value(of: $0) }) else {
            let isMandatory = member.withName { !$0.isEmpty && $0[$0.count - 1] == UInt8(ascii: "_") }
            if isMandatory { throw Self.mandatory(member.withName { Excerpt($0) }) }
            return
        }
        switch label {
        case .baseName: plan.senML.baseName = try Self.string(value, "bn")
        case .baseUnit: plan.senML.baseUnit = try Self.string(value, "bu")
        case .name: plan.senML.name = try Self.string(value, "n")
        case .unit: (plan.senML.unit, plan.senML.hasUnit) = (try Self.string(value, "u"), true)
        case .text: (plan.senML.text, plan.senML.hasText) = (try Self.string(value, "vs"), true)
        case .baseTime: plan.senML.baseTime = try Self.number(value, "bt")
        case .baseValue: plan.senML.baseValue = try Self.number(value, "bv")
        case .time: plan.senML.time = try Self.number(value, "t")
        case .value: plan.senML.value = try Self.number(value, "v")
        case .truth:
            guard value.kind == CSJ_TRUE || value.kind == CSJ_FALSE else {
                throw DecodeError(.wrongType, "vb", .truth, found: value.excerpt)
            }
            plan.senML.truth = value.kind == CSJ_TRUE
        case .baseVersion: try Self.check(version: try Self.number(value, "bver"))
        case .baseSum, .sum, .updateTime, .data: return
        }
    }

    private static func string(_ value: JSONValue, _ field: StaticString) throws(DecodeError) -> [UInt8] {
        guard value.kind == CSJ_STRING else { throw DecodeError(.wrongType, field, .string, found: value.excerpt) }
        return value.withText { [UInt8](copying: $0) }
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
        plan.senML.begin()
        var taken: UInt64 = 0
        while reader.hasNext(pack, taken: taken, in: payload) {
            let record = try reader.head(of: payload)
            guard record.major == 5 else { throw reader.malformed("a record", payload) }
            plan.senML.beginRecord()
            var members: UInt64 = 0
            while reader.hasNext(record, taken: members, in: payload) {
                try takeMember(&reader, payload, plan: plan)
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
        _ reader: inout CBORReader, _ payload: borrowing Span<UInt8>, plan: RoutePlan
    ) throws(DecodeError) {
        var label: SenMLPack.Label?
        switch try reader.scalar(of: payload, text: &plan.scratch) {
        case .number(.integer(let number)): label = SenMLPack.Label(rawValue: number)
        case .text:
            let name = plan.scratch
            label = SenMLPack.labels.value(of: name.span)
            if label == nil, name.last == UInt8(ascii: "_") { throw Self.mandatory(Excerpt(name)) }
        default: throw reader.malformed("a label", payload)
        }
        guard let label else { return try reader.skip(payload) }
        switch label {
        case .baseSum, .sum, .updateTime, .data: return try reader.skip(payload)
        default: break
        }
        let value = try reader.scalar(of: payload, text: &plan.scratch)
        switch (label, value) {
        case (.baseName, .text): plan.senML.baseName = plan.scratch
        case (.baseUnit, .text): plan.senML.baseUnit = plan.scratch
        case (.name, .text): plan.senML.name = plan.scratch
        case (.unit, .text): (plan.senML.unit, plan.senML.hasUnit) = (plan.scratch, true)
        case (.text, .text): (plan.senML.text, plan.senML.hasText) = (plan.scratch, true)
        case (.baseTime, .number(let number)): plan.senML.baseTime = number.double
        case (.baseValue, .number(let number)): plan.senML.baseValue = number.double
        case (.time, .number(let number)): plan.senML.time = number.double
        case (.value, .number(let number)): plan.senML.value = number.double
        case (.truth, .truth(let truth)): plan.senML.truth = truth
        case (.baseVersion, .number(let number)): try Self.check(version: number.double)
        default: throw DecodeError(.wrongType, "record", .senMLType)
        }
    }

    /// Makes a measurement of the record, if it is of a field that the route reads.
    private mutating func finishRecord(_ plan: RoutePlan, known: Moment?, arrival: Arrival) throws(DecodeError) {
        plan.senML.resolvedName(into: &plan.scratch)
        guard plan.senML.value != nil || plan.senML.truth != nil || plan.senML.hasText,
            let found = plan.fields.firstIndex(where: { $0.ends(plan.scratch) })
        else { return }
        let field = plan.fields[found]
        var moment: Moment
        if let known {
            moment = known
        } else {
            plan.id.removeAll(keepingCapacity: true)
            plan.id.append(contentsOf: plan.scratch.dropLast(field.path.count))
            while let last = plan.id.last, FieldPlan.isMark(last) { plan.id.removeLast() }
            moment = try openSensor(plan, field: "name", arrival: arrival)
        }
        let seconds = plan.senML.baseTime + plan.senML.time
        if seconds.magnitude >= SenMLPack.leastAbsoluteTime {
            let read = seconds.magnitude < 1e13 ? TimeUnit.seconds.milliseconds(seconds) : nil
            moment.atMs = try Self.inRange(
                read, field: Array("t".utf8), found: Excerpt(Array("\(seconds)".utf8)))
            moment.hasOwnTime = true
        } else if seconds.isFinite {
            moment.atMs = arrival.atMs + Int64(seconds * 1000)
        } else {
            throw DecodeError(.badTimestamp, "t", .timestamp)
        }
        append(try value(plan, of: field, moment: moment), of: field, at: moment)
    }

    private func value(_ plan: RoutePlan, of field: FieldPlan, moment: Moment) throws(DecodeError) -> Double {
        if let truth = plan.senML.truth { return try field.value(truth) }
        guard let value = plan.senML.value else {
            let text = plan.senML.text
            return try field.value(text: text.span, mounting: moment.mounting)
        }
        let number = plan.senML.baseValue + value
        let unit = plan.senML.hasUnit ? plan.senML.unit : plan.senML.baseUnit
        return try field.value(
            number, stated: unit, mounting: moment.mounting, found: Excerpt(Array("\(number)".utf8)))
    }
}
