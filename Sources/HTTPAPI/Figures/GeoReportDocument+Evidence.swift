internal import Detection
public import IssueStorage
internal import Incidents
public import Open311
internal import Readings

extension GeoReportDocument {
    /// `/api/requests/ID/evidence`: why a request exists, for a page that draws it or a program that checks it.
    ///
    /// Instants are W3C date-times; in the rows of numbers they are milliseconds since the Unix epoch.
    /// - Parameters:
    ///   - request: as it is shown to the public, or else as it is stored.
    ///   - updates: the request's history, for the words of each step.
    ///   - name: what a sensor is called; its id, or a pseudonym.
    ///   - showsPlaces: whether addresses are told.
    public static func evidence(
        _ evidence: RequestEvidence, of request: ServiceRequest, updates: [RequestUpdate],
        name: (String) -> String = { $0 }, showsPlaces: Bool = true
    ) -> GeoReportDocument {
        let latest = evidence.mark(of: request)
        let texts = Dictionary(updates.map { ($0.number, $0.text) }, uniquingKeysWith: { first, _ in first })
        let samples = evidence.sensors.reduce(0) { $0 + $1.readings.count }
        let head: [Field] = [
            Field("service_request_id", .text(String(request.id))),
            Field("service_code", .text(request.service.rawValue)),
            Field("status", .text(request.status.rawValue)),
            Field("title", .text(ifAny: request.title)),
            Field("summary", .text(ifAny: request.description)),
            Field("quantity", .text(latest.verdict.quantity.name)),
            Field("unit", .text(ifAny: latest.verdict.quantity.unit.symbol)),
            Field(
                "window",
                .fields([
                    Field("from", .time(ms: evidence.fromMs)), Field("to", .time(ms: evidence.toMs)),
                    Field("samples", .integer(Int64(samples))),
                ])),
            Field("opened_at", .time(ms: evidence.opening.atMs)),
            Field("decided_at", .time(ms: evidence.opening.verdict.observedAtMs)),
            Field("cleared_at", .time(ifAny: request.clearedAtMs)),
        ]
        let figures: [Field] = [
            Field("observed", .number(latest.verdict.observed)),
            Field("baseline", .number(ifAny: latest.verdict.usual)),
            Field("threshold", .number(latest.verdict.threshold)),
            Field("score", .number(latest.verdict.score)),
            Field("decided_by", .text(latest.verdict.ground.rawValue)),
            Field("confidence", .number(ifAny: request.confidence)),
            Field("estimate", estimate(of: latest.verdict)),
            Field("forecast", forecast(of: latest.verdict)),
            Field("rule", rule(latest)),
        ]
        let parts: [Field] = [
            Field("moments", .list(of: "moment", evidence.marks.map { moment($0, texts[$0.number], name) })),
            Field("sensors", .list(of: "sensor", evidence.sensors.map { sensor($0, name, showsPlaces) })),
            Field("chart_url", .text("/media/requests/\(request.id).png")),
        ]
        return GeoReportDocument(root: "evidence", content: .fields(head + figures + parts))
    }

    private static func estimate(of verdict: Verdict) -> Node {
        guard let name = verdict.rule.estimateName, verdict.estimate.isKnown else { return .absent }
        return .fields([
            Field("name", .text(name)), Field("value", .number(verdict.estimate.value)),
            Field("low", .number(verdict.estimate.low)), Field("high", .number(verdict.estimate.high)),
            Field("interval", .number(0.9)),
        ])
    }

    private static func forecast(of verdict: Verdict) -> Node {
        guard verdict.forecastMs > 0 else { return .absent }
        return .fields([
            Field("event", .text("full")), Field("at", .time(ms: verdict.forecastMs)),
            Field("low", .time(ms: verdict.forecastLowMs)), Field("high", .time(ms: verdict.forecastHighMs)),
        ])
    }

    private static func rule(_ mark: EvidenceMark) -> Node {
        .fields([
            Field("name", .text(mark.verdict.rule.name)), Field("version", .integer(Int64(mark.signature.version))),
            Field("parameters_hash", .text(mark.signature.hash)),
            Field("parameters", .fields(mark.signature.parameters.map { Field($0.name, .text($0.value)) })),
        ])
    }

    private static func moment(_ mark: EvidenceMark, _ text: String?, _ name: (String) -> String) -> Node {
        let verdict = mark.verdict
        return .fields([
            Field("event", .text(mark.event.name)), Field("at", .time(ms: mark.atMs)),
            Field("observed_at", .time(ms: verdict.observedAtMs)), Field("since", .time(ms: verdict.onsetMs)),
            Field("sensor_id", .text(ifAny: mark.sensorID.map(name))),
            Field("rule", .text(verdict.rule.name)),
            Field("rule_version", .integer(Int64(mark.signature.version))),
            Field("parameters_hash", .text(mark.signature.hash)),
            Field("quantity", .text(verdict.quantity.name)),
            Field("observed", .number(verdict.observed)), Field("expected", .number(ifAny: verdict.usual)),
            Field("threshold", .number(verdict.threshold)), Field("spread", .number(verdict.spread)),
            Field("score", .number(verdict.score)),
            // What closes is that nothing is to be seen any more.
            Field("decided_by", mark.event == .closed ? .absent : .text(verdict.ground.rawValue)),
            Field("confidence", .number(mark.confidence)),
            Field("estimate", estimate(of: verdict)), Field("forecast", forecast(of: verdict)),
            Field("text", .text(ifAny: text)),
        ])
    }

    private static func sensor(
        _ sensor: RequestEvidence.SensorEvidence, _ name: (String) -> String, _ showsPlaces: Bool
    ) -> Node {
        .fields([
            Field("sensor_id", .text(name(sensor.sensorID))),
            Field("address", .text(ifAny: showsPlaces ? sensor.address : nil)),
            Field("quantity", .text(sensor.quantity.name)), Field("unit", .text(ifAny: sensor.quantity.unit.symbol)),
            Field("rule", .text(sensor.rule.name)), Field("agrees", .boolean(sensor.isFiring)),
            Field("since", .time(ms: sensor.sinceMs)), Field("until", .time(ifAny: sensor.untilMs)),
            Field("threshold", .number(sensor.threshold)),
            Field(
                "readings",
                .list(of: "reading", sensor.readings.map { .list(of: "n", [.integer($0.atMs), .number($0.value)]) })),
            Field("baseline", .list(of: "usual", sensor.usual.map(usual))),
        ])
    }

    private static func usual(_ usual: RequestEvidence.Usual) -> Node {
        .list(
            of: "n",
            [
                .integer(usual.atMs), .number(rounded(usual.level)), .number(rounded(usual.low)),
                .number(rounded(usual.high)), .number(ifAny: usual.threshold.map(rounded)),
            ])
    }

    /// To thousandths: more digits would be noise.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension Verdict {
    /// What is usual, where that is known.
    fileprivate var usual: Double? { isUsualKnown ? expected : nil }
}
