internal import Detection
internal import Open311
internal import Readings

// Requests that belong to others: reports of what is known, duplicates, other departments' shares.
extension IncidentBook {
    /// Makes `child` a part of `parent`: what sensors have met of it (a note tells its reporter), or staff has said.
    mutating func link(_ child: Int64, to parent: Int64, note: ((ServiceRequest) -> String)?, _ scene: Scene) {
        guard let here = place(of: child), let target = place(of: parent), here.holder != target.holder else { return }
        if here.part == nil, case .sensors = here.holder {
            // Its sensors go on holding it; it closes with the other all the same.
            addLink(child, to: target.holder)
            return
        }
        let moved = take(out: here)
        let whole = request(at: Place(holder: target.holder))
        var parts = moved.parts
        let begun = parts[0].request.word
        for index in parts.indices { parts[index].request.parentID = whole.id }
        if let note {
            parts[0].request.word = .duplicate
            parts[0].request.statusNotes = note(whole)
            parts[0].change { scene.publish(&$0, &$1, $0.statusNotes, by: .system) }
        }
        for part in parts.dropFirst() { scene.batch.requests.append(part.request) }
        add(parts, to: target.holder)
        for link in moved.links { addLink(link, to: target.holder) }
        takeOver(parts, begun: begun, in: target.holder, scene)
        if whole.status == .closed { closeParts(of: target.holder, scene) }
    }

    mutating func link(_ child: Int64, to parent: Int64, _ scene: Scene) {
        link(child, to: parent, note: PeopleText.confirmed(by:), scene)
    }

    /// Takes a person's request, with its parts, or one part away from where it is.
    private mutating func take(out place: Place) -> (parts: [RequestPart], links: [Int64]) {
        switch (place.holder, place.part) {
        case (.people(let id), nil):
            guard let item = letGo(id) else { return ([], []) }
            return ([RequestPart(request: item.request, updates: item.updates)] + item.parts, item.links)
        case (.people(let id), let part?):
            return ([kept[id, default: .blank].parts.remove(at: part)], [])
        case (.sensors(let number), let part?):
            return ([cases[number].parts.remove(at: part)], [])
        case (.sensors, nil):
            preconditionFailure("what sensors hold is not moved")
        }
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

    // MARK: Closing and reopening

    /// Closes all open parts with the whole, each with a note.
    mutating func closeParts(of holder: Holder, _ scene: Scene) {
        let whole = request(at: Place(holder: holder))
        for part in parts(of: holder).indices where parts(of: holder)[part].request.status == .open {
            setClosedWithParent(part, of: holder, true)
            change(Place(holder: holder, part: part)) { request, updates in
                request.status = .closed
                request.word = whole.word
                request.statusNotes = PeopleText.closed(with: whole)
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
        for part in parts(of: holder).indices where parts(of: holder)[part].isClosedWithParent {
            setClosedWithParent(part, of: holder, false)
            change(Place(holder: holder, part: part)) { request, updates in
                request.status = .open
                request.word = .duplicate
                request.verdict = .unreviewed
                request.statusNotes = PeopleText.reopened(with: whole)
                request.notice = whole.notice
                scene.publish(&request, &updates, request.statusNotes, by: .system)
            }
        }
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
            change(Place(holder: holder)) { request, updates in
                request.agency = agency
                scene.publish(&request, &updates, "Passed on to \(agency).", by: .system)
            }
        }
        add(share(request(at: Place(holder: holder)), having: parts(of: holder), scene), to: holder)
    }

    func route(_ request: ServiceRequest, _ scene: Scene) -> Routing.Rule? {
        routing.rule(
            service: request.service, ward: request.ward, severity: request.severity, atMs: scene.nowMs,
            zone: scene.directory.zone)
    }

    /// The shares of other departments that the request is routed to and that it does not have yet. The request itself
    /// stands in the batch already.
    mutating func share(
        _ whole: ServiceRequest, having parts: [RequestPart] = [], _ scene: Scene
    ) -> [RequestPart] {
        guard let rule = route(whole, scene) else { return [] }
        var added: [RequestPart] = []
        for share in rule.parts {
            let key = "\(whole.incidentKey)/for/\(share.service.rawValue)/\(share.agency)"
            guard !parts.contains(where: { $0.request.incidentKey == key }) else { continue }
            var part = RequestPart(request: whole)
            part.request.id = requestID(for: key)
            part.request.incidentKey = key
            part.request.service = share.service
            part.request.agency = share.agency
            part.request.parentID = whole.id
            part.request.requestedAtMs = scene.nowMs
            part.request.token = nil
            part.request.word = .open
            // Counted where it was seen; here they would count twice.
            (part.request.peopleCount, part.request.firstReportedAtMs) = (0, nil)
            part.request.expectedAtMs =
                scene.nowMs + catalog.named(share.service).promiseMs(severity: whole.severity)
            part.request.statusNotes = "Opened for \(share.agency) as a part of request \(whole.id): \(whole.title)"
            part.updates = givenUpdates[part.request.id] ?? 0
            scene.publish(&part.request, &part.updates, part.request.statusNotes, by: .system)
            scene.decide(.requestOpened, part.request, part.request.statusNotes)
            added.append(part)
        }
        return added
    }
}
