internal import Forwarding
internal import HTTPAPI
internal import Incidents
internal import IssueStorage
internal import Logging
internal import NIOPosix
internal import Open311
internal import Pipeline
internal import Readings
internal import Settings
internal import TimeBase

/// Takes what people and other systems write.
///
/// ```
///   POST ─▶ key ─▶ asset, ward ─▶ store job: reporter, submission ─▶ mailbox ─▶ pipeline ─▶ batch ─▶ commit ─▶ answer
///           403, 429              503 while the store is stalled                503 full    └ answer, in the same transaction
/// ```
/// Nothing is lost and nothing doubled: a submission is stored before it is posted, under what tells it from others; its
/// answer is stored with what it led to. Whoever has heard no answer says the same again and is told the same.
struct Desk: CivicDesk {
    let writing: Configuration.Writing
    let store: IssueStore
    let reader: IssueReader
    let mailbox: CommandMailbox
    let keyring: Keyring
    let underWay = CommandsUnderWay()
    let catalog: ServiceCatalog
    let wards: WardMap?
    let photos: PhotoShelf
    /// The daemon's: the stream's time. What is stored about people follows the machine's, as promises to them do.
    let clock: WallClock
    let logger: Logger

    /// How long a caller waits for the commit before he is asked to come again. Commits take milliseconds.
    static let patience = Duration.seconds(10)
    private static let retryAfterS = 5

    // MARK: - Keys

    func access(
        key: String?, needing role: AccessRole, from address: String
    ) async throws(GeoReportError) -> Access {
        guard writing != .off else { throw GeoReportError(code: 403, "Nothing can be posted to this server.") }
        guard let key else {
            // On this machine alone, as the configuration's check has seen to.
            if writing == .open, role != .administer {
                return Access(key: 0, name: "anyone", roles: [.report, .update])
            }
            throw GeoReportError(code: 403, "api_key: is missing.")
        }
        do throws(GeoReportError) {
            return try keyring.access(
                key, needing: role, from: address, wallMs: WallClock.system.nowMs(),
                monotonicMs: MonotonicClock.nowMs())
        } catch {
            // A flood of wrong keys is some lines, and then one each time that it may go on.
            guard error.code == 403 else { throw error }
            logger.notice(
                "key.refused",
                metadata: ["address": "\(address)", "role": "\(role.rawValue)", "reason": "\(error.description)"])
            throw error
        }
    }

    // MARK: - Submissions

    func submit(
        _ submission: RequestSubmission, photos: [Photo], reporter: Reporter?, by access: Access
    ) async throws -> SubmissionReceipt {
        let isStaff = access.roles.contains(.update)
        // What is hidden from others is as if it were not there.
        guard isStaff || catalog.published(code: submission.service) != nil else { throw Self.error(.unknownService) }
        let hash = SubmissionHash(submission, reporter)
        var (submission, reporter) = (submission, reporter)
        submission.description = Reference.admitted(submission.description, named: submission.externalID)
        // Else a pseudonym could be looked up by reporting under a name.
        if isStaff || catalog.named(submission.service).visibility == .open {
            try await settleDevice(&submission, &reporter)
        }
        try await settleAsset(&submission, hiding: isStaff ? [] : AssetQuery.hiddenSensors(catalog))
        let handling = catalog.named(submission.service).handling
        let token = handling == .batch ? Token.make() : nil
        let ward = submission.position.flatMap { wards?.ward(at: $0) }
        try await keep(photos)
        let entered = try await enter(
            hash, .report(submission), reporter, by: access, token: token, ward: ward, known: [])
        switch handling {
        // It is stored, so it will be filed: at once, or at the next start.
        case .batch:
            post(entered)
            guard let token = entered.token else { break }
            return .token(token)
        case .blackbox:
            post(entered)
            return .taken
        case .realtime: break
        }
        switch try await outcome(of: entered) {
        case .request(let id), .update(let id, _): return .request(id)
        case .refused(let refusal): throw Self.error(refusal)
        }
    }

    func submit(_ update: UpdateSubmission, photos: [Photo], by access: Access) async throws -> RequestUpdate {
        var known: [KnownRequest] = []
        for id in [update.requestID] + [update.duplicateOf].compactMap({ $0 }) {
            guard let request = try await stored(id) else { throw Self.error(.unknownRequest) }
            known.append(request)
        }
        try await keep(photos)
        var entered = try await enter(
            SubmissionHash(update), .update(update), nil, by: access, token: nil, ward: nil, known: known)
        // What was said before, and is said again because it was never met, may name what has changed since.
        entered.command?.known = known
        switch try await outcome(of: entered) {
        case .refused(let refusal): throw Self.error(refusal)
        case .request(let id): throw GeoReportError(code: 400, "This was said before, of request \(id).")
        case .update(let id, let number):
            guard let written = try await reader.updates(ofRequest: id).first(where: { $0.number == number }) else {
                throw Self.error(.unknownRequest)
            }
            return written
        }
    }

    func request(token: String) async throws -> TokenState {
        guard let found = try await reader.submission(token: token) else {
            throw GeoReportError(code: 404, "There is no such token.")
        }
        switch found.outcome {
        case nil: return .pending
        case .request(let id)?, .update(let id, _)?: return .request(id)
        case .refused(let refusal)?: throw Self.error(refusal)
        }
    }

    /// Posts what was stored and never met the stream: before a kill, or while the mailbox was full.
    func postWaiting() async throws {
        for submission in try await reader.unansweredSubmissions() {
            var submission = submission
            // It has waited, and what it names may have changed since.
            for place in (submission.command?.known ?? []).indices {
                guard let id = submission.command?.known[place].request.id, let now = try await stored(id) else {
                    continue
                }
                submission.command?.known[place] = now
            }
            post(submission)
        }
    }

    /// A request as it is stored now, for a command that names it.
    ///
    /// The pipeline counts on that only for what it does not remember itself, and it remembers whatever something was said of
    /// within the hour. So it has to be read shortly before the command is posted.
    private func stored(_ id: Int64) async throws -> KnownRequest? {
        guard let request = try await reader.request(id: id) else { return nil }
        return KnownRequest(request: request, lastUpdate: try await reader.updates(ofRequest: id).last?.number ?? 0)
    }

    // MARK: - Photos, on a pool's threads: how many are asked for at once is the callers' choice

    func name(of photo: Photo) -> String { PhotoShelf.name(of: photo) }

    /// Keeps what a submission names, before it is stored itself. What then comes to nothing is swept (``PhotoKeeper``).
    private func keep(_ photos: [Photo]) async throws {
        for photo in photos {
            do {
                try await NIOThreadPool.singleton.runIfActive { [shelf = self.photos] in try shelf.keep(photo) }
            } catch {
                logger.warning("desk.photo_refused", metadata: ["reason": "\(error)"])
                throw GeoReportError(
                    code: 503, "There is no room for photos right now. Send the report without, or later.",
                    retryAfterS: 600)
            }
        }
    }

    func photo(named name: String) async throws -> Photo? {
        try await NIOThreadPool.singleton.runIfActive { [photos] in photos.photo(named: name) }
    }

    // MARK: - On the way

    /// A device that the registry knows is a sensor, and no person's phone.
    private func settleDevice(_ submission: inout RequestSubmission, _ reporter: inout Reporter?) async throws {
        guard let device = reporter?.deviceID, try await reader.sensor(id: device) != nil else { return }
        submission.sensorID = device
        reporter?.deviceID = nil
        if reporter?.isEmpty ?? false { reporter = nil }
    }

    /// A report of an asset stands where the asset stands.
    /// - Parameter hidden: what these stand at is not known here: the report would tell where that is.
    private func settleAsset(_ submission: inout RequestSubmission, hiding hidden: Set<SensorKind>) async throws {
        guard let id = submission.assetID else { return }
        var query = AssetQuery()
        (query.id, query.hiddenSensors) = (id, hidden)
        guard let asset = try await reader.assets(query).first else {
            let isPlaced = submission.latitude != nil || submission.address != nil || submission.addressID != nil
            guard isPlaced else {
                throw GeoReportError(code: 400, "service_object_id: no asset of this id is known here; say where it is")
            }
            return
        }
        (submission.latitude, submission.longitude) = (asset.latitude, asset.longitude)
        submission.address = submission.address ?? asset.address
        submission.assetType = submission.assetType ?? asset.kind
    }

    private func enter(
        _ hash: SubmissionHash, _ content: StreamCommand.Content, _ reporter: Reporter?, by access: Access,
        token: String?, ward: String?, known: [KnownRequest]
    ) async throws -> Submission {
        let wallMs = WallClock.system.nowMs()
        var command = StreamCommand(ticket: 0, atMs: clock.nowMs(), content)
        (command.token, command.ward, command.known) = (token, ward, known)
        do {
            return try await store.perform { [command] db -> Submission in
                try SubmissionTable.enter(
                    db, idempotency: hash.bytes, expires: hash.expires, keyID: access.key, atMs: wallMs
                ) { ticket in
                    var numbered = command
                    numbered.ticket = ticket
                    if let reporter, case .report(var report) = content {
                        let earlier = try ReporterTable.earlierRequests(db, reporter)
                        report.earlier = earlier.isEmpty ? nil : earlier
                        numbered.content = .report(report)
                    }
                    let row = try reporter.map { try ReporterTable.insert(db, $0, atMs: wallMs) }
                    return (row, numbered)
                }.submission
            }
        } catch let error as StoreJobError {
            throw unavailable("\(error)")
        } catch let error as StorageError {
            // It may be in all the same; then it counts as said when it is said again.
            throw unavailable("\(error)")
        }
    }

    /// Posts a command unless it is under way or answered. Nobody waits for it.
    private func post(_ submission: Submission) {
        guard submission.outcome == nil, let command = submission.command, underWay.begin(submission.id) else { return }
        if mailbox.post(.person(command)) != .taken { underWay.giveUp(submission.id) }
    }

    /// Posts a command if need be, and waits for what comes of it.
    private func outcome(of submission: Submission) async throws -> SubmissionOutcome {
        if let outcome = submission.outcome { return outcome }
        guard let command = submission.command else { throw unavailable("the submission has no command") }
        let (answers, isPosted) = underWay.wait(for: submission.id)
        if !isPosted {
            switch mailbox.post(.person(command)) {
            case .taken: break
            case .full, .stopping:
                underWay.giveUp(submission.id)
                throw unavailable("too much waits to be committed")
            }
        }
        guard let outcome = await Self.first(of: answers) else { throw unavailable("the commit takes long") }
        return SubmissionOutcome(outcome)
    }

    private static func first(of answers: AsyncStream<CommandOutcome>) async -> CommandOutcome? {
        await withTaskGroup(of: CommandOutcome?.self) { group in
            group.addTask {
                for await answer in answers { return answer }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func unavailable(_ reason: String) -> GeoReportError {
        logger.warning("desk.unavailable", metadata: ["reason": "\(reason)"])
        return GeoReportError(
            code: 503, "This can't be stored right now. Send the same again: it will be filed once.",
            retryAfterS: Self.retryAfterS)
    }

    private static func error(_ refusal: CommandRefusal) -> GeoReportError {
        switch refusal {
        case .unknownRequest: GeoReportError(code: 404, "There is no service request with this id.")
        case .unknownService: GeoReportError(code: 404, "There is no service with this code.")
        case .circular: GeoReportError(code: 400, "A request is no duplicate of itself, nor of a part of it.")
        case .noDuplicate:
            GeoReportError(
                code: 400, "parent_service_request_id: this request is no duplicate, and has no parent to be without.")
        case .hiddenParent:
            GeoReportError(
                code: 400,
                "parent_service_request_id: that request is not public, and this one is and would tell of it. Close this one "
                    + "with words of its own.")
        }
    }
}

extension RequestSubmission {
    fileprivate var position: Sensor.Position? {
        guard let latitude, let longitude else { return nil }
        return Sensor.Position(latitude: latitude, longitude: longitude)
    }
}
