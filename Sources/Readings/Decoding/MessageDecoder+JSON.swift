import CSIMDJSON

extension MessageDecoder {
    /// Decodes a JSON payload by the paths of its route: ``PayloadFormat/json`` and the LoRaWAN servers' forms.
    mutating func decodeJSON(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, json: JSONPlan, topic: borrowing Span<UInt8>,
        arrival: Arrival
    ) throws(DecodeError) {
        if let rootSeries = json.rootSeries, JSONElements(payload) != nil {
            guard let moment = try openTopicSensor(plan, topic: topic, arrival: arrival) else {
                throw DecodeError(.missingField, "sensor", .present)
            }
            return try take(plan.series[rootSeries], in: payload, at: moment)
        }
        if let problem = json.parser.parse(payload) {
            throw DecodeError(problem, payload: payload, field: json.name(problem.path))
        }
        var moment = try openJSONSensor(plan, json, topic: topic, arrival: arrival)
        takeSignal(json)
        if try isWithoutBody(plan, json, topic: topic, moment: moment) {
            if message.frame.isJoin { takeReception(json) }
            return
        }
        // Before all that may be wrong with the message: its frame came, whatever it says.
        try takeCounter(json)
        if message.frame.counter >= 0 { takeReception(json) }
        if let atMs = try jsonTime(json) { (moment.atMs, moment.hasOwnTime) = (atMs, true) }
        moment.counter = Self.readingCounter(message.frame.counter)
        if let parts = plan.route.effectiveParts, let slots = json.parts {
            try take(parts, slots, plan, json, at: &moment)
        }
        // By index: a pair of sequences would count references for each field.
        for index in json.fields.indices {
            let value = json.parser.value(json.fields[index])
            if value.kind == CSJ_MISSING { continue }
            if value.kind == CSJ_INTEGER || value.kind == CSJ_DOUBLE,
                let number = plan.cores[index].value(value.number)
            {
                append(number, of: plan.cores[index], at: moment)
                continue
            }
            let field = plan.fields[index]
            do throws(DecodeError) {
                append(try field.value(value, mounting: moment.mounting), of: field, at: moment)
            } catch {
                message.passOver(error)
            }
        }
        for (series, slot) in zip(plan.series, json.series) where slot >= 0 {
            let value = json.parser.value(slot)
            switch value.kind {
            case CSJ_MISSING: continue
            case CSJ_ARRAY: try take(series, in: payload.extracting(value.extent), at: moment)
            default: throw DecodeError(.wrongType, field: Excerpt(series.path), .array, found: value.excerpt)
            }
        }
        if message.measurements.isEmpty {
            if let flaw = message.flaws.first { throw flaw }
            // A radar's other ports tell nothing to measure.
            guard json.parts == nil else { return message.isIgnored = true }
            throw nothingFound(plan, json)
        }
    }

    private mutating func openJSONSensor(
        _ plan: RoutePlan, _ json: JSONPlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) -> Moment {
        if let moment = try openTopicSensor(plan, topic: topic, arrival: arrival) { return moment }
        for index in json.sensor.indices {
            let slot = json.sensor[index]
            let value = json.parser.value(slot)
            switch value.kind {
            case CSJ_MISSING: continue
            // A number is a name too, as it is written.
            case CSJ_STRING, CSJ_INTEGER:
                return try value.withText { id throws(DecodeError) in
                    try openSensor(id, plan, field: "sensor", arrival: arrival)
                }
            default:
                throw DecodeError(.wrongType, field: json.name(slot), .string, found: value.excerpt)
            }
        }
        throw DecodeError(
            .missingField, field: json.sensor.first.map { json.name($0) } ?? Excerpt("sensor"), .present,
            found: Excerpt())
    }

    func jsonTime(_ json: JSONPlan) throws(DecodeError) -> Int64? {
        for index in json.time.indices {
            let slot = json.time[index]
            let value = json.parser.value(slot)
            // Some servers write null where they mean nothing; where the route names the time it must be one.
            if value.kind == CSJ_MISSING || (value.kind == CSJ_NULL && json.time.count > 1) { continue }
            return try Self.time(value, unit: json.timeUnit, field: json.name(slot))
        }
        return nil
    }

    /// When the server received the frame: by its own clock, whatever clock the device has.
    private mutating func takeReception(_ json: JSONPlan) {
        for index in json.reception.indices {
            let value = json.parser.value(json.reception[index])
            guard value.kind == CSJ_STRING, let atMs = value.withText({ Timestamp.parse($0) }) else { continue }
            message.frame.atMs = atMs
            return
        }
    }

    private mutating func takeSignal(_ json: JSONPlan) {
        func number(_ slot: Int?) -> Float {
            guard let slot else { return .nan }
            let value = json.parser.value(slot)
            return value.kind == CSJ_INTEGER || value.kind == CSJ_DOUBLE ? Float(value.number) : .nan
        }
        message.frame.rssiDBm = number(json.rssi)
        message.frame.snrDB = number(json.snr)
        if let slot = json.gateway {
            let gateway = json.parser.value(slot)
            if gateway.kind == CSJ_STRING { gateway.withText { message.setGateway($0) } }
        }
        guard let slot = json.session else { return }
        let session = json.parser.value(slot)
        if session.kind == CSJ_STRING { message.frame.session = session.withText { SipHash.hash($0, key: (0, 0)) } }
    }

    private mutating func takeCounter(_ json: JSONPlan) throws(DecodeError) {
        guard let slot = json.counter else { return }
        let value = json.parser.value(slot)
        switch value.kind {
        case CSJ_MISSING: message.frame.counter = json.hasZeroCounter ? 0 : -1
        case CSJ_INTEGER where (0...Int64(UInt32.max)).contains(value.integer): message.frame.counter = value.integer
        default:
            let isNumber = value.kind == CSJ_INTEGER || value.kind == CSJ_DOUBLE || value.kind == CSJ_HUGE
            throw DecodeError(
                isNumber ? .outOfRange : .wrongType, field: json.name(slot), isNumber ? .counter32 : .counter,
                found: value.excerpt)
        }
    }

    /// The elements of an array that were measured at times of their own.
    mutating func take(
        _ series: SeriesPlan, in array: borrowing Span<UInt8>, at outer: Moment
    ) throws(DecodeError) {
        guard var elements = JSONElements(array) else {
            throw DecodeError(.wrongType, field: Excerpt(series.path), .array, found: Excerpt())
        }
        while true {
            switch elements.next(in: array) {
            case .end: return
            case .malformed(let offset):
                var found = Excerpt("something else at byte ")
                found.append(number: offset)
                throw DecodeError(.notJSON, field: Excerpt(series.path), .soundJSON, found: found)
            case .element(let range): try takeElement(array.extracting(range), of: series, at: outer)
            }
        }
    }

    private mutating func takeElement(
        _ text: borrowing Span<UInt8>, of series: SeriesPlan, at outer: Moment
    ) throws(DecodeError) {
        if let problem = series.parser.parse(text) {
            throw DecodeError(problem, payload: text, field: Excerpt(series.path))
        }
        guard let atMs = try Self.time(series.parser.value(0), unit: series.timeUnit, field: Excerpt(series.timePath))
        else {
            throw DecodeError(.missingField, field: Excerpt(series.timePath), .present, found: Excerpt())
        }
        var moment = outer
        (moment.atMs, moment.hasOwnTime) = (atMs, true)
        for (field, slot) in zip(series.fields, series.fieldSlots) {
            let value = series.parser.value(slot)
            if value.kind == CSJ_MISSING { continue }
            do throws(DecodeError) {
                append(try field.value(value, mounting: moment.mounting), of: field, at: moment)
            } catch {
                message.passOver(error)
            }
        }
    }

    private func nothingFound(_ plan: RoutePlan, _ json: JSONPlan) -> DecodeError {
        if let slot = json.body, json.needsBody, json.parser.value(slot).kind != CSJ_OBJECT {
            let body = json.parser.value(slot)
            return DecodeError(
                body.kind == CSJ_MISSING || body.kind == CSJ_NULL ? .missingField : .wrongType,
                field: json.name(slot), .decodedBody, found: body.excerpt)
        }
        return Self.nothingFound(plan.fields)
    }
}
