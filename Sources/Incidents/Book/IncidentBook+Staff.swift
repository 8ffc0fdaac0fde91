internal import Open311
internal import Readings

// What staff, people and other cities say of a request: status words, findings, comments, duplicates.
extension IncidentBook {
    func decide(_ update: UpdateSubmission, _ command: StreamCommand) -> CommandOutcome {
        guard var item = held(update.requestID, command) else { return .refused(.unknownRequest) }
        var parent: Int64?
        if let duplicateOf = update.duplicateOf {
            guard let named = held(duplicateOf, command) else { return .refused(.unknownRequest) }
            parent = whole(of: duplicateOf)
            let other = parent.flatMap { held($0, command) } ?? named
            guard !isHidden(other.request) || isHidden(item.request) else { return .refused(.hiddenParent) }
            guard parent != update.requestID, whole(of: update.requestID) != parent || place(of: parent ?? 0) == nil
            else { return .refused(.circular) }
        }
        if update.isNoDuplicate == true, item.request.parentID == nil || item.request.isShare {
            return .refused(.noDuplicate)
        }
        var effect = UpdateEffect()
        effect.parent = parent
        let said = item.request.amend(&item.lastUpdate, by: update, parent: parent, atMs: command.atMs)
        effect.adopted = [update.requestID, update.duplicateOf].compactMap { $0 }.filter { place(of: $0) == nil }
        let isFreed = update.isNoDuplicate == true && place(of: update.requestID)?.part != nil
        effect.forgotten = makingRoom(for: effect.adopted.count + (isFreed ? 1 : 0), atMs: command.atMs)
        if parent != nil {
            (effect.moved, effect.links) = moving(
                RequestPart(request: item.request, updates: item.lastUpdate), from: place(of: update.requestID))
        }
        return .updated(said, effect)
    }

    /// The request as the book has it, else as it was stored when the command was posted.
    private func held(_ id: Int64, _ command: StreamCommand) -> KnownRequest? {
        guard let place = place(of: id) else { return command.known.first { $0.request.id == id } }
        return KnownRequest(request: request(at: place), lastUpdate: lastUpdate(at: place))
    }

    private func isHidden(_ request: ServiceRequest) -> Bool {
        catalog.named(request.service).visibility == .hidden
    }

    /// The id of the request that this one is a part of, or its own.
    private func whole(of id: Int64) -> Int64 {
        place(of: id).map { request(at: Place(holder: $0.holder)).id } ?? id
    }

    mutating func apply(
        _ update: UpdateSubmission, _ command: StreamCommand, _ outcome: CommandOutcome, _ scene: Scene
    ) {
        guard case .updated(_, let effect) = outcome else { return }
        for id in effect.forgotten { forget(id) }
        for id in effect.adopted {
            guard let known = command.known.first(where: { $0.request.id == id }) else { continue }
            keep(KeptRequest(request: known.request, updates: known.lastUpdate, isTakenUp: true))
        }
        defer {
            if let parent = effect.parent { move(update.requestID, effect, to: parent, scene) }
            if update.isNoDuplicate == true { free(update.requestID, scene) }
        }
        guard let place = place(of: update.requestID) else { return }
        let before = request(at: place)
        let parent = effect.parent
        var said: RequestUpdate?
        change(place) { request, updates in
            said = request.amend(&updates, by: update, parent: parent, atMs: command.atMs)
            scene.batch.requests.append(request)
        }
        guard let said else { return }
        scene.batch.updates.append(said)
        let now = request(at: place)
        let event: Decision.Event =
            now.status == before.status
            ? .requestUpdated : now.status == .closed ? .requestClosed : .requestReopened
        scene.decide(event, now, "\(update.author.rawValue) says: \(said.text)")
        if now.status != before.status { stateChanged(place, atMs: command.atMs, scene) }
    }

    /// What follows when staff closes a request or opens it again.
    private mutating func stateChanged(_ place: Place, atMs: Int64, _ scene: Scene) {
        let isOpen = request(at: place).status == .open
        if let part = place.part {
            setClosedWithParent(part, of: place.holder, false)
            return
        }
        if case .sensors(let number) = place.holder {
            let isFiring = cases[number].firing > 0
            cases[number].closedByStaffAtMs = !isOpen && isFiring ? atMs : nil
            cases[number].isOpenedByStaff = isOpen && !isFiring
            if !isOpen, !isFiring { cases[number].clearedAtMs = max(cases[number].clearedAtMs, atMs) }
        }
        if isOpen { reopenParts(of: place.holder, scene) } else { closeParts(of: place.holder, scene) }
    }

    func lastUpdate(at place: Place) -> Int {
        switch (place.holder, place.part) {
        case (.sensors(let number), nil): cases[number].updates
        case (.sensors(let number), let part?): cases[number].parts[part].updates
        case (.people(let id), nil): keptRequest(id).updates
        case (.people(let id), let part?): keptRequest(id).parts[part].updates
        }
    }
}

extension ServiceRequest {
    /// Takes in what somebody says of it. Returns the line of its history.
    ///
    /// - Parameters:
    ///   - updates: the number of its last update, which goes up by one.
    ///   - parent: what it is a duplicate of.
    mutating func amend(
        _ updates: inout Int, by update: UpdateSubmission, parent: Int64?, atMs: Int64
    ) -> RequestUpdate {
        let isStaff = update.author == .staff || update.author == .city
        if isStaff { acknowledgedAtMs = acknowledgedAtMs ?? atMs }
        var (newWord, finding) = (update.word, update.verdict)
        // A finding closes, unless the update says otherwise; and what staff has mended was real.
        if newWord == nil, finding == .falseAlarm { newWord = .noFurtherAction }
        if newWord == nil, finding == .fixed { newWord = .fixed }
        if finding == nil, newWord == .fixed, isStaff { finding = .fixed }
        if parent != nil { newWord = .duplicate }
        if update.isNoDuplicate == true, newWord == nil, word == .duplicate { newWord = UpdateWord(status) }
        // What is opened again was neither fixed nor nothing.
        let isDoubted = newWord?.status == .open && verdict != .confirmed
        verdict = finding ?? (isDoubted ? .unreviewed : verdict)
        // A comment on what is over changes nothing of it: it stays updated when it was closed.
        let isComment = newWord == nil && finding == nil && update.isNoDuplicate == nil && status == .closed
        let unsaid =
            update.isNoDuplicate == true && update.word == nil
            ? PeopleText.ofItsOwn : update.verdict.map(PeopleText.sentence) ?? PeopleText.sentence(newWord ?? word)
        let text = update.text.isEmpty ? unsaid : update.text
        if let newWord {
            word = newWord == .reopen ? .open : newWord
            // A duplicate stays open as long as what it is a duplicate of.
            if parent == nil { status = newWord.status }
            statusNotes = text
            notice = status == .closed ? RequestText.closedNotice : notice == RequestText.closedNotice ? "" : notice
        }
        parentID = update.isNoDuplicate == true ? nil : parent ?? parentID
        updates += 1
        let saidAtMs = max(updatedAtMs, atMs)
        if !isComment { updatedAtMs = saidAtMs }
        var said = RequestUpdate(
            requestID: id, number: updates, atMs: saidAtMs, status: status, text: text, word: word,
            author: update.author)
        said.mediaURL = update.mediaURL
        said.externalID = update.externalID
        return said
    }
}
