import CSIMDJSON

/// The members of flat JSON, in the order in which the shim is asked for them.
enum FlatField: Int, CaseIterable {
    case sensorID, time, value, metric, unit, counter, metrics

    var name: StaticString {
        switch self {
        case .sensorID: "sensor_id"
        case .time: "ts"
        case .value: "value"
        case .metric: "metric"
        case .unit: "unit"
        case .counter: "seq"
        case .metrics: "metrics"
        }
    }

    static let paths = allCases.map { $0 == .metrics ? "metrics\(CSJ_PATH_SEPARATOR)*" : "\($0.name)" }
}

extension MessageDecoder {
    /// Decodes a payload of the form that ``MessageDecoder`` describes.
    mutating func decodeFlat(
        _ payload: borrowing Span<UInt8>, route: Int, kind: SensorKind, topic: borrowing Span<UInt8>,
        captures: TopicCaptures, arrivedAtMs: Int64
    ) throws(DecodeError) {
        if let problem = flatParser.parse(payload) {
            throw DecodeError(problem, payload: payload, field: Excerpt(FlatField.allCases[problem.path].name))
        }
        try takeSensorID(try flatString(.sensorID), route: route, kind: kind, topic: topic, captures: captures)
        let observedAtMs = try flatTime(arrivedAtMs: arrivedAtMs)
        let hasOwnTime = flatParser.value(FlatField.time.rawValue).kind != CSJ_MISSING
        let counter = try flatCounter()
        // A counter with the device's time: by the arrival, what the broker delivers again an hour later would be a restart.
        if counter >= 0, hasOwnTime {
            (message.frame.counter, message.frame.atMs, message.frame.isDevices) = (Int64(counter), observedAtMs, true)
        }
        let metrics = flatParser.value(FlatField.metrics.rawValue)
        if flatParser.value(FlatField.value.rawValue).kind == CSJ_MISSING {
            if metrics.kind == CSJ_MISSING {
                throw DecodeError(.missingField, "value", .present, found: Excerpt("no metrics"))
            }
            if let unit = try flatString(.unit) {
                throw DecodeError(.wrongUnit, "unit", .noUnitBesideMetrics, found: unit.excerpt)
            }
        } else {
            do throws(DecodeError) {
                let measured = try flatValue(route: route)
                message.measurements.append(
                    .init(
                        quantity: measured.quantity, observedAtMs: observedAtMs, value: measured.value,
                        counter: counter, hasOwnTime: hasOwnTime))
            } catch {
                message.passOver(error)
            }
        }
        if metrics.kind != CSJ_MISSING {
            guard metrics.kind == CSJ_OBJECT else {
                throw DecodeError(.wrongType, "metrics", .jsonObject, found: metrics.excerpt)
            }
            try takeMetrics(observedAtMs: observedAtMs, hasOwnTime: hasOwnTime, counter: counter)
        }
        if message.measurements.isEmpty {
            if let flaw = message.flaws.first { throw flaw }
            throw DecodeError(.nothingToRead, "metrics", .measurement, found: Excerpt("{}"))
        }
    }

    /// The member's string, or nil where it is missing.
    @inline(__always)
    private func flatString(_ field: FlatField) throws(DecodeError) -> JSONValue? {
        let value = flatParser.value(field.rawValue)
        if value.kind == CSJ_STRING { return value }
        if value.kind == CSJ_MISSING { return nil }
        throw DecodeError(.wrongType, field.name, .string, found: value.excerpt)
    }

    @inline(__always)
    private func flatTime(arrivedAtMs: Int64) throws(DecodeError) -> Int64 {
        let value = flatParser.value(FlatField.time.rawValue)
        let read: Int64? =
            switch value.kind {
            case CSJ_MISSING: arrivedAtMs
            case CSJ_STRING: value.withText { Timestamp.parse($0) }
            case CSJ_INTEGER, CSJ_DOUBLE: Timestamp.parse(number: value.number)
            case CSJ_HUGE: nil
            default: throw DecodeError(.wrongType, "ts", .timestamp, found: value.excerpt)
            }
        guard let ms = read else { throw DecodeError(.badTimestamp, "ts", .timestamp, found: value.excerpt) }
        guard value.kind == CSJ_MISSING || (Timestamp.earliestMs..<Timestamp.endMs).contains(ms) else {
            throw DecodeError(.badTimestamp, "ts", .timestampInRange, found: value.excerpt)
        }
        return ms
    }

    @inline(__always)
    private func flatCounter() throws(DecodeError) -> Int32 {
        let value = flatParser.value(FlatField.counter.rawValue)
        switch value.kind {
        case CSJ_MISSING: return -1
        case CSJ_INTEGER:
            if value.integer >= 0, let counter = Int32(exactly: value.integer) { return counter }
            throw DecodeError(.outOfRange, "seq", .counterInRange, found: value.excerpt)
        default: throw DecodeError(.wrongType, "seq", .counter, found: value.excerpt)
        }
    }

    /// The lone `value`, converted into its quantity's unit.
    ///
    /// Mutating, though it changes nothing: of a decoder that another method may change the compiler would hand on a copy, 456 bytes.
    @inline(__always)
    private mutating func flatValue(route index: Int) throws(DecodeError) -> (quantity: Quantity, value: Double) {
        let defaultQuantity = heads[index].quantity ?? message.kind.defaultQuantity
        var metric = KnownNames.Metric(quantity: defaultQuantity, conversion: .identity)
        if let name = try flatString(.metric) {
            guard let known = name.withText({ KnownNames.metrics.value(of: $0) }) else {
                throw DecodeError(.unknownQuantity, "metric", .knownMetric, found: name.excerpt)
            }
            metric = known
        }
        if let symbol = try flatString(.unit) {
            metric.conversion = try conversion(of: symbol, to: metric.quantity)
        } else if let unit = heads[index].unit, metric.quantity == defaultQuantity,
            let conversion = metric.quantity.conversion(from: unit)
        {
            metric.conversion = conversion
        }
        let value = try Self.number(flatParser.value(FlatField.value.rawValue), as: metric, field: { Excerpt("value") })
        return (metric.quantity, value)
    }

    @inline(__always)
    private func conversion(
        of symbol: JSONValue, to quantity: Quantity
    ) throws(DecodeError) -> MeasurementUnit.Conversion {
        if quantity == .generic { return .identity }
        guard let unit = symbol.withText({ KnownNames.units.value(of: $0) }) else {
            throw DecodeError(.wrongUnit, "unit", .knownUnit, found: symbol.excerpt)
        }
        guard let conversion = quantity.conversion(from: unit) else {
            throw DecodeError(.wrongUnit, "unit", .convertibleUnit, found: symbol.excerpt)
        }
        return conversion
    }

    private mutating func takeMetrics(observedAtMs: Int64, hasOwnTime: Bool, counter: Int32) throws(DecodeError) {
        for index in 0..<flatParser.memberCount {
            let member = flatParser.member(index)
            guard let metric = member.withName({ KnownNames.metrics.value(of: $0) }) else {
                message.passOver(
                    DecodeError(.unknownQuantity, field: Self.field(of: member), .knownMetric, found: Excerpt()))
                continue
            }
            if message.measurements.contains(where: { $0.quantity == metric.quantity }) {
                throw DecodeError(.duplicateField, field: Self.field(of: member), .onlyOnce, found: Excerpt())
            }
            do throws(DecodeError) {
                let value = try Self.number(member.value, as: metric, field: { Self.field(of: member) })
                message.measurements.append(
                    .init(
                        quantity: metric.quantity, observedAtMs: observedAtMs, value: value, counter: counter,
                        hasOwnTime: hasOwnTime))
            } catch {
                message.passOver(error)
            }
        }
    }

    private static func field(of member: JSONMember) -> Excerpt {
        var field = Excerpt("metrics.")
        member.withName { field.append($0) }
        return field
    }

    /// A JSON value as a number in the metric's unit.
    @inline(__always)
    static func number(
        _ value: JSONValue, as metric: KnownNames.Metric, field: () -> Excerpt
    ) throws(DecodeError) -> Double {
        let isContact = metric.quantity.unit == .boolean
        let number: Double
        switch value.kind {
        case CSJ_INTEGER, CSJ_DOUBLE: number = metric.conversion(value.number)
        case CSJ_TRUE where isContact: return 1
        case CSJ_FALSE where isContact: return 0
        case CSJ_HUGE: throw DecodeError(.notFinite, field: field(), .finite, found: value.excerpt)
        default: throw DecodeError(.wrongType, field: field(), isContact ? .truth : .number, found: value.excerpt)
        }
        guard number.magnitude <= 1e12 else {
            throw DecodeError(.outOfRange, field: field(), .plausible, found: value.excerpt)
        }
        if isContact && number != 0 && number != 1 {
            throw DecodeError(.outOfRange, field: field(), .binary, found: value.excerpt)
        }
        return number
    }
}

extension DecodeError {
    /// What the shim found wrong with a payload. `field`: the name of the path that occurs twice.
    init(_ problem: JSONParser.Problem, payload: borrowing Span<UInt8>, field: Excerpt) {
        let (reason, rule): (QuarantineReason, Rule) =
            switch problem.status {
            case CSJ_EMPTY, CSJ_NOT_OBJECT: (.notJSON, .jsonObject)
            case CSJ_TOO_LONG: (.oversized, .shorter)
            case CSJ_BAD_UTF8: (.notJSON, .utf8)
            case CSJ_TOO_DEEP: (.notJSON, .shallow)
            case CSJ_TRAILING: (.notJSON, .singleDocument)
            case CSJ_DUPLICATE: (.duplicateField, .onlyOnce)
            case CSJ_OUT_OF_MEMORY: (.oversized, .memory)
            default: (.notJSON, .soundJSON)
            }
        var found = Excerpt()
        if reason == .notJSON && rule != .utf8 {
            let offset = min(problem.offset, payload.count)
            if offset < payload.count {
                found.append("\"")
                found.append(payload.extracting(offset..<min(payload.count, offset + 16)))
                found.append("\" at byte ")
            } else {
                found.append("its end at byte ")
            }
            found.append(number: offset)
        }
        self.init(reason, field: reason == .duplicateField ? field : Excerpt("payload"), rule, found: found)
    }
}
