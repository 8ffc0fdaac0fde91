internal import Detection
internal import Open311
internal import Readings

// Going on with a request whose beginning can't be met again: the saved state could not be used, and the log does not
// reach back so far, or a damaged store had to be begun anew.
extension IncidentBook {
    /// Notes which requests are held as parts of others, or are kept for people.
    func holdParts(_ held: inout Set<Int64>) {
        for item in cases { held.formUnion(item.parts.map(\.request.id)) }
        for id in keptIDs {
            held.insert(id)
            held.formUnion(keptRequest(id).parts.map(\.request.id))
        }
    }

    /// Takes up an open request that no rule raised: as the part that it was, if its whole is there.
    mutating func takeUp(_ request: ServiceRequest, lastUpdate: Int) {
        if let parent = request.parentID, let whole = place(of: parent), whole.part == nil {
            add([RequestPart(request: request, updates: lastUpdate)], to: whole.holder)
        } else if kept[request.id] == nil, kept.count < Self.mostKept {
            keep(KeptRequest(request: request, updates: lastUpdate, isTakenUp: true))
        }
    }

    /// A part whose whole no rule raises any more: another department's share closes with it; what a person has reported
    /// does not depend on our rules, and goes on by itself.
    mutating func part(
        _ request: ServiceRequest, hasLost parent: Int64, lastUpdate: Int, nowMs: Int64, into batch: CommitBatch
    ) {
        if request.origin == .person { return takeUp(request, lastUpdate: lastUpdate) }
        closeForGood(
            request, lastUpdate: lastUpdate, because: "request \(parent), of which it is a part, has closed.",
            nowMs: nowMs,
            into: batch)
    }

    /// Takes up an open request as a firing incident of its sensor, so that it closes when the signal clears and joins
    /// what is met from now on. Returns whether it could.
    ///
    /// Not for rules that tell changes only: nobody would tell that it is over.
    ///
    /// - Parameter sensor: the one that the request names.
    mutating func adopt(
        _ request: ServiceRequest, lastUpdate: Int, sensor: SensorIndex?, directory: SensorDirectory
    ) -> Bool {
        guard let rule = Rule(name: request.detector), !rule.tellsChangesOnly, let sensor else { return false }
        let id = EpisodeID(subject: .sensor(sensor), rule: rule)
        guard policy(rule, of: id.subject, in: directory).isEnabled else { return false }
        let scope = Scope(rule: rule, subject: id.subject, directory: directory)
        // What has been met since has a request of its own already.
        guard caseOfScope[scope] == nil, episodes[id] == nil else { return false }
        let worst = Verdict(rule: rule, lastSeenIn: request)
        var item = RequestCase(
            scope: scope, home: id.subject, request: request, members: [id.subject], worst: worst,
            worstSubject: id.subject)
        item.firing = 1
        item.updates = lastUpdate
        item.storedLastSeenMs = request.lastSeenMs
        add(item)
        var record = IncidentRecord(
            key: request.incidentKey, sensor: sensor, rule: rule, ruleVersion: request.detectorVersion, state: .firing,
            pendingSinceMs: request.firstSeenMs, peak: worst)
        record.firingSinceMs = request.requestedAtMs
        record.requestID = request.id
        episodes[id] = Episode(record: record, caseNumber: cases.count - 1)
        setActive(id, true)
        return true
    }
}

extension Verdict {
    /// What the request says of its worst moment.
    fileprivate init(rule: Rule, lastSeenIn request: ServiceRequest) {
        self.init(
            rule: rule, condition: .abnormal,
            quantity: Quantity.allCases.first { $0.unit.symbol == request.unit } ?? .generic,
            observedAtMs: request.lastSeenMs, onsetMs: request.firstSeenMs, score: request.score,
            observed: request.observed, expected: request.expected, threshold: request.threshold,
            forecastMs: request.forecastAtMs ?? 0)
    }
}
