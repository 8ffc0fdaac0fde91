import CSIMDJSON

/// One sensor's moment within a message: where its next measurements belong.
struct Moment {
    var sensor: UInt16 = 0
    var atMs: Int64
    var hasOwnTime: Bool
    var counter: Int32 = -1
    var mounting: Mounting?
    /// Whether the device says that it kept this and sends it later.
    var isHistory = false
}

extension MessageDecoder {
    /// Where a message came in and when.
    struct Arrival {
        var kind: SensorKind
        var captures: TopicCaptures
        var atMs: Int64
    }

    /// Finds the sensor where the route or the topic names it, and mentions it. Nil: only the payload can name it.
    mutating func openTopicSensor(
        _ plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) -> Moment? {
        if let template = plan.template {
            template.fill(&id, topic: topic, captures: arrival.captures)
        } else if plan.route.sensorField == nil, let capture = plan.route.topic.sensorCapture {
            return try openSensor(
                topic.extracting(arrival.captures[capture]), plan, field: "topic {sensor}", arrival: arrival)
        } else {
            return nil
        }
        return try openSensor(plan, field: "topic {sensor}", arrival: arrival)
    }

    /// Mentions the sensor whose id has been put together in ``id``.
    mutating func openSensor(
        _ plan: RoutePlan, field: StaticString, arrival: Arrival
    ) throws(DecodeError) -> Moment {
        let id = id
        return try openSensor(id.span, plan, field: field, arrival: arrival)
    }

    /// Mentions the sensor with this id.
    mutating func openSensor(
        _ id: borrowing Span<UInt8>, _ plan: RoutePlan, field: StaticString, arrival: Arrival
    ) throws(DecodeError) -> Moment {
        if Sensor.problem(withID: id) != nil {
            throw DecodeError(.badSensorID, field, .sensorID, found: Excerpt(quoting: id))
        }
        let sensor = message.sensor(id, kind: arrival.kind)
        if message.sensors.count > DecodedMessage.mostSensors {
            throw DecodeError(.outOfRange, "payload", .fewSensors, found: Excerpt("more"))
        }
        var moment = Moment(sensor: sensor, atMs: arrival.atMs, hasOwnTime: false)
        moment.mounting = mountings.mounting(of: id) ?? plan.mounting
        return moment
    }

    mutating func append(_ value: Double, of field: FieldPlan, at moment: Moment) {
        append(value, of: field.core, at: moment)
    }

    @inline(__always)
    mutating func append(_ value: Double, of field: FieldCore, at moment: Moment) {
        message.measurements.append(
            .init(
                quantity: field.quantity, observedAtMs: moment.atMs - field.ageMs, value: value,
                counter: moment.counter, sensor: moment.sensor, hasOwnTime: moment.hasOwnTime,
                isHistory: moment.isHistory))
    }

    /// What to say of a message in which nothing was found.
    static func nothingFound(_ fields: [FieldPlan]) -> DecodeError {
        guard let first = fields.first else { return DecodeError(.nothingToRead, "payload", .measurement) }
        return first.error(.missingField, .presentOrOther, Excerpt())
    }

    /// A JSON value as a moment; nil where it is absent.
    static func time(
        _ value: JSONValue, unit: TimeUnit, field: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Int64? {
        let read: Int64?
        switch value.kind {
        case CSJ_MISSING: return nil
        case CSJ_STRING: read = value.withText { time(text: $0, unit: unit) }
        case CSJ_INTEGER: read = unit.milliseconds(value.integer)
        case CSJ_DOUBLE: read = unit.milliseconds(value.number)
        case CSJ_HUGE: read = nil
        default: throw DecodeError(.wrongType, field: field(), .timestamp, found: value.excerpt)
        }
        return try inRange(read, field: field(), found: value.excerpt)
    }

    /// RFC 3339, the digits of a number, or an interval `start/end`, whose end counts.
    static func time(text: borrowing Span<UInt8>, unit: TimeUnit) -> Int64? {
        if let ms = Timestamp.parseInUTC(text) { return ms }
        for index in text.indices where text[index] == UInt8(ascii: "/") {
            return Timestamp.parse(text.extracting(index + 1..<text.count))
        }
        if let ms = Timestamp.parse(text) { return ms }
        if let whole = DecimalText.integer(text) { return unit.milliseconds(whole) }
        return DecimalText.parse(text).flatMap { unit.milliseconds($0) }
    }

    /// Checks that a time was understood and lies in this century.
    static func inRange(
        _ ms: Int64?, field: @autoclosure () -> Excerpt, found: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Int64 {
        guard let ms else { throw DecodeError(.badTimestamp, field: field(), .timestamp, found: found()) }
        guard (Timestamp.earliestMs..<Timestamp.endMs).contains(ms) else {
            throw DecodeError(.badTimestamp, field: field(), .timestampInRange, found: found())
        }
        return ms
    }

    /// A frame counter as readings carry it: the low 31 bits.
    static func readingCounter(_ counter: Int64) -> Int32 {
        counter < 0 ? -1 : Int32(truncatingIfNeeded: counter & 0x7FFF_FFFF)
    }
}
