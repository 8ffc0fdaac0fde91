/// MQTT topic and payload → measurements. One per network thread; owns the buffers that it reuses.
///
/// The route that the topic matches says how the payload is written (``PayloadFormat``) and what to read from it.
/// Whatever the format: a value that can't be read is passed over and named in ``DecodedMessage/flaws``, and what else the
/// message measured counts; a message of which nothing can be read is refused, and so is one that is not of its format, or of
/// which nobody can say whose it is or when. Fields of the route that a message does not have are passed over, since devices
/// send this today and that tomorrow, but a message that has none of them is `missing_field`. `null` is such a field where a
/// server or a platform writes it for what it does not know (``PayloadFormat/nullIsAbsent``), unless nothing else is there.
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
/// | `seq` | whole number | the sensor's own count of messages, 0–2147483647; beside `ts` it tells what was lost |
///
/// - Without `unit`, `value` is in the route's unit if it is of the route's quantity, else in the quantity's own.
///   A generic quantity takes any unit, unconverted.
/// - A contact (`wet`, `tilt`) is `true`, `false`, 0 or 1. Any other value is a finite number within ±1e12.
/// - An unknown name in `metrics` is `unknown_quantity`, `null` or a string for a number is `wrong_type`; the other metrics
///   count. One bad member of the others refuses the whole message.
/// - Members that are not listed are ignored, but must be sound JSON. A listed one that occurs twice is
///   `duplicate_field`.
/// - Nesting deeper than 16, and anything after the object, is `not_json`. A byte order mark is ignored.
public struct MessageDecoder: ~Copyable, Sendable {
    public let routes: RouteTable
    /// What the last successful decode found. Its arrays are reused: copy what must stay. After a failure only
    /// ``DecodedMessage/frame`` and the sensor that it names are of use: a frame that came, though nobody can read it.
    public internal(set) var message = DecodedMessage()
    /// Payloads longer than this are `oversized`, in bytes.
    public let longestPayload: Int
    let mountings: Mountings
    let flatParser: JSONParser
    /// A sensor's id is put together here.
    var id: [UInt8] = []
    /// Text is unescaped here.
    var scratch: [UInt8] = []
    /// Sparkplug's: the node's name, then what its sensors' ids begin with.
    var name = ByteBuffer()
    /// A payload that has texts in pieces, and those texts in one behind it; else empty.
    var joined = ByteBuffer()
    /// One a route: what every message asks of it.
    let heads: [RouteHead]
    /// One a route; nil for flat JSON, which needs none.
    let plans: [RoutePlan?]
    /// The edge nodes that Sparkplug routes follow.
    public var sparkplug = SparkplugHost()
    /// Whether a route reads Sparkplug; otherwise there is nothing to settle.
    public let followsSparkplug: Bool
    /// The route of the last message; nil where none took it.
    public internal(set) var route: Int?
    /// What the last message does to ``sparkplug`` once it is settled.
    var effect = SparkplugHost.Effect.none

    /// - Parameters:
    ///   - longestPayload: in bytes, at most 16 MiB. Memory is about six times this and at most 200 KiB, for each route with JSON again.
    ///   - mountings: how level sensors are mounted, by the registry.
    /// - Precondition: the routes have no problems.
    public init(routes: RouteTable, longestPayload: Int = 64 * 1024, mountings: Mountings = Mountings()) {
        precondition(
            (1...(16 << 20)).contains(longestPayload), "longestPayload must be 1 B–16 MiB, was \(longestPayload)")
        self.routes = routes
        self.longestPayload = longestPayload
        self.mountings = mountings
        flatParser = JSONParser(capacity: longestPayload, paths: FlatField.paths)
        heads = routes.routes.map { RouteHead($0) }
        followsSparkplug = routes.routes.contains { $0.format == .sparkplug }
        plans = routes.routes.map { route in
            route.format == .flatJSON ? nil : RoutePlan(route, longestPayload: longestPayload)
        }
    }

    /// Decodes one message into ``message``.
    ///
    /// - Parameter arrivedAtMs: the daemon's clock, for a payload without a time.
    /// - Throws: why the message belongs in quarantine.
    /// - Complexity: O(topic · routes + payload). Allocates nothing once the largest message has been seen.
    public mutating func decode(
        topic: borrowing Span<UInt8>, payload: borrowing Span<UInt8>, arrivedAtMs: Int64
    ) throws(DecodeError) {
        // First of all: what is refused must not show what was read before it.
        message.clear()
        route = nil
        if followsSparkplug, SparkplugTopic.isInNamespace(topic) {
            if payload.count > longestPayload { throw Self.oversized(payload.count) }
            effect = .none
            try decodeSparkplug(payload, topic: topic, arrivedAtMs: arrivedAtMs)
            return message.sortByTime()
        }
        var captures = TopicCaptures()
        guard let index = heads.firstIndex(where: { $0.topic.matches(topic, captures: &captures) }) else {
            throw DecodeError(.noRoute, "topic", .route, found: Excerpt(quoting: topic))
        }
        route = index
        if payload.count > longestPayload { throw Self.oversized(payload.count) }
        let kind = try kind(route: index, topic: topic, captures: captures)
        if let plan = plans[index] {
            let arrival = Arrival(kind: kind, captures: captures, atMs: arrivedAtMs)
            try decode(payload, plan: plan, topic: topic, arrival: arrival)
            if !message.flaws.isEmpty, plan.route.format.nullIsAbsent { message.forgetNulls() }
            if plan.sharesContacts {
                message.sortByTime()
                message.joinContacts()
            }
        } else {
            try decodeFlat(
                payload, route: index, kind: kind, topic: topic, captures: captures, arrivedAtMs: arrivedAtMs)
        }
        message.sortByTime()
    }

    private mutating func decode(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        if let json = plan.json {
            return try decodeJSON(payload, plan: plan, json: json, topic: topic, arrival: arrival)
        }
        if let fiware = plan.fiware {
            return try decodeFIWARE(payload, plan: plan, fiware: fiware, topic: topic, arrival: arrival)
        }
        switch plan.route.format {
        case .number: try decodeNumber(payload, plan: plan, topic: topic, arrival: arrival)
        case .csv: try decodeCSV(payload, plan: plan, topic: topic, arrival: arrival)
        case .lineProtocol: try decodeLines(payload, plan: plan, topic: topic, arrival: arrival)
        case .senML: try decodeSenML(payload, plan: plan, topic: topic, arrival: arrival)
        case .senMLCBOR: try decodeSenMLCBOR(payload, plan: plan, topic: topic, arrival: arrival)
        case .chirpStackProtobuf:
            try decodeChirpStackProtobuf(payload, plan: plan, topic: topic, arrival: arrival)
        case .sparkplug: throw DecodeError(.malformed, "topic", .sparkplugTopic, found: Excerpt(quoting: topic))
        case .flatJSON, .json, .theThingsStack, .chirpStack, .sensorThings, .fiware:
            preconditionFailure("has a parser")
        }
    }

    /// The route's kind, else the topic's.
    @inline(__always)
    func kind(
        route index: Int, topic: borrowing Span<UInt8>, captures: TopicCaptures
    ) throws(DecodeError) -> SensorKind {
        if let kind = heads[index].kind { return kind }
        guard let capture = heads[index].kindCapture else { return .generic }
        let name = topic.extracting(captures[capture])
        guard let kind = KnownNames.kinds.value(of: name) else {
            throw DecodeError(.noRoute, "topic {kind}", .kind, found: Excerpt(quoting: name))
        }
        return kind
    }

    /// Mentions the sensor in ``message``: the payload's (nil if it has none), else the topic's. Both must agree.
    @inline(__always)
    mutating func takeSensorID(
        _ stated: JSONValue?, route index: Int, kind: SensorKind, topic: borrowing Span<UInt8>, captures: TopicCaptures
    ) throws(DecodeError) {
        let capture = heads[index].sensorCapture
        if let stated {
            let problem: DecodeError? = stated.withText { id in
                guard Sensor.problem(withID: id) == nil else {
                    return DecodeError(.badSensorID, "sensor_id", .sensorID, found: stated.excerpt)
                }
                message.addFirst(id, kind: kind)
                if let capture, !id.hasSameBytes(as: topic.extracting(captures[capture])) {
                    return DecodeError(.topicMismatch, "sensor_id", .sameSensor, found: stated.excerpt)
                }
                return nil
            }
            if let problem { throw problem }
        } else if let capture {
            let id = topic.extracting(captures[capture])
            guard Sensor.problem(withID: id) == nil else {
                throw DecodeError(.badSensorID, "topic {sensor}", .sensorID, found: Excerpt(quoting: id))
            }
            message.addFirst(id, kind: kind)
        } else {
            throw DecodeError(.missingField, "sensor_id", .present)
        }
    }

    static func oversized(_ bytes: Int) -> DecodeError {
        var found = Excerpt()
        found.append(number: bytes)
        found.append(" bytes")
        return DecodeError(.oversized, "payload", .shorter, found: found)
    }
}

/// What the decoder asks of a route for every message.
struct RouteHead: Sendable {
    let topic: TopicPattern
    let kind: SensorKind?
    let kindCapture, sensorCapture: Int?
    let isSparkplug: Bool
    /// Of a lone value.
    let quantity: Quantity?
    let unit: MeasurementUnit?

    init(_ route: Route) {
        (topic, kind) = (route.topic, route.effectiveKind)
        (kindCapture, sensorCapture) = (route.topic.kindCapture, route.topic.sensorCapture)
        (quantity, unit) = (route.quantity, route.unit)
        isSparkplug = route.format == .sparkplug
    }
}
