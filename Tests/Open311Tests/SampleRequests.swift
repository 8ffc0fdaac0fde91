import Open311

/// 2026-11-21T20:34:05.678Z
let sampleMs: Int64 = 1_795_293_245_678

extension ServiceRequest {
    /// Only what the initialiser asks for: everything else absent.
    static let bare = ServiceRequest(id: 7, service: .binFull, incidentKey: "k", requestedAtMs: sampleMs)

    /// Every field set.
    static let full: ServiceRequest = {
        var request = ServiceRequest(id: 12, service: .waterLeak, incidentKey: "k", requestedAtMs: sampleMs)
        request.status = .closed
        request.statusNotes = "Cleared: under 4 L/min for 30 min"
        request.title = "Likely leak"
        request.description = "Night flow"
        request.notice = "A crew looks at it"
        request.updatedAtMs = sampleMs + 60_000
        request.expectedAtMs = sampleMs + 3_600_000
        request.address = "10 Broad Street"
        request.latitude = 52.5
        request.longitude = -1.75
        request.ward = "Ladywood"
        request.severity = 3
        request.firstSeenMs = sampleMs - 60_000
        request.lastSeenMs = sampleMs
        request.clearedAtMs = sampleMs + 30_000
        request.detector = "night_flow"
        request.detectorVersion = 2
        request.sensorID = "urn:dev:1"
        request.sensorCount = 3
        request.observed = 42
        request.expected = 4.5
        request.threshold = 9
        request.score = 7.25
        request.unit = "L/min"
        request.forecastAtMs = sampleMs + 7_200_000
        request.relatedID = 5
        return request
    }()
}

extension ServiceRequest {
    /// The full one, with everything that only extensions show.
    static let extended: ServiceRequest = {
        var request = full
        request.word = .fixed
        request.confidence = 0.875
        request.acknowledgedAtMs = sampleMs + 10_000
        request.firstReportedAtMs = sampleMs + 20_000
        request.assetID = "main-7"
        request.assetType = "urn:main"
        request.locationMethod = .segment
        request.radiusM = 250
        request.evidenceFromMs = sampleMs - 600_000
        request.evidenceToMs = sampleMs
        request.evidenceSamples = 40
        request.estimate = Estimate(name: "litres_per_hour", value: 2250, low: 1800, high: 2700)
        request.forecastLowMs = sampleMs + 3_600_000
        request.forecastHighMs = sampleMs + 10_800_000
        request.parentID = 4
        request.peopleCount = 2
        request.verdict = .confirmed
        request.attributes = [SubmittedAttribute(code: "flow", values: ["much", "more"])]
        return request
    }()
}

extension RequestUpdate {
    static let sample: RequestUpdate = {
        var update = RequestUpdate(
            requestID: 12, number: 3, atMs: sampleMs, status: .open, text: "A crew digs", word: .inProgress)
        update.mediaURL = "/media/photos/a.jpg"
        return update
    }()
}

extension Service {
    /// One that asks for a size.
    static let questions = Service(
        code: ServiceCode(rawValue: "pot-hole")!, name: "Pot-hole",
        attributes: [
            ServiceAttribute(
                code: "size", datatype: .singleValueList, isRequired: true, order: 1, description: "How large?",
                values: [.init(key: "s", name: "Small"), .init(key: "l", name: "Large")])
        ])
}

extension PublicView {
    static let sample: PublicView = {
        var leak = ServiceCatalog.standard.named(.waterLeak)
        leak.attributes = [ServiceAttribute(code: "flow", datatype: .string, order: 1, description: "How much?")]
        return PublicView(catalog: ServiceCatalog([leak, .questions]), baseURL: "https://example.org")
    }()
}
