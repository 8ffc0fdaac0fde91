import CSIMDJSON

extension MessageDecoder {
    /// Decodes entities of FIWARE's smart data models as NGSI-v2, NGSI-LD or key-values: one entity, an array of them, or a
    /// notification with its `data`.
    ///
    /// An attribute is a number, or an object with `value` and perhaps `observedAt`. Without that the entity's
    /// `dateObserved` counts: a moment, or an interval, whose end is meant.
    mutating func decodeFIWARE(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, fiware: FIWAREPlan, topic: borrowing Span<UInt8>,
        arrival: Arrival
    ) throws(DecodeError) {
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        if JSONElements(payload) != nil {
            try takeEntities(payload, plan, fiware, known: known, arrival: arrival)
        } else {
            try parseEntity(payload, fiware)
            let data = fiware.parser.value(fiware.data)
            if data.kind == CSJ_ARRAY {
                try takeEntities(payload.extracting(data.extent), plan, fiware, known: known, arrival: arrival)
            } else {
                try takeEntity(plan, fiware, known: known, arrival: arrival)
            }
        }
        if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields) }
    }

    private func parseEntity(_ text: borrowing Span<UInt8>, _ fiware: FIWAREPlan) throws(DecodeError) {
        if let problem = fiware.parser.parse(text) {
            throw DecodeError(problem, payload: text, field: fiware.name(problem.path))
        }
    }

    private mutating func takeEntities(
        _ array: borrowing Span<UInt8>, _ plan: RoutePlan, _ fiware: FIWAREPlan, known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        guard var entities = JSONElements(array) else { return }
        while true {
            switch entities.next(in: array) {
            case .end: return
            case .malformed(let offset):
                var found = Excerpt("something else at byte ")
                found.append(number: offset)
                throw DecodeError(.notJSON, "payload", .soundJSON, found: found)
            case .element(let range):
                try parseEntity(array.extracting(range), fiware)
                try takeEntity(plan, fiware, known: known, arrival: arrival)
            }
        }
    }

    /// The entity that the parser has read.
    private mutating func takeEntity(
        _ plan: RoutePlan, _ fiware: FIWAREPlan, known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        var moment: Moment
        if let known {
            moment = known
        } else {
            let id = fiware.parser.value(fiware.id)
            if id.kind == CSJ_MISSING {
                throw DecodeError(.missingField, field: fiware.name(fiware.id), .present, found: Excerpt())
            }
            guard id.kind == CSJ_STRING else {
                throw DecodeError(.wrongType, field: fiware.name(fiware.id), .string, found: id.excerpt)
            }
            moment = try id.withText { id throws(DecodeError) in
                try openSensor(id, plan, field: "id", arrival: arrival)
            }
        }
        let interval = try observed(fiware)
        if let end = interval.end { (moment.atMs, moment.hasOwnTime) = (end, true) }
        for (field, slots) in zip(plan.fields, fiware.attributes) {
            do throws(DecodeError) {
                try takeAttribute(field, slots, fiware, at: moment, overSeconds: interval.seconds)
            } catch {
                message.passOver(error)
            }
        }
    }

    private mutating func takeAttribute(
        _ field: FieldPlan, _ slots: FIWAREPlan.Attribute, _ fiware: FIWAREPlan, at moment: Moment,
        overSeconds seconds: Double?
    ) throws(DecodeError) {
        let value = fiware.scalar(slots)
        if value.kind == CSJ_MISSING { return }
        var own = moment
        if let atMs = try Self.time(
            fiware.parser.value(slots.observedAt), unit: .automatic, field: Excerpt(field.path))
        {
            (own.atMs, own.hasOwnTime) = (atMs, true)
        }
        var measured = try field.value(value, mounting: own.mounting)
        // An amount over the entity's own interval, not over the one that the route takes for granted.
        if let seconds, let assumed = field.periodS { measured *= Double(assumed) / seconds }
        append(measured, of: field, at: own)
    }

    /// When the entity was observed: the end, and over how long where it says so.
    private func observed(_ fiware: FIWAREPlan) throws(DecodeError) -> (end: Int64?, seconds: Double?) {
        var (start, end): (Int64?, Int64?) = (nil, nil)
        for (slots, isEnd) in [(fiware.from, false), (fiware.to, true)] {
            let value = fiware.scalar(slots)
            if value.kind == CSJ_MISSING || value.kind == CSJ_NULL { continue }
            let read = try Self.time(value, unit: .automatic, field: Excerpt(slots.path))
            if isEnd { end = read } else { start = read }
        }
        let value = fiware.scalar(fiware.observed)
        if end == nil, value.kind != CSJ_MISSING, value.kind != CSJ_NULL {
            end = try Self.time(value, unit: .automatic, field: Excerpt(fiware.observed.path))
            if start == nil, value.kind == CSJ_STRING { start = value.withText { Self.intervalStart($0) } }
        }
        guard let start, let end, end - start >= 1000, end - start <= 366 * 86_400_000 else { return (end, nil) }
        return (end, Double(end - start) / 1000)
    }

    /// The first moment of `start/end` (ISO 8601).
    private static func intervalStart(_ text: borrowing Span<UInt8>) -> Int64? {
        for index in text.indices where text[index] == UInt8(ascii: "/") {
            return Timestamp.parse(text.extracting(0..<index))
        }
        return nil
    }
}

/// The slots of an entity's parser.
final class FIWAREPlan {
    /// The forms that an attribute may have: bare, or in an object; NGSI-LD puts a date another level down.
    struct Attribute {
        var path: [UInt8]
        var bare, value, date, observedAt: Int
    }

    let parser: JSONParser
    let id, data: Int
    let observed, from, to: Attribute
    let attributes: [Attribute]
    private let names: [[UInt8]]

    init(_ route: Route, longestPayload: Int) {
        var slots = JSONSlots()
        func attribute(_ path: String) -> Attribute {
            Attribute(
                path: Array(path.utf8), bare: slots.add(path), value: slots.add("\(path).value"),
                date: slots.add("\(path).value.@value"), observedAt: slots.add("\(path).observedAt"))
        }
        id = slots.add(route.sensorField ?? "id")
        data = slots.add("data")
        observed = attribute(route.timeField ?? "dateObserved")
        from = attribute("dateObservedFrom")
        to = attribute("dateObservedTo")
        attributes = route.effectiveFields.map { attribute($0.path) }
        names = slots.names
        parser = JSONParser(capacity: longestPayload, paths: slots.paths)
    }

    /// The attribute's value, in whichever form it is there.
    func scalar(_ attribute: Attribute) -> JSONValue {
        let bare = parser.value(attribute.bare)
        guard bare.kind == CSJ_OBJECT else { return bare }
        let value = parser.value(attribute.value)
        return value.kind == CSJ_OBJECT ? parser.value(attribute.date) : value
    }

    func name(_ slot: Int) -> Excerpt { names.indices.contains(slot) ? Excerpt(names[slot]) : Excerpt("payload") }
}
