internal import Detection
internal import Open311
public import Readings

/// The part of an ``IncidentBook`` that belongs to some sensors or gateways: what they are suspected of now, and the
/// requests that came of it. It is saved and restored as a whole, beside those sensors' detectors.
public struct BookShare: Sendable, Equatable, StateCodable {
    /// One episode; its case is a place in `cases` of this share.
    struct Entry: Sendable, Equatable {
        var id: IncidentBook.EpisodeID
        var episode: IncidentBook.Episode
    }

    var entries: [Entry] = []
    var cases: [RequestCase] = []

    public init() {}

    public mutating func code(_ coder: inout StateCoder) {
        // An empty share is the rule.
        let caseCount = coder.codeCount(cases.count, leastBytes: RequestCase.leastBytes)
        for index in 0..<caseCount {
            if coder.isReading { cases.append(.blank) }
            cases[index].code(&coder)
            guard coder.problem == nil else { return }
        }
        let entryCount = coder.codeCount(entries.count, leastBytes: Entry.leastBytes)
        for index in 0..<entryCount {
            if coder.isReading { entries.append(.blank) }
            entries[index].code(&coder, cases: caseCount)
            guard coder.problem == nil else { return }
        }
    }
}

extension BookShare.Entry {
    /// What a share is read into, one by one.
    static let blank = Self(
        id: .init(subject: .sensor(SensorIndex(rawValue: 0)), rule: .silence),
        episode: .init(
            record: IncidentRecord(
                key: "", sensor: SensorIndex(rawValue: 0), rule: .silence, ruleVersion: 0, state: .pending,
                pendingSinceMs: 0, peak: .blank)))
    static let leastBytes = 40

    mutating func code(_ coder: inout StateCoder, cases: Int) {
        coder.code(&id.subject)
        coder.code(&id.rule)
        coder.code(&episode.record)
        coder.code(&episode.normalSinceMs)
        var number = episode.caseNumber ?? -1
        coder.code(&number, in: -1...max(0, cases - 1))
        coder.require(number < cases, .badValue, "an episode's case")
        coder.require((number >= 0) == (episode.record.state == .firing), .badValue, "an episode's state")
        episode.caseNumber = number < 0 ? nil : number
    }
}

extension RequestCase {
    static let blank = RequestCase(
        scope: Scope(service: .sensorFault, place: ""), home: .gateway(0),
        request: ServiceRequest(id: 0, service: .sensorFault, incidentKey: "", requestedAtMs: 0), members: [],
        worst: .blank, worstSubject: .gateway(0))
    static let leastBytes = 100

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&scope.service)
        coder.code(&scope.place)
        coder.code(&home)
        coder.code(&request)
        let count = coder.codeCount(members.count, leastBytes: 2)
        if coder.isReading { members = Array(repeating: home, count: count) }
        for index in members.indices { coder.code(&members[index]) }
        coder.code(&firing, in: 0...Int.max)
        coder.code(&updates, in: 0...Int.max)
        coder.code(&clearedAtMs)
        coder.code(&worst)
        coder.code(&worstSubject)
        coder.code(&storedLastSeenMs)
        coder.code(&parts)
        coder.code(links: &links)
        coder.code(&shares)
        coder.code(&closedByStaffAtMs)
        coder.code(&isOpenedByStaff)
    }
}

extension IncidentRecord: StateCodable {
    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&key)
        coder.code(&sensor.rawValue)
        coder.code(&rule)
        coder.code(&ruleVersion)
        coder.code(&state)
        coder.code(&pendingSinceMs)
        coder.code(&firingSinceMs)
        coder.code(&resolvedAtMs)
        coder.code(&requestID)
        coder.code(&peak)
    }
}

extension Verdict {
    static let blank = Verdict(
        rule: .silence, condition: .unknown, quantity: .generic, observedAtMs: 0, onsetMs: 0, score: 0, observed: 0,
        expected: 0, threshold: 0)
}

extension StateCoder {
    /// An enumeration by its place in the list of its cases.
    mutating func code<Case: CaseIterable & Equatable>(oneOf value: inout Case) where Case.AllCases == [Case] {
        var place = Case.allCases.firstIndex(of: value) ?? 0
        code(&place, in: 0...(Case.allCases.count - 1))
        value = Case.allCases[place]
    }

    mutating func code(_ request: inout ServiceRequest) {
        code(&request.id)
        code(&request.service)
        code(oneOf: &request.status)
        code(oneOf: &request.word)
        code(&request.statusNotes)
        code(&request.title)
        code(&request.description)
        code(&request.notice)
        code(&request.requestedAtMs)
        code(&request.updatedAtMs)
        code(&request.expectedAtMs)
        code(&request.address)
        code(&request.latitude)
        code(&request.longitude)
        code(&request.addressID)
        code(&request.agency)
        code(&request.mediaURL)
        code(&request.attributes)
        code(oneOf: &request.origin)
        code(&request.incidentKey)
        code(&request.ward)
        code(&request.severity)
        code(&request.firstSeenMs)
        code(&request.lastSeenMs)
        code(&request.clearedAtMs)
        code(&request.detector)
        code(&request.detectorVersion)
        code(&request.sensorID)
        code(&request.sensorCount)
        code(&request.observed)
        code(&request.expected)
        code(&request.threshold)
        code(&request.score)
        code(&request.unit)
        code(&request.forecastAtMs)
        code(&request.forecastLowMs)
        code(&request.forecastHighMs)
        code(&request.relatedID)
        code(&request.parentID)
        code(&request.peopleCount)
        code(oneOf: &request.verdict)
        code(&request.confidence)
        code(&request.estimate, fresh: Estimate(name: "", value: 0, low: 0, high: 0)) { $0.code(&$1) }
        code(&request.evidenceFromMs)
        code(&request.evidenceToMs)
        var samples = request.evidenceSamples.map(Int64.init)
        code(&samples)
        request.evidenceSamples = samples.map { Int(truncatingIfNeeded: $0) }
        code(&request.assetID)
        code(&request.assetType)
        code(&request.locationMethod, fresh: .sensor) { $0.code(oneOf: &$1) }
        code(&request.radiusM)
        code(&request.acknowledgedAtMs)
        code(&request.firstReportedAtMs)
        code(&request.token)
    }

    mutating func code(_ service: inout ServiceCode) {
        var text = service.rawValue
        code(&text)
        guard let read = ServiceCode(rawValue: text) else {
            fail(.badValue, "a service code")
            return
        }
        service = read
    }

    private mutating func code(_ estimate: inout Estimate) {
        code(&estimate.name)
        code(&estimate.value)
        code(&estimate.low)
        code(&estimate.high)
    }

    private mutating func code(_ attributes: inout [SubmittedAttribute]) {
        let count = codeCount(attributes.count, leastBytes: 2)
        if isReading { attributes = Array(repeating: SubmittedAttribute(code: "", values: []), count: count) }
        for index in attributes.indices {
            code(&attributes[index].code)
            let values = codeCount(attributes[index].values.count, leastBytes: 1)
            if isReading { attributes[index].values = Array(repeating: "", count: values) }
            for value in attributes[index].values.indices { code(&attributes[index].values[value]) }
        }
    }
}
