/// MQTT topic and payload → a sensor's measurements. One per network thread; owns the buffers that it reuses.
///
/// Flat JSON (``PayloadFormat/flatJSON``) is one object in one of two forms, which may also come together:
///
///     {"sensor_id":"bin-17","ts":"2026-05-01T06:00:00Z","value":83.0}
///     {"sensor_id":"tr-3","ts":1777600000,"metrics":{"speed_kmh":42.5,"occupancy_pct":12},"seq":7}
///
/// | member | | rule |
/// |---|---|---|
/// | `sensor_id` | string | missing: the topic's `{sensor}`. If both are there they must agree |
/// | `ts` | string or number | see ``Timestamp``; from 2000 to 2099. Missing: arrival time |
/// | `value` | number | measures `metric`, else the route's quantity, else the kind's |
/// | `metric` | string | a ``Quantity/name`` |
/// | `unit` | string | a ``MeasurementUnit`` symbol; `value` is converted. Missing: see below |
/// | `metrics` | object | a number for each ``Quantity/name`` |
/// | `seq` | whole number | the frame counter, 0–2147483647 |
///
/// - Without `unit`, `value` is in the route's unit if it is of the route's quantity, else in the quantity's own.
///   A generic quantity takes any unit, unconverted.
/// - A contact (`wet`, `tilt`) is `true`, `false`, 0 or 1. Any other value is a finite number within ±1e12.
/// - One bad member refuses the whole message, so that it can be decoded again as a whole: an unknown name in `metrics`
///   is `unknown_quantity`, `null` or a string for a number is `wrong_type`.
/// - Members that are not listed are ignored, but must be sound JSON. A listed one that occurs twice is
///   `duplicate_field`.
/// - Nesting deeper than 16, and anything after the object, is `not_json`. A byte order mark is ignored.
public struct MessageDecoder: ~Copyable, Sendable {
    public let routes: RouteTable
    /// What the last successful decode found; unspecified after a failure. Its arrays are reused: copy what must stay.
    public internal(set) var message = DecodedMessage()
    /// Payloads longer than this are `oversized`, in bytes.
    public let longestPayload: Int
    var flatParser: JSONParser

    /// - Parameter longestPayload: in bytes, at most 16 MiB. Memory is about six times this.
    public init(routes: RouteTable, longestPayload: Int = 64 * 1024) {
        precondition(
            (1...(16 << 20)).contains(longestPayload), "longestPayload must be 1 B–16 MiB, was \(longestPayload)")
        self.routes = routes
        self.longestPayload = longestPayload
        flatParser = JSONParser(capacity: longestPayload, paths: FlatField.paths)
    }

    /// Decodes one message into ``message``.
    ///
    /// - Parameter arrivedAtMs: the daemon's clock, for a payload without a time.
    /// - Throws: why the message belongs in quarantine. After a failure ``message`` is unspecified.
    /// - Complexity: O(topic · routes + payload). Allocates nothing once the largest message has been seen.
    public mutating func decode(
        topic: borrowing Span<UInt8>, payload: borrowing Span<UInt8>, arrivedAtMs: Int64
    ) throws(DecodeError) {
        var captures = TopicCaptures()
        guard let index = routes.firstMatch(topic, captures: &captures) else {
            throw DecodeError(.noRoute, "topic", .route, found: Excerpt(quoting: topic))
        }
        if payload.count > longestPayload { throw Self.oversized(payload.count) }
        message.measurements.removeAll(keepingCapacity: true)
        message.kind = try kind(route: index, topic: topic, captures: captures)
        switch routes.routes[index].format {
        case .flatJSON:
            try decodeFlat(payload, route: index, topic: topic, captures: captures, arrivedAtMs: arrivedAtMs)
        }
        message.sortByTime()
    }

    /// The route's kind, else the topic's.
    private func kind(
        route index: Int, topic: borrowing Span<UInt8>, captures: TopicCaptures
    ) throws(DecodeError) -> SensorKind {
        if let kind = routes.routes[index].kind { return kind }
        guard let capture = routes.routes[index].topic.kindCapture else { return .generic }
        let name = topic.extracting(captures[capture])
        guard let kind = KnownNames.kinds.value(of: name) else {
            throw DecodeError(.noRoute, "topic {kind}", .kind, found: Excerpt(quoting: name))
        }
        return kind
    }

    /// Puts the id into ``message``: the payload's (nil if it has none), else the topic's. Both must agree.
    mutating func takeSensorID(
        _ stated: JSONValue?, route index: Int, topic: borrowing Span<UInt8>, captures: TopicCaptures
    ) throws(DecodeError) {
        let capture = routes.routes[index].topic.sensorCapture
        if let stated {
            stated.withText { message.sensorID.assign($0) }
            try Self.check(id: message.sensorID, field: "sensor_id")
            guard let capture else { return }
            let named = topic.extracting(captures[capture])
            if !message.sensorID.span.hasSameBytes(as: named) {
                throw DecodeError(.topicMismatch, "sensor_id", .sameSensor, found: stated.excerpt)
            }
        } else if let capture {
            message.sensorID.assign(topic.extracting(captures[capture]))
            try Self.check(id: message.sensorID, field: "topic {sensor}")
        } else {
            throw DecodeError(.missingField, "sensor_id", .present)
        }
    }

    private static func check(id: [UInt8], field: StaticString) throws(DecodeError) {
        if Sensor.problem(withID: id.span) != nil {
            throw DecodeError(.badSensorID, field, .sensorID, found: Excerpt(quoting: id.span))
        }
    }

    static func oversized(_ bytes: Int) -> DecodeError {
        var found = Excerpt()
        found.append(number: bytes)
        found.append(" bytes")
        return DecodeError(.oversized, "payload", .shorter, found: found)
    }
}
