import Readings

/// A route for every format, all in one table: the topic's first level chooses.
private let formats: RouteTable = {
    let fields = [
        RouteField("a", .flow, unit: .litrePerSecond),
        RouteField("b.c", .wetness, words: ["on": 1], faults: ["No Sensor"]),
        RouteField("d[1]", .pressure, unit: .bar, isText: true), RouteField("e", .meterFlow, unit: .litre, periodS: 60),
        RouteField("f", .fill, unit: .millimetre),
    ]
    let routes = PayloadFormat.allCases.filter { $0 != .flatJSON }.map { format in
        let pattern = format == .sparkplug ? "spBv1.0/{group}/+/{node}/{device}" : "\(format.name)/#"
        guard let topic = try? TopicPattern(pattern) else { preconditionFailure("a sound pattern") }
        var route = Route(name: format.name, topic: topic, format: format, kind: .binFill)
        route.mounting = Mounting(depthMM: 1200)
        if format == .number {
            route.quantity = .fill
            route.topic = (try? TopicPattern("\(format.name)/{sensor}/#")) ?? topic
            return route
        }
        if format == .sensorThings { route.sensorField = "id" }
        if [.json, .csv, .lineProtocol].contains(format) { (route.sensorField, route.timeField) = ("id", "t") }
        route.fields = fields
        if [.json, .theThingsStack, .chirpStack, .chirpStackProtobuf].contains(format) {
            route.series = [RouteSeries("h", time: "t", fields: [RouteField("v", .temperature)])]
        }
        return route
    }
    let table = RouteTable(routes)
    precondition(table.problems().isEmpty, "\(table.problems())")
    return table
}()

/// Any payload in any format, twice with one decoder: the same both times, measurements finite, in range and of sound
/// sensors, each sensor's in order of time.
func fuzzFormats(_ input: borrowing Span<UInt8>) {
    if input.isEmpty { return }
    let format = formats.routes[Int(input[0]) % formats.routes.count].name
    let payload = input.extracting(1..<input.count)
    var decoder = MessageDecoder(routes: formats, longestPayload: 4096)
    for name in topics(of: format) {
        let topic = Array(name.utf8)
        let first = outcome(topic, payload, &decoder)
        precondition(outcome(topic, payload, &decoder) == first, "one message shows in the next")
        decoder.settle(arrivedAtMs: Timestamp.earliestMs)
        _ = decoder.sparkplug.takeNotices(atMs: Timestamp.earliestMs)
        guard case .success(let message) = first else { continue }
        precondition(message.isIgnored || !message.measurements.isEmpty, "a message without a measurement")
        for index in message.sensors.indices {
            message.withID(of: index) { precondition(Sensor.problem(withID: $0) == nil, "an unsound id") }
        }
        var (sensor, lastMs): (UInt16, Int64) = (0, .min)
        for measurement in message.measurements {
            precondition(measurement.value.magnitude <= 1e12, "out of range")
            precondition(measurement.counter >= -1, "a negative counter")
            precondition(message.sensors.indices.contains(Int(measurement.sensor)), "of no sensor")
            if measurement.sensor != sensor { (sensor, lastMs) = (measurement.sensor, .min) }
            precondition(measurement.observedAtMs >= lastMs, "unsorted")
            lastMs = measurement.observedAtMs
        }
    }
}

/// The kinds of message that a format knows, in an order in which all of them mean something.
private func topics(of format: String) -> [String] {
    if format == PayloadFormat.sparkplug.name {
        return ["NBIRTH/n", "DBIRTH/n/d", "DDATA/n/d", "NDATA/n", "DDEATH/n/d", "NDEATH/n"].map { "spBv1.0/g/\($0)" }
    }
    return ["up", "status", "join", "log"].map { "\(format)/s-1/\($0)" }
}

private func outcome(
    _ topic: [UInt8], _ payload: borrowing Span<UInt8>, _ decoder: inout MessageDecoder
) -> Result<DecodedMessage, DecodeError> {
    do throws(DecodeError) {
        try decoder.decode(topic: topic.span, payload: payload, arrivedAtMs: Timestamp.earliestMs)
        return .success(decoder.message)
    } catch {
        precondition(!error.description.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character in a log")
        return .failure(error)
    }
}
