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
        var state = SenMLPack()
        let members = pack.parser.members
        var place = 1  // behind the array's beginning
        while members[place].value.kind != CSJ_END {
            guard members[place].value.kind == CSJ_OBJECT else {
                throw DecodeError(.notJSON, "payload", .jsonObject, found: members[place].value.excerpt)
            }
            var record = SenMLPack.Record()
            place = try Self.take(members, from: place + 1, into: &record, of: &state)
            try finish(record, of: &state, in: members, plan, known: known, arrival: arrival)
        }
        if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields + plan.sums) }
    }

    /// The members of a record from `first` to its end. Returns the place behind it.
    @inline(__always)
    private static func take(
        _ members: JSONMembers, from first: Int, into record: inout SenMLPack.Record, of pack: inout SenMLPack
    ) throws(DecodeError) -> Int {
        var place = first
        while true {
            let member = members[place]
            let value = member.value
            if value.kind == CSJ_END { return place + 1 }
            if let label = SenMLPack.Label(place: member.slot) {
                try take(value, label, at: place, into: &record, of: &pack)
            } else {
                try pass(member)
            }
            let isContainer = value.kind == CSJ_OBJECT || value.kind == CSJ_ARRAY
            place = isContainer ? members.end(ofContainerAt: place) : place + 1
        }
    }

    /// Passes over what nobody knows, if that may be.
    private static func pass(_ member: JSONMember) throws(DecodeError) {
        let isMandatory = member.withName { !$0.isEmpty && $0[$0.count - 1] == UInt8(ascii: "_") }
        if isMandatory { throw mandatory(member.withName { Excerpt($0) }) }
    }

    /// One member of a JSON record.
    @inline(__always)
    private static func take(
        _ value: JSONValue, _ label: SenMLPack.Label, at place: Int, into record: inout SenMLPack.Record,
        of pack: inout SenMLPack
    ) throws(DecodeError) {
        switch label {
        case .name: record.name = try text(value, label, at: place)
        case .unit: record.unit = try text(value, label, at: place)
        case .value: record.value = try number(value, label)
        case .time: record.time = try number(value, label)
        case .baseName: pack.baseName = try text(value, label, at: place)
        case .baseTime: pack.baseTime = try number(value, label)
        case .baseUnit: pack.baseUnit = try text(value, label, at: place)
        case .baseValue: pack.baseValue = try number(value, label)
        case .text: record.text = try text(value, label, at: place)
        case .truth:
            guard value.kind == CSJ_TRUE || value.kind == CSJ_FALSE else {
                throw DecodeError(.wrongType, "vb", .truth, found: value.excerpt)
            }
            record.truth = value.kind == CSJ_TRUE
        case .sum: record.sum = try number(value, label)
        case .baseSum: pack.baseSum = try number(value, label)
        case .baseVersion: try check(version: try number(value, label))
        case .updateTime, .data: return
        }
    }

    @inline(__always)
    private static func text(
        _ value: JSONValue, _ label: SenMLPack.Label, at place: Int
    ) throws(DecodeError) -> SenMLPack.Text {
        if value.kind == CSJ_STRING { return SenMLPack.Text(start: place, end: place + 1) }
        throw wrong(value, label, .string)
    }

    @inline(__always)
    private static func number(_ value: JSONValue, _ label: SenMLPack.Label) throws(DecodeError) -> Double {
        if value.kind == CSJ_INTEGER || value.kind == CSJ_DOUBLE { return value.number }
        throw wrong(value, label, .number)
    }

    private static func wrong(_ value: JSONValue, _ label: SenMLPack.Label, _ rule: DecodeError.Rule) -> DecodeError {
        let isHuge = value.kind == CSJ_HUGE && rule == .number
        return DecodeError(
            isHuge ? .notFinite : .wrongType, field: Excerpt(Array(label.name.utf8)), isHuge ? .finite : rule,
            found: value.excerpt)
    }

    static func check(version: Double) throws(DecodeError) {
        if version > SenMLPack.newestVersion {
            throw DecodeError(.malformed, "bver", .senMLVersion, found: Excerpt(Array("\(version)".utf8)))
        }
    }

    static func mandatory(_ label: Excerpt) -> DecodeError {
        DecodeError(.malformed, field: label, .senMLLabel, found: Excerpt())
    }

    @inline(__always)
    private mutating func finish(
        _ record: SenMLPack.Record, of pack: inout SenMLPack, in members: JSONMembers, _ plan: RoutePlan,
        known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        try members.withText(at: pack.baseName?.start) { base throws(DecodeError) in
            try members.withText(at: record.name?.start) { name throws(DecodeError) in
                try members.withText(at: (record.unit ?? pack.baseUnit)?.start) { unit throws(DecodeError) in
                    try members.withText(at: record.text?.start) { text throws(DecodeError) in
                        try finish(
                            record, of: &pack, base: base, name: name, unit: unit, text: text, plan, known: known,
                            arrival: arrival)
                    }
                }
            }
        }
    }

    // MARK: - JSON and CBOR

    /// Makes a measurement of the record, if it is of a field that the route reads.
    ///
    /// - Parameter unit: the record's, else the base's; empty for none.
    mutating func finish(
        _ record: SenMLPack.Record, of pack: inout SenMLPack, base: borrowing Span<UInt8>,
        name: borrowing Span<UInt8>, unit: borrowing Span<UInt8>, text: borrowing Span<UInt8>, _ plan: RoutePlan,
        known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        if record.sum != nil, !plan.sums.isEmpty {
            try finishSum(record, of: &pack, base: base, name: name, unit: unit, plan, known: known, arrival: arrival)
        }
        guard record.value != nil || record.truth != nil || record.text != nil,
            let found = plan.paths.firstIndex(endingOf: base, name)
        else { return }
        let field = plan.cores[found]
        let moment = try moment(of: record, in: &pack, base, name, field, plan, known: known, arrival: arrival)
        if record.truth == nil, let stated = record.value,
            let value = field.value(pack.baseValue + stated, stated: unit)
        {
            return append(value, of: field, at: moment)
        }
        do throws(DecodeError) {
            let value = try Self.value(
                of: record, plus: pack.baseValue, unit: unit, text: text, plan.fields[found], mounting: moment.mounting)
            append(value, of: field, at: moment)
        } catch {
            message.passOver(error)
        }
    }

    /// The same for the record's sum.
    @inline(never)
    private mutating func finishSum(
        _ record: SenMLPack.Record, of pack: inout SenMLPack, base: borrowing Span<UInt8>,
        name: borrowing Span<UInt8>, unit: borrowing Span<UInt8>, _ plan: RoutePlan, known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        guard let stated = record.sum, let found = plan.sumPaths.firstIndex(endingOf: base, name) else { return }
        let field = plan.sums[found]
        let moment = try moment(of: record, in: &pack, base, name, field.core, plan, known: known, arrival: arrival)
        let sum = pack.baseSum + stated
        do throws(DecodeError) {
            let value = try field.value(
                sum, stated: unit, mounting: moment.mounting, found: Excerpt(Array("\(sum)".utf8)))
            append(value, of: field, at: moment)
        } catch {
            message.passOver(error)
        }
    }

    /// Where and when a record was measured.
    @inline(__always)
    private mutating func moment(
        of record: SenMLPack.Record, in pack: inout SenMLPack, _ base: borrowing Span<UInt8>,
        _ name: borrowing Span<UInt8>, _ field: FieldCore, _ plan: RoutePlan, known: Moment?, arrival: Arrival
    ) throws(DecodeError) -> Moment {
        var moment: Moment
        if let known {
            moment = known
        } else if let last = pack.last, last.base == pack.baseName, field.pathCount == name.count {
            moment = last.moment
        } else {
            moment = try openSensor(base, name, before: field, plan, arrival: arrival)
            if field.pathCount == name.count { pack.last = (pack.baseName, moment) }
        }
        let seconds = pack.baseTime + record.time
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
        return moment
    }

    /// Whatever value a record has.
    @inline(never)
    private static func value(
        of record: SenMLPack.Record, plus baseValue: Double, unit: borrowing Span<UInt8>,
        text: borrowing Span<UInt8>, _ field: FieldPlan, mounting: Mounting?
    ) throws(DecodeError) -> Double {
        if let truth = record.truth { return try field.value(truth) }
        guard let stated = record.value else { return try field.value(text: text, mounting: mounting) }
        let number = baseValue + stated
        return try field.value(number, stated: unit, mounting: mounting, found: Excerpt(Array("\(number)".utf8)))
    }

    /// The sensor whose id stands before the field's path and the marks between.
    private mutating func openSensor(
        _ base: borrowing Span<UInt8>, _ name: borrowing Span<UInt8>, before field: FieldCore, _ plan: RoutePlan,
        arrival: Arrival
    ) throws(DecodeError) -> Moment {
        var length = base.count + name.count - field.pathCount
        func byte(_ index: Int) -> UInt8 { index < base.count ? base[index] : name[index - base.count] }
        while length > 0, FieldPlan.isMark(byte(length - 1)) { length -= 1 }
        if length <= base.count {
            return try openSensor(base.extracting(first: length), plan, field: "name", arrival: arrival)
        }
        id.assign(base)
        id.append(name.extracting(first: length - base.count))
        return try openSensor(plan, field: "name", arrival: arrival)
    }
}
