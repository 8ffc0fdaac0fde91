import CSIMDJSON

/// A ``Route`` as the decoder uses it, with the parsers that it needs.
///
/// `@unchecked Sendable` holds because a plan is made by the decoder that owns it and never handed out, and that decoder is
/// `~Copyable`: whoever has it is alone with its plans.
final class RoutePlan: @unchecked Sendable {
    let route: Route
    let fields: [FieldPlan]
    /// One a field.
    let cores: [FieldCore]
    let paths: FieldPaths
    /// Fields that take a SenML record's sum, which stand apart from those that take its value.
    let sums: [FieldPlan]
    let sumPaths: FieldPaths
    /// Whether several fields are contacts of one quantity, so that they have to be told as one.
    let sharesContacts: Bool
    let series: [SeriesPlan]
    let template: SensorTemplate?
    let json: JSONPlan?
    let fiware: FIWAREPlan?
    /// Which fields the message in hand has had, where a format does not tell in another way.
    var isTaken: [Bool] = []
    /// Lists all that a SenML pack holds; nil for other formats.
    let pack: PackParser?
    let mounting: Mounting?
    /// ChirpStack's protobuf: which of the device's tags is the sensor's id; nil where none is.
    let tag: [UInt8]?
    /// Where the cells of a CSV line stand.
    var cells: [Range<Int>] = []
    /// Which column each name has, where the payload says it.
    var header: [Range<Int>] = []

    /// - Precondition: the route has no problems.
    init(_ route: Route, longestPayload: Int) {
        self.route = route
        fields = route.effectiveFields.filter { !$0.isSum }.map { FieldPlan($0, intervalS: route.intervalS) }
        sums = route.effectiveFields.filter(\.isSum).map { FieldPlan($0, intervalS: route.intervalS) }
        sumPaths = FieldPaths(sums)
        let contacts = fields.filter { $0.quantity.unit == .boolean }.map(\.quantity)
        sharesContacts = Set(contacts).count < contacts.count
        cores = fields.map(\.core)
        paths = FieldPaths(fields)
        series = route.effectiveSeries.map {
            SeriesPlan($0, intervalS: route.intervalS, longestPayload: longestPayload)
        }
        template = route.sensor.map { SensorTemplate($0, topic: route.topic) }
        json = Envelope(route).map { JSONPlan(route, envelope: $0, longestPayload: longestPayload) }
        fiware = route.format == .fiware ? FIWAREPlan(route, longestPayload: longestPayload) : nil
        isTaken = fields.map { _ in false }
        pack = route.format == .senML ? PackParser(longestPayload: longestPayload) : nil
        mounting = route.mounting
        tag =
            route.format == .chirpStackProtobuf ? route.sensorField.flatMap(Route.tag(in:)).map { Array($0.utf8) } : nil
    }

    /// The field whose path is this name, or nil.
    func field(_ name: borrowing Span<UInt8>) -> Int? { paths.firstIndex(of: name) }
}

/// A ``RouteSeries`` as the decoder uses it.
final class SeriesPlan {
    let path: [UInt8]
    let timeUnit: TimeUnit
    let timePath: [UInt8]
    let fields: [FieldPlan]
    /// Fills the time, then the fields.
    let parser: JSONParser

    init(_ series: RouteSeries, intervalS: Int?, longestPayload: Int) {
        (path, timeUnit, timePath) = (Array(series.path.utf8), series.timeUnit, Array(series.time.utf8))
        fields = series.fields.map { FieldPlan($0, intervalS: intervalS) }
        var slots = JSONSlots()
        _ = slots.add(series.time)
        for field in series.fields { _ = slots.add(field.path) }
        parser = JSONParser(capacity: longestPayload, paths: slots.paths)
        fieldSlots = series.fields.map { slots.add($0.path) }
    }

    let fieldSlots: [Int]
}

/// Paths for a parser, each once.
struct JSONSlots {
    /// As the parser wants them.
    private(set) var paths: [String] = []
    /// As people write them, to name in an error.
    private(set) var names: [[UInt8]] = []

    /// The slot that the path's value will be in.
    mutating func add(_ path: String) -> Int {
        let written = FieldPath.parserPath(path)
        if let slot = paths.firstIndex(of: written) { return slot }
        paths.append(written)
        names.append(Array(path.utf8))
        return paths.count - 1
    }
}

/// Where a JSON format keeps what is not a measurement.
struct Envelope {
    /// In the order in which they are tried.
    var sensor: [String] = []
    var time: [String] = []
    /// When the server received the message; in the order in which they are tried.
    var reception: [String] = []
    var counter: String?
    /// Absent means 0: servers that leave out zeros.
    var hasZeroCounter = false
    var session, join, rssi, snr, gateway: String?
    /// LoRaWAN's port.
    var port = ""
    /// ChirpStack's: what a log entry is about, and the state of a device's battery.
    var logCode, charge, chargeUnknown, mains: String?
    /// What the device's codec gave, an object; fields begin there. Nil: at the payload itself.
    var body: String?
    /// What stands beside the body, in the same object, and is a path of its own: the server's normalized form of the body.
    var besideBody: String?

    /// Nil for a format that is not JSON by paths.
    init?(_ route: Route) {
        switch route.format {
        case .json: break
        case .theThingsStack:
            sensor = ["end_device_ids.device_id"]
            time = ["uplink_message.received_at", "received_at"]
            (counter, hasZeroCounter) = ("uplink_message.f_cnt", true)
            (session, join) = ("uplink_message.session_key_id", "join_accept")
            (rssi, snr) = ("uplink_message.rx_metadata[0].rssi", "uplink_message.rx_metadata[0].snr")
            gateway = "uplink_message.rx_metadata[0].gateway_ids.gateway_id"
            port = "uplink_message.f_port"
            (body, besideBody) = ("uplink_message.decoded_payload", "normalized_payload")
        case .chirpStack:
            (sensor, time) = (["deviceInfo.devEui"], ["time"])
            (counter, hasZeroCounter) = ("fCnt", true)
            (rssi, snr) = ("rxInfo[0].rssi", "rxInfo[0].snr")
            (gateway, port) = ("rxInfo[0].gatewayId", "fPort")
            (logCode, charge) = ("code", "batteryLevel")
            (chargeUnknown, mains) = ("batteryLevelUnavailable", "externalPowerSource")
            body = "object"
        case .sensorThings: time = ["phenomenonTime", "resultTime"]
        case .flatJSON, .number, .csv, .lineProtocol, .senML, .senMLCBOR, .fiware, .chirpStackProtobuf, .sparkplug:
            return nil
        }
        if counter != nil { reception = time }
        if let path = route.sensorField { sensor = [path] }
        if let path = route.profile?.timeField { time.insert(body.map { "\($0).\(path)" } ?? path, at: 0) }
        if let path = route.timeField { time = [path] }
        if let path = route.counterField { (counter, hasZeroCounter) = (path, false) }
    }

    /// Where a path of the route begins in the payload.
    func place(of path: String) -> String {
        isInBody(path) ? body.map { "\($0).\(path)" } ?? path : "uplink_message.\(path)"
    }

    /// Whether a path of the route begins at the body, not beside it.
    func isInBody(_ path: String) -> Bool { besideBody == nil || FieldPath.names(path).first != besideBody }
}

/// The slots of a JSON payload's parser.
final class JSONPlan {
    let parser: JSONParser
    /// For errors, by slot.
    let names: [[UInt8]]
    let sensor, time, reception: [Int]
    let counter, session, join, rssi, snr, gateway, body, logCode, charge, chargeUnknown, mains: Int?
    let hasZeroCounter: Bool
    /// Whether anything is read from what the device's codec gave.
    let needsBody: Bool
    let timeUnit: TimeUnit
    let fields, series: [Int]
    let parts: PartSlots?
    /// Whether the payload itself may be an array, which one of the series reads.
    let rootSeries: Int?

    init(_ route: Route, envelope: Envelope, longestPayload: Int) {
        var slots = JSONSlots()
        sensor = envelope.sensor.map { slots.add($0) }
        time = envelope.time.map { slots.add($0) }
        reception = envelope.reception.map { slots.add($0) }
        counter = envelope.counter.map { slots.add($0) }
        session = envelope.session.map { slots.add($0) }
        join = envelope.join.map { slots.add($0) }
        rssi = envelope.rssi.map { slots.add($0) }
        snr = envelope.snr.map { slots.add($0) }
        gateway = envelope.gateway.map { slots.add($0) }
        body = envelope.body.map { slots.add($0) }
        logCode = envelope.logCode.map { slots.add($0) }
        charge = envelope.charge.map { slots.add($0) }
        chargeUnknown = envelope.chargeUnknown.map { slots.add($0) }
        mains = envelope.mains.map { slots.add($0) }
        (hasZeroCounter, timeUnit) = (envelope.hasZeroCounter, route.effectiveTimeUnit)
        fields = route.effectiveFields.map { slots.add(envelope.place(of: $0.path)) }
        parts = route.effectiveParts.map { PartSlots($0, port: envelope.port, inBody: envelope.place, &slots) }
        rootSeries = route.effectiveSeries.firstIndex { $0.path.isEmpty && envelope.body == nil }
        series = route.effectiveSeries.map { $0.path.isEmpty ? -1 : slots.add(envelope.place(of: $0.path)) }
        needsBody = (route.effectiveFields.map(\.path) + route.effectiveSeries.map(\.path)).contains(
            where: envelope.isInBody)
        names = slots.names
        parser = JSONParser(capacity: longestPayload, paths: slots.paths)
    }

    func isTrue(_ slot: Int?) -> Bool { slot.map { parser.value($0).kind == CSJ_TRUE } ?? false }

    /// The path of a slot, to name it in an error.
    func name(_ slot: Int) -> Excerpt { names.indices.contains(slot) ? Excerpt(names[slot]) : Excerpt("payload") }
}

/// Lists every record and member of a SenML pack; a member's slot is its label's.
final class PackParser {
    let parser: JSONParser

    init(longestPayload: Int) {
        parser = JSONParser(capacity: longestPayload, paths: SenMLPack.Label.allCases.map(\.name))
    }
}
