internal import Detection
internal import Open311
internal import Readings

// People's reports: of something that is known already, or of something new.
//
// A report always has a request of its own. Servers that file for people, FixMyStreet first of all, ask for updates by
// the id that they were answered with, and hold each id for one report: two reports with one id, and the second reporter
// never hears of it again. So a report of what is known becomes a part of that: it points to its parent, and closes with
// it, with a note.
extension IncidentBook {
    func decide(_ report: RequestSubmission, _ command: StreamCommand, _ directory: SensorDirectory) -> CommandOutcome {
        guard catalog[report.service] != nil else { return .refused(.unknownService) }
        let id = issued[StreamCommand.incidentKey(ticket: command.ticket)] ?? nextRequestID
        guard let holder = nearest(to: ReportedPlace(report), atMs: command.atMs, directory) else {
            return .filed(requestID: id, parent: nil, forgotten: makingRoom(for: 1, atMs: command.atMs))
        }
        let parent = request(at: Place(holder: holder)).id
        guard parts(of: holder).count < RequestPart.mostOfOne else { return .counted(requestID: parent) }
        return .filed(requestID: id, parent: parent, forgotten: [])
    }

    /// The open request that the report most likely is about: the nearest within reach, and of several as near the oldest.
    private func nearest(to place: ReportedPlace, atMs: Int64, _ directory: SensorDirectory) -> Holder? {
        guard joinsByPlace(place.service) else { return nil }
        var best: (metres: Double, id: Int64, holder: Holder)?
        func consider(_ metres: Double?, _ id: Int64, _ holder: Holder) {
            guard let metres else { return }
            if let best, (best.metres, best.id) <= (metres, id) { return }
            best = (metres, id, holder)
        }
        for number in cases.indices {
            guard cases[number].request.service == place.service, cases[number].request.status == .open else {
                continue
            }
            consider(cases[number].distance(to: place, directory), cases[number].request.id, .sensors(number))
        }
        for id in keptIDs {
            guard let other = kept[id]?.request, other.service == place.service, other.status == .open,
                other.parentID == nil, atMs - other.updatedAtMs <= Nearness.staysMs(place.service)
            else { continue }
            consider(place.distance(to: ReportedPlace(other)), id, .people(id))
        }
        return best?.holder
    }

    /// Where places are kept back, what a report becomes a part of would tell where that is. There, staff joins them.
    private func joinsByPlace(_ service: ServiceCode) -> Bool {
        if case .coarse = catalog.named(service).visibility { return false }
        return true
    }

    mutating func file(
        _ report: RequestSubmission, _ command: StreamCommand, _ outcome: CommandOutcome, _ scene: Scene
    ) {
        switch outcome {
        case .counted(let parent):
            if let place = place(of: parent) { count(report, in: place.holder, command, scene) }
        case .filed(let id, let parent, let forgotten):
            for id in forgotten { forget(id) }
            nextRequestID = max(nextRequestID, id + 1)
            var part = RequestPart(request: fresh(id, report, command, scene))
            issued.note(id, for: part.request.incidentKey)
            guard let parent else {
                open(part.request, scene)
                return
            }
            part.request.parentID = parent
            part.request.word = .duplicate
            // Without its whole it is in saved state that comes later: there it is a part already.
            guard let whole = place(of: parent), whole.part == nil else { return }
            count(report, in: whole.holder, command, scene)
            part.request.isDealtWith(like: request(at: whole), catalog.named(report.service))
            part.request.statusNotes = PeopleText.known(as: told(of: request(at: whole), to: part.request))
            scene.publish(&part.request, &part.updates, part.request.statusNotes, by: .system)
            add([part], to: whole.holder)
            scene.decide(.requestJoined, part.request, "reported by a person; a part of request \(parent)")
        case .updated, .refused, .applied:
            break
        }
    }

    /// A request that nothing is known of but what the reporter said.
    private func fresh(
        _ id: Int64, _ report: RequestSubmission, _ command: StreamCommand, _ scene: Scene
    ) -> ServiceRequest {
        let service = catalog.named(report.service)
        var request = ServiceRequest(
            id: id, service: report.service, incidentKey: StreamCommand.incidentKey(ticket: command.ticket),
            requestedAtMs: command.atMs)
        request.origin = .person
        request.title = PeopleText.title(service, report)
        request.description = report.description.isEmpty ? request.title : report.description
        request.attributes = report.attributes
        request.mediaURL = report.mediaURL
        request.address = report.address
        request.addressID = report.addressID
        request.latitude = report.latitude
        request.longitude = report.longitude
        request.locationMethod = request.position == nil ? nil : .reported
        request.ward = command.ward
        request.assetID = report.assetID
        request.assetType = report.assetType
        request.sensorID = report.sensorID ?? ""
        request.sensorCount = 0
        request.peopleCount = 1
        request.firstReportedAtMs = command.atMs
        request.token = command.token
        let route = routing.rule(
            service: request.service, ward: request.ward, severity: request.severity, atMs: command.atMs,
            zone: scene.directory.zone)
        request.agency = route?.agency
        request.notice = PeopleText.notice(agency: route?.agency ?? service.agency)
        request.expectedAtMs = command.atMs + service.promiseMs(severity: request.severity)
        return request
    }

    /// Opens a person's request.
    private mutating func open(_ request: ServiceRequest, _ scene: Scene) {
        var item = KeptRequest(request: request)
        item.request.statusNotes = PeopleText.opened
        scene.publish(&item.request, &item.updates, PeopleText.opened, by: .person)
        scene.decide(.requestOpened, item.request, "\(item.request.title), reported by a person")
        keep(item)
        share(.people(item.request.id), scene)
    }

    /// Counts the reporter, unless this person is counted there already.
    private mutating func count(
        _ report: RequestSubmission, in holder: Holder, _ command: StreamCommand, _ scene: Scene
    ) {
        let earlier = report.earlier ?? []
        let isKnown =
            earlier.contains(request(at: Place(holder: holder)).id)
            || parts(of: holder).contains { $0.request.origin == .person && earlier.contains($0.request.id) }
        if !isKnown { countPerson(in: holder, atMs: command.atMs, scene) }
    }

    /// One more person has seen it.
    private mutating func countPerson(in holder: Holder, atMs: Int64, _ scene: Scene) {
        let whole = Place(holder: holder)
        change(whole) { request, _ in
            request.peopleCount += 1
            request.firstReportedAtMs = min(request.firstReportedAtMs ?? atMs, atMs)
        }
        tellPeople(in: holder, isNews: false, scene)
    }

    /// Publishes that people have seen it, where that is news, or their number is worth a note.
    mutating func tellPeople(in holder: Holder, isNews: Bool, _ scene: Scene) {
        let before = request(at: Place(holder: holder)).severity
        if case .sensors(let number) = holder {
            tell(caseAt: number, RequestText(case: cases[number], directory: scene.directory), scene.directory)
        } else {
            let catalog = catalog
            change(Place(holder: holder)) { request, _ in
                request.severity = PeopleText.severity(request.severity, people: request.peopleCount)
                let service = catalog.named(request.service)
                request.expectedAtMs = request.requestedAtMs + service.promiseMs(severity: request.severity)
            }
        }
        let now = request(at: Place(holder: holder))
        guard isNews || now.peopleCount == 1 || Self.isMilestone(now.peopleCount) || now.severity > before else {
            scene.batch.requests.append(now)
            return
        }
        let note = PeopleText.agreement(sensors: now.sensorCount, people: now.peopleCount)
        change(Place(holder: holder)) { scene.publish(&$0, &$1, note, by: .person) }
        scene.decide(.requestUpdated, now, note)
        if now.severity > before { reroute(holder, scene) }
    }

    // MARK: Sensors that meet what people reported

    /// Notes that a sensor has met what people had reported near it: their requests become parts of the case.
    mutating func meetReports(
        in number: Int, _ subject: Subject, _ rule: Rule, _ directory: SensorDirectory, _ nowMs: Int64
    ) {
        guard !keptIDs.isEmpty else { return }
        let service = cases[number].request.service
        guard joinsByPlace(service) else { return }
        for id in keptIDs {
            guard let other = kept[id]?.request, other.service == service, other.status == .open,
                other.origin == .person,
                other.parentID == nil, nowMs - other.updatedAtMs <= Nearness.staysMs(service),
                cases[number].distance(of: subject, to: ReportedPlace(other), rule, directory) != nil
            else { continue }
            let link = StreamCommand.Content.link(child: id, parent: cases[number].request.id)
            if !crossings.contains(link) { crossings.append(link) }
        }
    }
}

extension RequestCase {
    /// How far the place is from where it is shown, or from the nearest of its sensors, in metres; nil when that is too far.
    ///
    /// What several sensors tell of is shown between them, and there people see it, and report it.
    func distance(to place: ReportedPlace, _ directory: SensorDirectory) -> Double? {
        let toSensor = members.compactMap { distance(of: $0, to: place, worst.rule, directory) }.min()
        guard let shown = request.position, let position = place.position else { return toSensor }
        let metres = Nearness.metres(position, shown)
        return metres <= Nearness.reachM(worst.rule) ? min(metres, toSensor ?? metres) : toSensor
    }

    func distance(
        of subject: Subject, to place: ReportedPlace, _ rule: Rule, _ directory: SensorDirectory
    ) -> Double? {
        switch subject {
        case .sensor(let sensor): place.distance(to: directory[sensor], rule: rule)
        case .gateway(let number):
            directory.gateways[number].sensors.compactMap { place.distance(to: directory[$0], rule: rule) }.min()
        }
    }
}
