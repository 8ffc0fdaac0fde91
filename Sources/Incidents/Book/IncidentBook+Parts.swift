internal import Detection
internal import Open311
internal import Readings

// Requests that belong to others: reports of what is known, duplicates, other departments' shares.
extension IncidentBook {
    /// Sensors have met what a person had reported: the report becomes a part of their request, with a note to whoever
    /// made it.
    mutating func link(_ child: Int64, to parent: Int64, _ scene: Scene) {
        guard child != parent else { return letGoOfWhatSensorsHold(child) }
        guard let here = place(of: child), here.part == nil, case .people = here.holder else { return }
        // Without its whole it is in saved state that comes later: there it is a part already.
        guard let item = letGo(child), let target = place(of: parent) else { return }
        let whole = request(at: Place(holder: target.holder))
        var part = RequestPart(request: item.request, updates: item.updates)
        let begun = part.request.word
        part.request.isDealtWith(like: whole, catalog.named(whole.service))
        part.request.parentID = whole.id
        part.request.word = .duplicate
        part.request.statusNotes = PeopleText.confirmed(by: told(of: whole, to: part.request))
        part.change { scene.publish(&$0, &$1, $0.statusNotes, by: .system) }
        take(in: [part] + item.parts, item.links, begun: begun, to: target.holder, scene)
    }

    /// Sensors have met again what people held: as a request of its own, or as a part. Each place is a part of the state that is
    /// saved by itself, and nothing goes from one to the other here.
    private mutating func letGoOfWhatSensorsHold(_ id: Int64) {
        for part in letGo(id)?.parts ?? [] { keep(KeptRequest(request: part.request, updates: part.updates)) }
        for number in cases.indices { cases[number].parts.removeAll { $0.request.id == id } }
        for keeper in keptIDs { kept[keeper]?.parts.removeAll { $0.request.id == id } }
    }

    /// What would move if this request became a part of another: it and its parts. Nothing, if sensors hold it.
    func moving(_ own: RequestPart, from place: Place?) -> (parts: [RequestPart], links: [Int64]) {
        guard let place else { return ([own], []) }
        switch (place.holder, place.part) {
        case (.people(let id), nil):
            let item = keptRequest(id)
            return ([own] + item.parts, item.links)
        case (.people(let id), let part?):
            var own = own
            own.isClosedWithParent = keptRequest(id).parts[part].isClosedWithParent
            return ([own], [])
        case (.sensors(let number), let part?):
            var own = own
            own.isClosedWithParent = cases[number].parts[part].isClosedWithParent
            return ([own], [])
        case (.sensors, nil):
            return ([], [own.request.id])
        }
    }

    /// Staff has called `child` a duplicate of `parent`. Replay may have neither of them before it: then what moved is
    /// taken from the log, and what is not there is in saved state that comes later.
    mutating func move(_ child: Int64, _ effect: UpdateEffect, to parent: Int64, _ scene: Scene) {
        let target = place(of: parent)
        if let here = place(of: child), !effect.moved.isEmpty {
            guard here.holder != target?.holder else { return }
            takeOut(here)
        }
        guard let holder = target?.holder else { return }
        take(in: effect.moved, effect.links, begun: .duplicate, to: holder, scene)
    }

    /// Staff has said that a request is no duplicate: it goes on by itself, and counts no more for the whole.
    mutating func free(_ id: Int64, _ scene: Scene) {
        for number in cases.indices { cases[number].links.removeAll { $0 == id } }
        for keeper in keptIDs { kept[keeper]?.links.removeAll { $0 == id } }
        guard let here = place(of: id), let number = here.part else { return }
        let part = parts(of: here.holder)[number]
        takeOut(here)
        keep(KeptRequest(request: part.request, updates: part.updates))
        guard part.request.origin == .person else { return }
        let reports = parts(of: here.holder).map(\.request).filter { $0.origin == .person }
        change(Place(holder: here.holder)) { whole, _ in
            // Two reports of one person counted once.
            let least = whole.origin == .person || !reports.isEmpty ? 1 : 0
            whole.peopleCount = max(least, whole.peopleCount - part.request.peopleCount)
            let own = whole.origin == .person ? [whole.requestedAtMs] : []
            whole.firstReportedAtMs = (own + reports.map { $0.firstReportedAtMs ?? $0.requestedAtMs }).min()
        }
        tellPeople(in: here.holder, isNews: false, scene)
    }

    private mutating func takeOut(_ place: Place) {
        switch (place.holder, place.part) {
        case (.people(let id), nil): letGo(id)
        case (.people(let id), let part?): kept[id, default: .blank].parts.remove(at: part)
        case (.sensors(let number), let part?): cases[number].parts.remove(at: part)
        case (.sensors, nil): break
        }
    }

    /// Takes requests in as parts of the whole that is there.
    private mutating func take(
        in moved: [RequestPart], _ links: [Int64], begun: UpdateWord, to holder: Holder, _ scene: Scene
    ) {
        let whole = request(at: Place(holder: holder))
        var parts = moved
        for index in parts.indices { parts[index].request.parentID = whole.id }
        for part in parts.dropFirst() { scene.batch.requests.append(part.request) }
        add(parts, to: holder)
        for link in links { addLink(link, to: holder) }
        takeOver(parts, begun: begun, in: holder, scene)
        if whole.status == .closed { closeParts(of: holder, scene) }
    }

    /// What people have said and staff has begun of the parts counts for the whole.
    private mutating func takeOver(
        _ parts: [RequestPart], begun word: UpdateWord, in holder: Holder, _ scene: Scene
    ) {
        let reports = parts.map(\.request).filter { $0.origin == .person }
        guard !reports.isEmpty else { return }
        change(Place(holder: holder)) { request, _ in
            // The first one's count includes those that were its parts.
            request.peopleCount += reports[0].peopleCount
            for report in reports {
                let firstMs = report.firstReportedAtMs ?? report.requestedAtMs
                request.firstReportedAtMs = min(request.firstReportedAtMs ?? firstMs, firstMs)
            }
            guard let begun = reports[0].acknowledgedAtMs, request.acknowledgedAtMs == nil else { return }
            request.acknowledgedAtMs = begun
            if request.word == .open, request.status == .open, word.status == .open { request.word = word }
        }
        tellPeople(in: holder, isNews: true, scene)
    }

    private mutating func addLink(_ id: Int64, to holder: Holder) {
        guard !links(of: holder).contains(id) else { return }
        switch holder {
        case .sensors(let number): cases[number].links.append(id)
        case .people(let keeper): kept[keeper, default: .blank].links.append(id)
        }
    }

    mutating func setClosedWithParent(_ part: Int, of holder: Holder, _ value: Bool) {
        switch holder {
        case .sensors(let number): cases[number].parts[part].isClosedWithParent = value
        case .people(let id): kept[id, default: .blank].parts[part].isClosedWithParent = value
        }
    }

    /// A whole, as the texts of a part of it may speak of it. They are stored with the part and told as its own service tells,
    /// which may keep back less than the whole's, and knows nothing of the whole's sensor.
    func told(of whole: ServiceRequest, to part: ServiceRequest) -> ServiceRequest {
        let visibility = catalog.named(whole.service).visibility
        guard visibility > .open else { return whole }
        var told = whole
        if visibility > .pseudonymous, visibility > catalog.named(part.service).visibility {
            (told.title, told.statusNotes) = ("", "")
        }
        guard !whole.sensorID.isEmpty else { return told }
        told.title = told.title.replacing(whole.sensorID, with: "a sensor")
        told.statusNotes = told.statusNotes.replacing(whole.sensorID, with: "a sensor")
        return told
    }

    // MARK: Closing and reopening

    /// Closes all open parts with the whole, each with a note.
    mutating func closeParts(of holder: Holder, _ scene: Scene) {
        let whole = request(at: Place(holder: holder))
        let words = parts(of: holder).map { told(of: whole, to: $0.request) }
        for part in parts(of: holder).indices where parts(of: holder)[part].request.status == .open {
            setClosedWithParent(part, of: holder, true)
            change(Place(holder: holder, part: part)) { request, updates in
                request.status = .closed
                request.word = whole.word
                request.statusNotes = PeopleText.closed(with: words[part])
                request.notice = RequestText.closedNotice
                request.verdict = whole.verdict
                scene.publish(&request, &updates, request.statusNotes, by: .system)
            }
        }
        for link in links(of: holder) { crossings.append(.close(child: link, parent: whole.id)) }
    }

    /// Opens the parts again that were closed with the whole: their reporters were told that it is over.
    mutating func reopenParts(of holder: Holder, _ scene: Scene) {
        let whole = request(at: Place(holder: holder))
        let words = parts(of: holder).map { told(of: whole, to: $0.request) }
        for part in parts(of: holder).indices where parts(of: holder)[part].isClosedWithParent {
            setClosedWithParent(part, of: holder, false)
            change(Place(holder: holder, part: part)) { request, updates in
                request.status = .open
                request.word = .open
                request.verdict = .unreviewed
                request.statusNotes = PeopleText.reopened(with: words[part])
                request.notice = whole.notice
                if request.isShare, whole.origin == .person {
                    request.notice = PeopleText.notice(agency: request.agency ?? "")
                }
                scene.publish(&request, &updates, request.statusNotes, by: .system)
            }
        }
        tellShares(of: holder, scene)
    }

    /// Closes a request that sensors hold open, because what it is a duplicate of has closed.
    mutating func closeLinked(_ child: Int64, of parent: Int64, _ scene: Scene) {
        guard let place = place(of: child), case .sensors(let number) = place.holder, place.part == nil,
            cases[number].request.status == .open
        else { return }
        cases[number].request.status = .closed
        cases[number].request.word = .closed
        // Nothing of the parent but its number: replay may not have it before it.
        cases[number].request.statusNotes = "Closed with request \(parent), which it is a duplicate of."
        cases[number].request.notice = RequestText.closedNotice
        if cases[number].firing > 0 {
            cases[number].closedByStaffAtMs = scene.nowMs
        } else {
            cases[number].clearedAtMs = max(cases[number].clearedAtMs, scene.nowMs)
        }
        let note = cases[number].request.statusNotes
        cases[number].change { scene.publish(&$0, &$1, note, by: .system) }
        closeParts(of: place.holder, scene)
    }

    // MARK: Departments

    /// Routes a request that has become graver anew: to another agency, or to more of them.
    mutating func reroute(_ holder: Holder, _ scene: Scene) {
        let whole = request(at: Place(holder: holder))
        let rule = route(whole, scene)
        if let agency = rule?.agency, agency != whole.agency {
            // With what people have reported of the same.
            let reports = parts(of: holder).indices.filter {
                parts(of: holder)[$0].request.isReport(of: whole) && parts(of: holder)[$0].request.agency != agency
            }
            for part in [nil] + reports.map(Optional.some) {
                change(Place(holder: holder, part: part)) { request, updates in
                    request.agency = agency
                    if request.origin == .person { request.notice = PeopleText.notice(agency: agency) }
                    scene.publish(&request, &updates, "Passed on to \(agency).", by: .system)
                }
            }
        }
        share(holder, scene)
    }

    func route(_ request: ServiceRequest, _ scene: Scene) -> Routing.Rule? {
        routing.rule(
            service: request.service, ward: request.ward, severity: request.severity, atMs: scene.nowMs,
            zone: scene.directory.zone)
    }

    /// Files the parts of other departments that the request is routed to and that were not filed yet, and tells those that
    /// were what it tells by now. The request itself stands in the batch already.
    mutating func share(_ holder: Holder, _ scene: Scene) {
        tellShares(of: holder, scene)
        let whole = request(at: Place(holder: holder))
        if case .people(let id) = holder, keptRequest(id).isTakenUp { return }
        guard let rule = route(whole, scene) else { return }
        for share in rule.parts {
            let key = "\(whole.incidentKey)\(ServiceRequest.shareMark)\(share.service.rawValue)/\(share.agency)"
            guard noteShare(key, of: holder) else { continue }
            var part = RequestPart(request: whole)
            part.request.id = requestID(for: key)
            part.request.incidentKey = key
            part.request.service = share.service
            part.request.agency = share.agency
            if whole.origin == .person { part.request.notice = PeopleText.notice(agency: share.agency) }
            part.request.parentID = whole.id
            part.request.requestedAtMs = scene.nowMs
            part.request.token = nil
            part.request.word = .open
            part.request.acknowledgedAtMs = nil
            // Counted where it was seen; here they would count twice.
            (part.request.peopleCount, part.request.firstReportedAtMs) = (0, nil)
            part.request.expectedAtMs =
                scene.nowMs + catalog.named(share.service).promiseMs(severity: whole.severity)
            part.request.statusNotes = "Opened for \(share.agency) as a part of request \(whole.id): \(whole.title)"
            part.updates = issued.lastUpdate(of: part.request.id)
            scene.publish(&part.request, &part.updates, part.request.statusNotes, by: .system)
            scene.decide(.requestOpened, part.request, part.request.statusNotes)
            add([part], to: holder)
        }
    }

    /// Another department reads what the whole says, and hears by a note of its own when that has become graver.
    mutating func tellShares(of holder: Holder, _ scene: Scene) {
        let whole = request(at: Place(holder: holder))
        for number in parts(of: holder).indices {
            let before = parts(of: holder)[number].request
            guard before.isShare, before.status == .open else { continue }
            var now = before
            now.say(the: whole, promiseMs: catalog.named(before.service).promiseMs(severity: whole.severity))
            guard now != before else { continue }
            change(Place(holder: holder, part: number)) { request, updates in
                request = now
                guard now.severity > before.severity else {
                    scene.batch.requests.append(request)
                    return
                }
                request.statusNotes = "Graver than first seen: \(whole.title)"
                scene.publish(&request, &updates, request.statusNotes, by: .system)
            }
        }
    }

    /// Whether this is a new one.
    private mutating func noteShare(_ key: String, of holder: Holder) -> Bool {
        func note(_ shares: inout [String]) -> Bool {
            guard !shares.contains(key) else { return false }
            shares.append(key)
            return true
        }
        return switch holder {
        case .sensors(let number): note(&cases[number].shares)
        case .people(let id): note(&kept[id, default: .blank].shares)
        }
    }
}

extension ServiceRequest {
    /// Whether it is what a person reported of the same trouble, and open: whoever deals with the whole deals with it.
    fileprivate func isReport(of whole: ServiceRequest) -> Bool {
        origin == .person && status == .open && service == whole.service && !isShare
    }

    /// Takes over what the whole says of the trouble, as a part of it was filed with that.
    ///
    /// - Parameter promiseMs: within which its own service promises to deal with what is as grave.
    fileprivate mutating func say(the whole: ServiceRequest, promiseMs: Int64) {
        (title, description) = (whole.title, whole.description)
        (sensorCount, confidence, estimate) = (whole.sensorCount, whole.confidence, whole.estimate)
        (observed, expected, threshold, score) = (whole.observed, whole.expected, whole.threshold, whole.score)
        (unit, detector, detectorVersion) = (whole.unit, whole.detector, whole.detectorVersion)
        (forecastAtMs, forecastLowMs, forecastHighMs) = (whole.forecastAtMs, whole.forecastLowMs, whole.forecastHighMs)
        (latitude, longitude) = (whole.latitude, whole.longitude)
        (locationMethod, radiusM) = (whole.locationMethod, whole.radiusM)
        guard whole.severity > severity else { return }
        severity = whole.severity
        expectedAtMs = min(expectedAtMs ?? .max, requestedAtMs + promiseMs)
    }

    /// A report of what is known is dealt with by whoever deals with that.
    mutating func isDealtWith(like whole: ServiceRequest, _ service: Service) {
        guard origin == .person, self.service == whole.service, agency != whole.agency else { return }
        agency = whole.agency
        notice = PeopleText.notice(agency: whole.agency ?? service.agency)
    }
}
