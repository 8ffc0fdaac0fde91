import Detection
import HTTPTypes
import Hummingbird
import Incidents
import IssueStorage
import Open311
import Readings

extension PagesEndpoints {
    /// All sensors with how they do. Encoded once for everyone who asks within five seconds.
    func sensors(_ call: Call) async throws -> Response {
        let seesAll = await isConfidant(call)
        let body = try await (seesAll ? allSensors : publicSensors).answer {
            var standings = try await pages.standings(limit: 100_000)
            if !seesAll {
                let kept = try await hiddenRequests()
                standings = standings.compactMap(disclosed)
                for place in standings.indices { standings[place].openRequests.removeAll { kept.contains($0) } }
            }
            let columns = [
                "id", "kind", "lat", "long", "ward", "zone", "gateway", "address", "last_heard", "battery", "lost",
                "faults", "requests", "interval_s", "interval_learned",
            ]
            let document = GeoReportDocument(
                root: "sensors", content: .fields(.table(columns, standings.map(Self.row))))
            return ByteBuffer(bytes: document.encoded(as: .json))
        }
        return Response(
            status: .ok, headers: [.contentType: GeoReportFormat.json.contentType], body: .init(byteBuffer: body))
    }

    private static func row(_ standing: SensorStanding) -> [GeoReportDocument.Node] {
        let sensor = standing.sensor
        return [
            .text(sensor.id), .text(sensor.kind.name), .number(ifAny: sensor.position?.latitude),
            .number(ifAny: sensor.position?.longitude), .text(ifAny: sensor.ward), .text(ifAny: sensor.zone),
            .text(ifAny: sensor.gateway), .text(ifAny: sensor.address), .integer(ifAny: standing.lastHeardMs),
            .number(ifAny: standing.batteryPercent), .number(ifAny: standing.lostShare),
            .list(of: "fault", standing.faults.map { .text($0) }),
            .list(of: "request", standing.openRequests.map { .text(String($0)) }),
            .integer(ifAny: standing.intervalS.map(Int64.init)), .boolean(standing.isIntervalLearned),
        ]
    }

    /// One sensor: what it is, what it has sent, what was found there.
    func sensor(_ call: Call) async throws -> Response {
        let (stored, sensor) = try await known(call)
        let streams = try await pages.streams(ofSensor: stored)
        var standing = SensorStanding(sensor: sensor)
        standing.learnedIntervalS = try await pages.learnedInterval(ofSensor: stored)
        let link = try await pages.link(ofSensor: stored)
        var findings = try await pages.findings(ofSensor: stored, limit: 50)
        if await !isConfidant(call) {
            // A rule tells the service, and every request of a sensor's own has one.
            findings.removeAll { !site.view.disclosure.isPublic(Rule(name: $0.rule)?.service ?? .sensorFault) }
        }
        return .json(
            .fields([
                .init("id", .text(sensor.id)), .init("kind", .text(sensor.kind.name)),
                .init("lat", .number(ifAny: sensor.position?.latitude)),
                .init("long", .number(ifAny: sensor.position?.longitude)),
                .init("ward", .text(ifAny: sensor.ward)), .init("zone", .text(ifAny: sensor.zone)),
                .init("gateway", .text(ifAny: sensor.gateway)), .init("address", .text(ifAny: sensor.address)),
                .init("asset", .text(ifAny: sensor.asset)), .init("site", .text(ifAny: sensor.site)),
                .init("owner", .text(ifAny: sensor.owner)), .init("adopted_by", .text(ifAny: sensor.adoptedBy)),
                .init("neighbours", .list(of: "neighbour", neighbours(of: sensor).map { .text($0) })),
                .init("sensitivity", .number(ifAny: sensor.sensitivity)),
                .init("depth_mm", .number(ifAny: sensor.mounting?.depthMM)),
                .init("full_mm", .number(ifAny: sensor.mounting?.fullMM)),
                .init("interval_s", .integer(ifAny: standing.intervalS.map(Int64.init))),
                .init("interval_learned", .boolean(standing.isIntervalLearned)),
                .init("link", link.map(Self.link) ?? .absent),
                .init("streams", .list(of: "stream", streams.map(Self.stream))),
                .init("rules", .list(of: "rule", rules(of: streams).map { .text($0.name) })),
                .init("findings", .list(of: "finding", findings.map(Self.finding))),
            ]))
    }

    /// As everyone may see them: of a service that hides which sensor is which, under their other names.
    private func neighbours(of sensor: Sensor) -> [String] {
        let service = Self.service(of: sensor.kind)
        return sensor.neighbours.compactMap { site.view.disclosure.sensorID($0, of: service) }
    }

    /// What looks at a sensor that sends these: the rules of what it measures, then those that watch the sensor itself.
    private func rules(of streams: [SensorStream]) -> [Rule] {
        let street = Set(streams.flatMap { SensorMonitor.rules(of: $0.quantity) })
        return Rule.allCases.filter { (street.contains($0) || $0.watchesEverySensor) && site.isLookedFor($0) }
    }

    private static func stream(_ stream: SensorStream) -> GeoReportDocument.Node {
        .fields([
            .init("quantity", .text(stream.quantity.name)), .init("unit", .text(stream.quantity.unit.symbol)),
            .init("first", .integer(stream.firstMs)), .init("last", .integer(stream.lastMs)),
        ])
    }

    /// What frame counters and the radio say.
    private static func link(_ link: SensorLink) -> GeoReportDocument.Node {
        let (counts, history) = (link.counts, link.history)
        return .fields([
            .init("received", .integer(counts.received)), .init("lost", .integer(counts.lost)),
            .init("duplicated", .integer(counts.duplicated)), .init("reordered", .integer(counts.reordered)),
            .init("resets", .integer(counts.resets)), .init("rejoins", .integer(counts.rejoins)),
            .init("lost_share", .number(ifAny: link.lossShare)),
            .init("last_counter", history.highest < 0 ? .absent : .integer(history.highest)),
            .init("last_frame", .integer(link.atMs)),
            .init("rssi_dbm", .number(ifAny: link.rssiDBm.isNaN ? nil : Double(link.rssiDBm))),
            .init("snr_db", .number(ifAny: link.snrDB.isNaN ? nil : Double(link.snrDB))),
        ])
    }

    private static func finding(_ finding: SensorFinding) -> GeoReportDocument.Node {
        .fields([
            .init("rule", .text(finding.rule)), .init("state", .text(finding.state)),
            .init("since", .integer(finding.sinceMs)), .init("resolved", .integer(ifAny: finding.resolvedAtMs)),
            .init("service_request_id", .text(ifAny: finding.requestID.map(String.init))),
        ])
    }

    /// A line for a chart: `[start, mean, least, greatest, readings]`, at most `points` (10–2000) of them.
    func history(_ call: Call) async throws -> Response {
        let (stored, sensor) = try await known(call)
        let query = call.query
        guard let quantity = Quantity(name: query.first("quantity") ?? sensor.kind.defaultQuantity.name) else {
            throw GeoReportError(
                code: 400, "quantity: must be one of " + Quantity.allCases.map(\.name).joined(separator: ", "))
        }
        let to = try query.integer("to", in: 0...Self.lastMs) ?? nowMs()
        let from = try query.integer("from", in: 0...Self.lastMs) ?? max(0, to - 7 * 86_400_000)
        let points = try query.integer("points", in: 10...2000) ?? 600
        guard from <= to else { throw GeoReportError(code: 400, "from: must not lie behind to") }
        let buckets = try await pages.series(
            ofSensor: stored, quantity: quantity, fromMs: from, toMs: to, points: Int(points))
        return .rows(
            ["start", "mean", "least", "greatest", "count"],
            buckets.map {
                [
                    .integer($0.startMs), .number($0.mean), .number($0.least), .number($0.greatest),
                    .integer(Int64($0.count)),
                ]
            }, beside: [.init("unit", .text(quantity.unit.symbol)), .init("quantity", .text(quantity.name))])
    }

    /// The year 9999.
    private static let lastMs: Int64 = 253_402_300_799_999

    private func known(_ call: Call) async throws -> (stored: String, shown: Sensor) {
        guard let id = call.query.first("id"), !id.isEmpty else {
            throw GeoReportError(code: 400, "id: is missing; it names a sensor, as in /api/sensors")
        }
        let stored = try await pseudonyms.id(behind: id) {
            try await pages.standings(limit: 100_000).compactMap(pseudonym)
        }
        if var sensor = try await pages.sensor(id: stored ?? id) {
            if stored != nil {
                sensor.id = id
                return (stored ?? id, sensor)
            }
            if disclosed(SensorStanding(sensor: sensor))?.sensor.id == id { return (id, sensor) }
            if await isConfidant(call) { return (id, sensor) }
        }
        throw GeoReportError(code: 404, "There is no sensor with this id.")
    }

    /// A sensor as everyone may see it; nil for one whose service keeps places back.
    private func disclosed(_ standing: SensorStanding) -> SensorStanding? {
        let service = Self.service(of: standing.sensor.kind)
        guard site.view.disclosure.showsPlaces(of: service),
            let id = site.view.disclosure.sensorID(standing.sensor.id, of: service)
        else { return nil }
        var standing = standing
        standing.sensor.id = id
        if !site.view.disclosure.isPublic(.sensorFault) { standing.faults = [] }
        return standing
    }

    /// Open requests that the public may not know of.
    private func hiddenRequests() async throws -> Set<Int64> {
        var search = RequestSearch()
        (search.services, search.statuses) = (site.view.catalog.hidden, [.open])
        var found: Set<Int64> = []
        while search.services?.isEmpty == false {
            let page = try await site.source.requests(search)
            found.formUnion(page.map(\.id))
            guard page.count == search.pageSize else { break }
            search.page += 1
        }
        return found
    }

    private func pseudonym(_ standing: SensorStanding) -> (shown: String, stored: String)? {
        guard let own = disclosed(standing)?.sensor.id else { return nil }
        // Requests about its faults name it so, too, where its own service has nothing to keep back.
        let ofFaults = site.view.disclosure.sensorID(standing.sensor.id, of: .sensorFault)
        let shown = own != standing.sensor.id ? own : ofFaults ?? own
        return shown == standing.sensor.id ? nil : (shown, standing.sensor.id)
    }

    private static func service(of kind: SensorKind) -> ServiceCode {
        switch kind {
        case .waterLeak: .waterLeak
        case .traffic: .trafficAnomaly
        case .binFill: .binFull
        case .generic: .sensorFault
        }
    }
}

extension GeoReportDocument.Node {
    static func integer(ifAny number: Int64?) -> Self { number.map { .integer($0) } ?? .absent }
    static func number(ifAny number: Double?) -> Self { number.map { .number($0) } ?? .absent }
    static func text(ifAny text: String?) -> Self {
        guard let text, !text.isEmpty else { return .absent }
        return .text(text)
    }
}

extension QueryString {
    /// The first value of this name, or nil.
    func first(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// - Throws: a `400` that says what would be right.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(GeoReportError) -> Int64? {
        guard let text = first(name), !text.isEmpty else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw GeoReportError(
                code: 400, "\(name): must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
