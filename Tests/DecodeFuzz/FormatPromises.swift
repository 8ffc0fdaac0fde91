import Readings

/// A route for every format, each in a table of its own.
private let formats: [RouteTable] = {
    let fields = [
        RouteField("a", .flow, unit: .litrePerSecond),
        RouteField("b.c", .wetness, words: ["on": 1], faults: ["No Sensor"]),
        RouteField("d[1]", .pressure, unit: .bar, isText: true), RouteField("e", .meterFlow, unit: .litre, periodS: 60),
        RouteField("f", .fill, unit: .millimetre), RouteField("g", .wetness, closedFrom: 3),
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
        if [.senML, .senMLCBOR].contains(format) { route.fields.append(RouteField("a", .volume, isSum: true)) }
        if format == .theThingsStack { route.fields.append(RouteField("normalized_payload[0].a", .temperature)) }
        if [.json, .theThingsStack, .chirpStack, .chirpStackProtobuf].contains(format) {
            route.series = [RouteSeries("h", time: "t", fields: [RouteField("v", .temperature)])]
        }
        return route
    }
    return routes.map { route in
        let table = RouteTable([route])
        precondition(table.problems().isEmpty, "\(table.problems())")
        return table
    }
}()

/// The byte that leads ``fuzzFormats(_:)`` to a format.
func numberOfFormat(named name: String) -> UInt8 {
    guard let number = formats.firstIndex(where: { $0.routes[0].name == name }) else {
        preconditionFailure("no format is called \(name)")
    }
    return UInt8(number)
}

/// Any payload in any format, twice with one decoder: the same both times, measurements finite, in range and of sound
/// sensors, each sensor's in order of time.
func fuzzFormats(_ input: borrowing Span<UInt8>) {
    if input.isEmpty { return }
    let table = formats[Int(input[0]) % formats.count]
    let payload = input.extracting(1..<input.count)
    var decoder = MessageDecoder(routes: table, longestPayload: 4096)
    for name in topics(of: table.routes[0].name) {
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

/// Payloads parted by NUL, one after the other: with a decoder that has read the others each becomes what it becomes with a
/// fresh one. So the memory of shapes that were sound changes nothing.
func fuzzNeighbours(_ input: borrowing Span<UInt8>) {
    if input.isEmpty { return }
    let tables = formats.filter { $0.routes[0].format != .sparkplug } + [RouteTable([.standard])]
    let table = tables[Int(input[0]) % tables.count]
    let isFlat = table.routes[0].format == .flatJSON
    let names = isFlat ? ["sluice/water-leak/s-1"] : topics(of: table.routes[0].name)
    var old = MessageDecoder(routes: table, longestPayload: 4096)
    var start = 1
    for end in 1...input.count where end == input.count || input[end] == 0 {
        let payload = input.extracting(start..<end)
        for name in names {
            let topic = Array(name.utf8)
            var fresh = MessageDecoder(routes: table, longestPayload: 4096)
            let expected = outcome(topic, payload, &fresh)
            precondition(outcome(topic, payload, &old) == expected, "one message changes how the next is read")
        }
        start = end + 1
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
