internal import Detection
internal import Open311
internal import Readings

// Incidents of one scope share one request: opening, joining, worsening, closing, reopening.
extension IncidentBook {
    /// How often at most `last_seen` of a request is stored while nothing else changes.
    static let lastSeenStepMs: Int64 = 15 * 60_000

    /// Files a firing incident: opens its scope's request, joins it, or reopens it within the hold-off.
    /// Returns the case's number.
    mutating func file(_ record: IncidentRecord, _ verdict: Verdict, _ context: Context) -> Int {
        let scope = Scope(rule: verdict.rule, subject: context.id.subject, directory: context.directory)
        guard let number = caseOfKey[record.key] ?? caseOfScope[scope] else {
            add(open(record, verdict, context, scope: scope, home: context.id.subject, related: nil))
            share(.sensors(cases.count - 1), context.scene)
            meet(cases.count - 1, verdict, context)
            return cases.count - 1
        }
        let earlier = cases[number]
        let isWithdrawn = earlier.request.verdict == .falseAlarm
        // What began at the same moment is the same incident, whatever was said of it.
        let isSame = earlier.request.incidentKey == record.key
        let isRecent = verdict.observedAtMs - earlier.clearedAtMs <= policy(context).lifecycle.holdOffMs
        if earlier.request.status == .open {
            join(number, verdict, context)
        } else if earlier.firing > 0, isWithdrawn {
            joinSilently(number, context)
        } else if earlier.firing > 0 || isSame || isRecent && !isWithdrawn {
            reopen(number, verdict, context)
        } else {
            let new = open(record, verdict, context, scope: scope, home: earlier.home, related: earlier.request.id)
            return replace(number, by: new, verdict, context)
        }
        meet(number, verdict, context)
        return number
    }

    /// The scope has a new request. Returns its case's number.
    ///
    /// The earlier one is still held where somebody has spoken of it lately: words that were posted before know it only as it
    /// was then, and go by what is held. Of two cases of one scope the one with the greater number goes on.
    private mutating func replace(
        _ number: Int, by new: RequestCase, _ verdict: Verdict, _ context: Context
    ) -> Int {
        let earlier = cases[number]
        var place = number
        if new.request.id > earlier.request.id, isSpokenOf(earlier, nowMs: context.nowMs) {
            place = cases.count
            add(new)
        } else {
            release(earlier)
            cases[number] = new
            caseOfKey[earlier.request.incidentKey] = nil
            caseOfKey[new.request.incidentKey] = number
        }
        share(.sensors(place), context.scene)
        meet(place, verdict, context)
        return place
    }

    private mutating func meet(_ number: Int, _ verdict: Verdict, _ context: Context) {
        guard cases[number].request.status == .open else { return }
        meetReports(in: number, context.id.subject, verdict.rule, context.directory, context.nowMs)
    }

    mutating func add(_ item: RequestCase) {
        caseOfScope[item.scope] = cases.count
        caseOfKey[item.request.incidentKey] = cases.count
        casesOfHome[item.home, default: []].append(cases.count)
        cases.append(item)
    }

    private mutating func open(
        _ record: IncidentRecord, _ verdict: Verdict, _ context: Context, scope: Scope, home: Subject, related: Int64?
    ) -> RequestCase {
        let subject = context.id.subject
        let sensor = context.directory[record.sensor]
        let isKnown = issued[record.key] != nil
        var request = ServiceRequest(
            id: requestID(for: record.key), service: verdict.rule.service, incidentKey: record.key,
            requestedAtMs: context.nowMs)
        request.severity = 1
        request.sensorID = context.subjectName
        request.detector = record.rule.name
        request.detectorVersion = record.ruleVersion
        request.firstSeenMs = min(verdict.onsetMs, record.pendingSinceMs)
        // In event time, which may lie hours before this moment.
        request.lastSeenMs = verdict.observedAtMs
        request.relatedID = related
        if case .sensor = subject {
            request.address = sensor.address
            request.ward = sensor.ward
            (request.assetID, request.assetType) = (sensor.asset, sensor.asset == nil ? nil : sensor.kind.assetKind)
        }
        let position = context.directory.position(of: subject)
        request.latitude = position?.latitude
        request.longitude = position?.longitude
        var new = RequestCase(
            scope: scope, home: home, request: request, members: [subject], worst: verdict, worstSubject: subject)
        new.firing = 1
        new.updates = issued.lastUpdate(of: request.id)
        if isKnown { takeBack(&new) }
        let text = RequestText(case: new, directory: context.directory)
        tell(&new, text, context.directory, hand: (context.id, verdict))
        new.request.statusNotes = text.opening
        new.request.agency = route(new.request, context.scene)?.agency
        Self.publish(&new, text: text.opening, context)
        witness(new, .opened, verdict, context)
        decide(.requestOpened, context, requestID: request.id, reason: text.title)
        return new
    }

    /// Goes on with the history of a request that sensors had let go of, and of which staff has spoken since: people hold it
    /// now, perhaps as a part of another. That ends by a command, as it is another part of the state.
    private mutating func takeBack(_ item: inout RequestCase) {
        guard let place = place(of: item.request.id) else { return }
        item.updates = max(item.updates, lastUpdate(at: place))
        let end = StreamCommand.Content.link(child: item.request.id, parent: item.request.id)
        if !crossings.contains(end) { crossings.append(end) }
    }

    /// The id that this key has, else the next one.
    mutating func requestID(for key: String) -> Int64 {
        if let given = issued[key] { return given }
        issued.note(nextRequestID, for: key)
        defer { nextRequestID += 1 }
        return nextRequestID
    }

    private mutating func join(_ number: Int, _ verdict: Verdict, _ context: Context) {
        cases[number].firing += 1
        cases[number].request.clearedAtMs = nil
        let isNew = !cases[number].members.contains(context.id.subject)
        if isNew { cases[number].members.append(context.id.subject) }
        // So far it was a load in the bin that was told of, and nothing else.
        let isLoaded = cases[number].worst.rule == .binDumping
        let isWorse = verdict.outranks(cases[number].worst)
        if isWorse { (cases[number].worst, cases[number].worstSubject) = (verdict, context.id.subject) }
        let text = RequestText(case: cases[number], directory: context.directory)
        let before = cases[number].request.severity
        tell(caseAt: number, text, context.directory, hand: (context.id, verdict))
        if isNew, Self.isMilestone(cases[number].members.count) {
            Self.publish(&cases[number], text: text.agreement, context)
            witness(cases[number], .joined, verdict, context)
        } else if !isNew, verdict.rule == .binDumping || isLoaded {
            let seen = sentence(of: verdict, in: cases[number], context.directory)
            Self.publish(&cases[number], text: "Also: \(seen)", context)
            witness(cases[number], .joined, verdict, context)
        } else {
            context.batch.requests.append(cases[number].request)
        }
        decide(.requestJoined, context, requestID: cases[number].request.id, reason: text.agreement)
        if cases[number].request.severity > before {
            reroute(.sensors(number), context.scene)
        } else {
            tellShares(of: .sensors(number), context.scene)
        }
    }

    /// Joins a request that staff has closed as a false alarm, and that stays closed until all is quiet.
    private mutating func joinSilently(_ number: Int, _ context: Context) {
        cases[number].firing += 1
        if !cases[number].members.contains(context.id.subject) { cases[number].members.append(context.id.subject) }
        decide(
            .incidentSuppressed, context, requestID: cases[number].request.id,
            reason:
                "\(context.id.rule.name): staff closed the request as a false alarm, and it has not been quiet since")
    }

    private mutating func reopen(_ number: Int, _ verdict: Verdict, _ context: Context) {
        // More than this one, where staff had closed it while others went on.
        cases[number].firing += 1
        if !cases[number].members.contains(context.id.subject) { cases[number].members.append(context.id.subject) }
        (cases[number].worst, cases[number].worstSubject) = (verdict, context.id.subject)
        let text = RequestText(case: cases[number], directory: context.directory)
        reopen(number, text, because: "Reopened: \(text.recurrence)", verdict, context)
    }

    private mutating func reopen(
        _ number: Int, _ text: RequestText, because note: String, _ verdict: Verdict, _ context: Context
    ) {
        cases[number].request.status = .open
        cases[number].request.word = .open
        cases[number].request.clearedAtMs = nil
        cases[number].closedByStaffAtMs = nil
        // Neither fixed nor nothing, as it seems.
        if cases[number].request.verdict != .confirmed { cases[number].request.verdict = .unreviewed }
        tell(caseAt: number, text, context.directory, hand: (context.id, verdict))
        cases[number].request.statusNotes = note
        Self.publish(&cases[number], text: note, context)
        witness(cases[number], .reopened, verdict, context)
        decide(.requestReopened, context, requestID: cases[number].request.id, reason: note)
        reopenParts(of: .sensors(number), context.scene)
    }

    /// How long sensors have to come to rest after staff has closed a request, at least: what has just been mended runs
    /// dry, empties, clears only by and by.
    static let leastGraceMs: Int64 = 30 * 60_000

    /// Whether staff has closed the request and the rule has had the time in which it would have closed it itself.
    private func hasOutlasted(_ number: Int, _ rule: Rule, atMs: Int64, _ directory: SensorDirectory) -> Bool {
        guard let closedAtMs = cases[number].closedByStaffAtMs, cases[number].request.verdict != .falseAlarm
        else { return false }
        let clearMs = policy(rule, of: cases[number].worstSubject, in: directory).lifecycle.clearMs
        return atMs - closedAtMs >= max(Self.leastGraceMs, clearMs)
    }

    /// Opens requests again that staff closed while something was silent, and that is silent still: silence is told at its
    /// changes only, so time has to look. At each tick.
    public mutating func reviewSilence(nowMs: Int64, directory: SensorDirectory, into batch: CommitBatch) {
        var due = cases.indices.filter { number in
            cases[number].closedByStaffAtMs != nil && cases[number].worst.rule.tellsChangesOnly
                && hasOutlasted(number, cases[number].worst.rule, atMs: nowMs, directory)
        }
        // Places in `cases` are not the same in every run.
        due.sort { cases[$0].request.id < cases[$1].request.id }
        for number in due {
            let id = EpisodeID(subject: cases[number].worstSubject, rule: cases[number].worst.rule)
            let context = Context(id: id, nowMs: nowMs, directory: directory, batch: batch)
            reopenPersisting(number, cases[number].worst, context)
        }
    }

    private mutating func reopenPersisting(_ number: Int, _ verdict: Verdict, _ context: Context) {
        let text = RequestText(case: cases[number], directory: context.directory)
        let said = cases[number].request.word == .fixed ? "as fixed" : "by hand"
        let note = "Reopened: it was closed \(said), but goes on. \(text.summary)"
        reopen(number, text, because: note, verdict, context)
    }

    /// A member is still abnormal: moves `last_seen`, and tells people when it has become graver.
    mutating func noteSighting(in number: Int, _ verdict: Verdict, isWorse: Bool, _ context: Context) {
        let seen = max(cases[number].request.lastSeenMs, verdict.observedAtMs)
        cases[number].request.lastSeenMs = seen
        if cases[number].closedByStaffAtMs != nil {
            // A person's word wins: nothing is said until it is quiet, or has had time enough to be.
            if isWorse, verdict.outranks(cases[number].worst) {
                (cases[number].worst, cases[number].worstSubject) = (verdict, context.id.subject)
            }
            if hasOutlasted(number, verdict.rule, atMs: verdict.observedAtMs, context.directory) {
                reopenPersisting(number, verdict, context)
            }
            return
        }
        if isWorse, verdict.outranks(cases[number].worst) {
            let before = cases[number].request.severity
            (cases[number].worst, cases[number].worstSubject) = (verdict, context.id.subject)
            let text = RequestText(case: cases[number], directory: context.directory)
            tell(caseAt: number, text, context.directory, hand: (context.id, verdict))
            if cases[number].request.severity > before {
                let note = "Graver than first seen: \(text.summary)"
                Self.publish(&cases[number], text: note, context)
                witness(cases[number], .updated, verdict, context)
                decide(.requestUpdated, context, requestID: cases[number].request.id, reason: note)
                reroute(.sensors(number), context.scene)
                return
            }
        }
        guard seen - cases[number].storedLastSeenMs >= Self.lastSeenStepMs else { return }
        cases[number].storedLastSeenMs = seen
        context.batch.requests.append(cases[number].request)
        tellShares(of: .sensors(number), context.scene)
    }

    /// A member has cleared; the last one to do so closes the request.
    mutating func leave(_ number: Int, _ verdict: Verdict, _ context: Context) {
        cases[number].firing -= 1
        guard cases[number].firing == 0 else {
            let left = cases[number].firing
            let reason =
                "\(verdict.rule.name): its signal has ended; \(left) other\(left == 1 ? "" : "s") of the request go on"
            decide(.incidentCleared, context, requestID: cases[number].request.id, reason: reason)
            return
        }
        cases[number].clearedAtMs = verdict.observedAtMs
        cases[number].request.clearedAtMs = verdict.observedAtMs
        cases[number].isOpenedByStaff = false
        if cases[number].request.status == .closed {
            // Staff had closed it; now it is quiet as well.
            cases[number].closedByStaffAtMs = nil
            context.batch.requests.append(cases[number].request)
            decide(
                .incidentCleared, context, requestID: cases[number].request.id,
                reason: "\(verdict.rule.name): all is quiet, after staff had closed the request")
            return
        }
        cases[number].request.status = .closed
        cases[number].request.word = .closed
        cases[number].request.notice = RequestText.closedNotice
        let text = RequestText(case: cases[number], directory: context.directory)
        let note = text.closing(after: policy(context).lifecycle.clearMs, verdict)
        cases[number].request.statusNotes = note
        Self.publish(&cases[number], text: note, context)
        witness(cases[number], .closed, verdict, context)
        context.batch.decisions.append(
            Decision(
                .requestClosed, atMs: context.nowMs, sensorID: cases[number].request.sensorID,
                rule: context.id.rule, requestID: cases[number].request.id, ward: cases[number].request.ward,
                reason: note))
        closeParts(of: .sensors(number), context.scene)
    }

    /// Makes the case's state public: a new `updated_datetime` and a line of its history.
    private static func publish(_ item: inout RequestCase, text: String, _ context: Context) {
        item.storedLastSeenMs = item.request.lastSeenMs
        context.scene.publish(&item.request, &item.updates, text, by: .sensor)
    }

    /// Numbers of sensors that are worth a public note: 2, 3, 5, 10, 20, 50, 100 …
    static func isMilestone(_ count: Int) -> Bool {
        var leading = count
        while leading >= 10, leading % 10 == 0 { leading /= 10 }
        return count == 3 || count > 1 && [1, 2, 5].contains(leading)
    }
}

extension IncidentBook {
    /// Puts the words and figures of its worst verdict into the request of a case of the book.
    mutating func tell(
        caseAt number: Int, _ text: RequestText, _ directory: SensorDirectory,
        hand: (id: EpisodeID, verdict: Verdict)? = nil
    ) {
        // Taken out and put back: the book is read meanwhile, and all its cases would be copied for the one that changes.
        var item = cases[number]
        tell(&item, text, directory, hand: hand)
        cases[number] = item
    }

    /// Puts the words and figures of its worst verdict into the case's request. A case of the book: ``tell(caseAt:_:_:hand:)``.
    ///
    /// - Parameter hand: what the step is about, as for ``locate(_:_:hand:)``.
    func tell(
        _ item: inout RequestCase, _ text: RequestText, _ directory: SensorDirectory,
        hand: (id: EpisodeID, verdict: Verdict)? = nil
    ) {
        let policy = policy(item.worst.rule, of: item.worstSubject, in: directory)
        item.tell(text, beside: beside(item, directory, hand: hand), severity: policy.severity, catalog: catalog)
        locate(&item, directory, hand: hand)
    }

    /// What another rule says of the same bin, in a sentence: that it is full, and that a load was tipped in. Nothing where one
    /// rule speaks alone.
    private func beside(
        _ item: RequestCase, _ directory: SensorDirectory, hand: (id: EpisodeID, verdict: Verdict)?
    ) -> String {
        let other: Rule
        switch item.worst.rule {
        case .binFull, .binForecast: other = .binDumping
        case .binDumping: other = .binFull
        default: return ""
        }
        let id = EpisodeID(subject: item.worstSubject, rule: other)
        let peak = episodes[id].flatMap { $0.record.state == .firing ? $0.record.peak : nil }
        guard let seen = hand.flatMap({ $0.id == id ? $0.verdict : nil }) ?? peak else { return "" }
        return sentence(of: seen, in: item, directory)
    }

    /// What a verdict that the request does not go by saw.
    private func sentence(of verdict: Verdict, in item: RequestCase, _ directory: SensorDirectory) -> String {
        var item = item
        item.worst = verdict
        return RequestText(case: item, directory: directory).summary
    }
}

extension Verdict {
    /// Whether a request should rather speak of this verdict than of `other`.
    func outranks(_ other: Verdict) -> Bool {
        rule == other.rule ? score > other.score : rule.severity > other.rule.severity
    }
}

extension RequestCase {
    /// Puts the words and figures of its worst verdict into the request.
    ///
    /// - Parameters:
    ///   - beside: what else is seen of the same thing, in a sentence; empty if nothing is.
    ///   - severity: its rule's, before its size is known.
    fileprivate mutating func tell(_ text: RequestText, beside: String, severity: Int, catalog: ServiceCatalog) {
        request.title = text.title
        request.description = text.description(beside: beside)
        request.notice = text.notice
        // A request never becomes less grave while it is open: people may already act on it.
        request.severity = max(request.severity, worst.severity(base: severity))
        request.severity = PeopleText.severity(request.severity, people: request.peopleCount)
        request.lastSeenMs = max(request.lastSeenMs, worst.observedAtMs)
        request.sensorCount = text.sensorCount
        (request.locationMethod, request.radiusM) = (text.location?.method, text.location?.radiusM)
        request.observed = worst.observed
        request.expected = worst.expected
        request.threshold = worst.threshold
        request.score = worst.score
        request.unit = worst.quantity.unit.symbol
        request.forecastAtMs = worst.forecastMs == 0 ? nil : worst.forecastMs
        weigh(sensorCount: text.sensorCount)
        // People are evidence of another kind.
        request.confidence = request.confidence.map { PeopleText.confidence($0, people: request.peopleCount) }
        let service = catalog.named(request.service)
        let promised = request.requestedAtMs + service.promiseMs(severity: request.severity)
        // A forecast that had passed when the request was raised, of readings that came late, is no promise.
        let forecastMs = request.forecastAtMs.flatMap { $0 > request.requestedAtMs ? $0 : nil }
        request.expectedAtMs = min(promised, forecastMs ?? promised)
    }
}
