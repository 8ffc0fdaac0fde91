// What `extensions=true` adds to a request. The names are those in use elsewhere (Chicago, Boston, San Francisco, CitySDK),
// where there are any.
extension GeoReportDocument {
    static func extendedAttributes(of request: ServiceRequest, _ view: PublicView) -> [Field] {
        [
            Field("channel", .text(request.origin.rawValue)),
            Field("kind", .text(ifAny: request.detector)),
            Field("status_word", .text(request.shownWord.rawValue)),
            Field("severity", .integer(Int64(request.severity))),
            Field("confidence", .number(ifAny: request.confidence)),
            Field("first_seen", .time(ms: request.firstSeenMs)),
            Field("last_seen", .time(ms: request.lastSeenMs)),
            Field("cleared_at", .time(ifAny: request.clearedAtMs)),
            Field("acknowledged_at", .time(ifAny: request.acknowledgedAtMs)),
            Field("first_reported_at", .time(ifAny: request.firstReportedAtMs)),
            Field("sensor_id", .text(ifAny: request.sensorID)),
            Field("service_object_id", .text(ifAny: request.assetID)),
            Field("service_object_type", .text(ifAny: request.assetType)),
            Field("ward", .text(ifAny: request.ward)),
            Field("location", location(of: request)),
            Field("evidence", evidence(of: request, view)),
            Field("detector", detector(of: request)),
            Field("estimate", estimate(of: request)),
            Field("forecast", forecast(of: request)),
            Field("duplicate", .boolean(request.isDuplicate)),
            Field("parent_service_request_id", .id(request.parentID)),
            Field("related", .id(request.relatedID)),
            Field(
                "sources",
                .fields([
                    Field("sensors", .integer(Int64(request.sensorCount))),
                    Field("people", .integer(Int64(request.peopleCount))),
                ])),
            Field("verdict", .text(request.verdict.rawValue)),
        ]
    }

    /// What its reporter answered, with the questions.
    static func attributes(of request: ServiceRequest, _ view: PublicView) -> [Node] {
        let questions = view.catalog.named(request.service).attributes
        return request.attributes.map { answer in
            let question = questions.first { $0.code == answer.code }
            return .fields([
                Field("code", .text(answer.code)),
                Field("name", .text(question?.description ?? answer.code)),
                Field("values", .list(of: "value", answer.values.map { .text($0) })),
            ])
        }
    }

    static func note(_ update: RequestUpdate) -> Node {
        .fields([
            Field("datetime", .time(ms: update.atMs)),
            Field("type", .text(update.word.rawValue)),
            Field("description", .text(update.text)),
            Field("author", .text(update.author.rawValue)),
        ])
    }

    private static func location(of request: ServiceRequest) -> Node {
        guard let method = request.locationMethod else { return .absent }
        return .fields([
            Field("method", .text(method.rawValue)), Field("radius_m", .number(ifAny: request.radiusM)),
        ])
    }

    /// Absent where no rule speaks: a person's word is no measurement.
    private static func evidence(of request: ServiceRequest, _ view: PublicView) -> Node {
        guard !request.detector.isEmpty else { return .absent }
        let hasReadings = request.evidenceFromMs != nil
        // Another department's share rests on what was seen of the whole.
        let seenIn = request.isShare ? request.parentID ?? request.id : request.id
        // Some rules look at a level alone: what they saw is no baseline.
        let hasBaseline = request.expected != request.observed
        return .fields([
            // Where readings begin is known when they have been counted, a moment after the request was raised.
            Field("window_start", .time(ifAny: request.evidenceSamples == nil ? nil : request.evidenceFromMs)),
            Field("window_end", .time(ifAny: request.evidenceToMs)),
            Field("samples", request.evidenceSamples.map { .integer(Int64($0)) } ?? .absent),
            Field("unit", .text(ifAny: request.unit)),
            Field("observed", .number(request.observed)),
            Field("baseline", hasBaseline ? .number(request.expected) : .absent),
            Field("score", .number(request.score)),
            Field("threshold", .number(request.threshold)),
            Field("url", .text(ifAny: hasReadings ? view.url("/api/requests/\(seenIn)/evidence") : nil)),
        ])
    }

    private static func detector(of request: ServiceRequest) -> Node {
        guard !request.detector.isEmpty else { return .absent }
        return .fields([
            Field("name", .text(request.detector)), Field("version", .integer(Int64(request.detectorVersion))),
        ])
    }

    private static func estimate(of request: ServiceRequest) -> Node {
        guard let estimate = request.estimate else { return .absent }
        return .fields([
            Field("name", .text(estimate.name)), Field("value", .number(estimate.value)),
            Field("low", .number(estimate.low)), Field("high", .number(estimate.high)),
        ])
    }

    private static func forecast(of request: ServiceRequest) -> Node {
        guard let at = request.forecastAtMs else { return .absent }
        return .fields([
            Field("event", .text(request.service == .binFull ? "full" : "threshold")),
            Field("at", .time(ms: at)),
            Field("low", .time(ifAny: request.forecastLowMs)),
            Field("high", .time(ifAny: request.forecastHighMs)),
        ])
    }
}

extension ServiceRequest {
    /// The last status word, unless open and closed have moved on without one.
    fileprivate var shownWord: UpdateWord { word.status == status ? word : UpdateWord(status) }
}
