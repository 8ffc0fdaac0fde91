internal import IssueStorage
internal import Open311

/// Files requests with another city's GeoReport v2 server, and posts their updates there.
///
/// ```
///   no number there ──▶ POST requests.json ──▶ number ──▶ POST servicerequestupdates.json, one for each later change
///                            │    └─▶ token ──▶ GET tokens/TOKEN.json, until there is a number
///                            └ no answer ──▶ ask again (idempotent), or look whether it is listed (search), or a person (hold)
/// ```
/// The first change of a request that is delivered files it as it is then; so a request that a filter let through late
/// arrives whole.
struct CityChannel: DeliveryChannel {
    let target: CityTarget
    let document: RequestDocument
    let nowMs: @Sendable () -> Int64
    /// Asked before a call that must not be made twice, and writes down that it is being made.
    let recorder: any OutboxRecorder
    /// Whether the server was seen to list what we had filed.
    let listsRequests: @Sendable (_ destination: Int64) async -> Bool?
    let caller: HTTPCaller

    init(
        _ target: CityTarget, document: RequestDocument, recorder: any OutboxRecorder,
        listsRequests: @escaping @Sendable (Int64) async -> Bool?, nowMs: @escaping @Sendable () -> Int64
    ) {
        self.target = target
        self.document = document
        self.recorder = recorder
        self.listsRequests = listsRequests
        self.nowMs = nowMs
        caller = HTTPCaller(
            limit: target.limit, authorityFile: target.authorityFile, connections: target.concurrency)
    }

    var concurrency: Int { target.concurrency }
    var mustNotRepeat: Bool { target.repetition != .idempotent }
    var reference: Reference { document.reference }

    func close() async { await caller.close() }

    func deliver(_ item: OutboxItem) async -> DeliveryOutcome {
        // Cities that forward to each other would pass a request to and fro for ever.
        guard !Reference.isForwarded(item.request.description), let item = document.shown(item) else {
            return .withheld
        }
        guard let foreign = item.foreign else { return await file(item) }
        if let id = foreign.id { return await post(item, to: id) }
        guard let token = foreign.token else { return await file(item) }
        return await resolve(token, of: item)
    }

    // MARK: - Filing

    private func file(_ item: OutboxItem) async -> DeliveryOutcome {
        if let since = item.unclearSinceMs, target.repetition != .idempotent {
            if let known = await settle(item, since: since) { return known }
        }
        if let trouble = await announce(item) { return trouble }
        return await send("requests.json", form(item), item) { answer in
            guard let reply = CityReply.parse(answer.body)?.first, reply.requestID != nil || reply.token != nil else {
                return .unclear("\(answer.summary): names neither a number nor a token")
            }
            return await filed(item, as: ForeignRequest(id: reply.requestID, token: reply.token))
        }
    }

    private func form(_ item: OutboxItem) -> FormBody {
        let request = item.request
        var form = FormBody()
        form.add("api_key", target.key)
        form.add("jurisdiction_id", target.jurisdiction)
        form.add("service_code", target.codes[request.service] ?? request.service.rawValue)
        if let latitude = request.latitude, let longitude = request.longitude {
            form.add("lat", "\(latitude)")
            form.add("long", "\(longitude)")
        }
        form.add("address_string", request.address ?? (request.latitude == nil ? place(of: request) : nil))
        form.add("description", description(of: request))
        form.add("media_url", document.media(of: request))
        return form
    }

    /// Where a request without position and address is: GeoReport wants to be told. Two that are in different places must not
    /// say the same, for a receiver takes what is reported twice of one address as one.
    private func place(of request: ServiceRequest) -> String {
        let thing = request.assetID ?? (request.sensorID.isEmpty ? reference.mark(of: request) : request.sensorID)
        return request.ward.map { "\(thing), \($0)" } ?? thing
    }

    /// The description, as long as GeoReport allows, with its severity and our mark in its last lines.
    private func description(of request: ServiceRequest) -> String {
        let end = [Self.severity(of: request), reference.line(of: request)].compactMap { $0 }.joined(separator: "\n")
        let text = request.description.isEmpty ? request.title : request.description
        let room = RequestSubmission.longestDescription - end.unicodeScalars.count - 1
        return String(text.unicodeScalars.prefix(room)) + "\n" + end
    }

    /// How soon somebody has to look, in words: GeoReport has no field for it, and a fire must not look like a full bin. nil of
    /// what people report, which nobody has judged.
    private static func severity(of request: ServiceRequest) -> String? {
        guard request.origin == .sensor else { return nil }
        return switch request.severity {
        case ...1: "Severity: low (1 of 4)."
        case 2: "Severity: soon, within days (2 of 4)."
        case 3: "Severity: urgent, today (3 of 4)."
        default: "Severity: at once (4 of 4)."
        }
    }

    /// The first change is told by filing itself; a later one follows as an update.
    private func filed(_ item: OutboxItem, as foreign: ForeignRequest) async -> DeliveryOutcome {
        var changes: [OutboxChange] = [
            .filed(destination: item.destination, requestID: item.requestID, as: foreign, atMs: nowMs())
        ]
        if foreign.id != nil, target.repetition == .search, await listsRequests(item.destination) == nil,
            case .found(let found) = await search(item, since: nowMs())
        {
            changes.append(.listsRequests(destination: item.destination, found != nil))
        }
        guard foreign.id != nil else {
            return .postponed(ms: Self.firstTokenWaitMs, "filed; waits for its number", changes)
        }
        return item.number == 1 ? .delivered(changes) : .postponed(ms: 0, "filed; its update is next", changes)
    }

    // MARK: - Tokens

    static let firstTokenWaitMs: Int64 = 60_000

    private func resolve(_ token: String, of item: OutboxItem) async -> DeliveryOutcome {
        let name = String(decoding: FormBody.encoded(token), as: UTF8.self)
        do throws(HTTPCaller.Failure) {
            let answer = try await caller.get("\(target.url)/tokens/\(name).json\(query([]))")
            if answer.isSuccess, let id = CityReply.parse(answer.body)?.first?.requestID {
                return await filed(item, as: ForeignRequest(id: id, token: token))
            }
            // San Francisco says 404 for as long as a token has no number.
            guard answer.isSuccess || answer.status == 404 else {
                return .failed(answer.summary, askedMs: answer.retryAfterMs)
            }
            let waited = nowMs() - (item.triedAtMs ?? item.queuedAtMs)
            return .postponed(
                ms: min(max(Self.firstTokenWaitMs, waited / 4), 3_600_000), "token \(token) has no number yet")
        } catch {
            return .failed(error.reason)
        }
    }

    // MARK: - Updates

    private func post(_ item: OutboxItem, to id: String) async -> DeliveryOutcome {
        guard target.takesUpdates else { return .withheld }
        if item.unclearSinceMs != nil, target.repetition != .idempotent {
            if let known = await settleUpdate(item, of: id) { return known }
        }
        if let trouble = await announce(item) { return trouble }
        var form = FormBody()
        form.add("api_key", target.key)
        form.add("jurisdiction_id", target.jurisdiction)
        form.add("service_request_id", id)
        form.add("update_id", reference.key(of: item))
        // A duplicate that is open as long as its parent: to others, "duplicate" closes.
        let word = item.update.word.status == item.update.status ? item.update.word : .init(item.update.status)
        form.add("status", word.rawValue.uppercased())
        form.add("updated_datetime", W3CDateTime(milliseconds: item.update.atMs).description)
        form.add("description", item.update.text)
        return await send("servicerequestupdates.json", form, item) { _ in .delivered() }
    }

    // MARK: - Calls

    /// Posts a form and says what its answer means; `accept` reads one of success.
    private func send(
        _ path: String, _ form: FormBody, _ item: OutboxItem, accept: (HTTPCaller.Answer) async -> DeliveryOutcome
    ) async -> DeliveryOutcome {
        do throws(HTTPCaller.Failure) {
            let answer = try await caller.post(
                "\(target.url)/\(path)", form.bytes, type: FormBody.type,
                headers: [("Idempotency-Key", reference.key(of: item))])
            return answer.isSuccess ? await accept(answer) : Self.outcome(ofError: answer)
        } catch {
            return error.mayHaveArrived ? .unclear(error.reason) : .failed(error.reason)
        }
    }

    /// What an error says about this change, and about the next attempt.
    static func outcome(ofError answer: HTTPCaller.Answer) -> DeliveryOutcome {
        switch answer.status {
        case 300..<400: .failed("\(answer.summary) (redirects are not followed: configure the new address)")
        // A wrong key is mended by people, and then everything is to arrive.
        case 401, 403, 407, 425, 429: .failed(answer.summary, askedMs: answer.retryAfterMs)
        // Two attempts met: the other one has not been answered yet.
        case 408, 409: .unclear(answer.summary, askedMs: answer.retryAfterMs)
        case 400..<500: .refused(answer.summary)
        // A server that says when to come again has not taken it.
        case 503 where answer.retryAfterMs != nil: .failed(answer.summary, askedMs: answer.retryAfterMs)
        default: .unclear(answer.summary, askedMs: answer.retryAfterMs)
        }
    }

    /// Writes down that a call is about to be made which nobody may make twice: a kill between its answer and our note of it
    /// is then an unclear failure.
    private func announce(_ item: OutboxItem) async -> DeliveryOutcome? {
        guard target.repetition != .idempotent else { return nil }
        do {
            try await recorder.record([.sending(id: item.id, atMs: nowMs())])
            return nil
        } catch {
            return .postponed(ms: 5_000, "the store can't note that it is sent: \(error)")
        }
    }

    func query(_ parameters: [(String, String?)]) -> String {
        var form = FormBody()
        form.add("jurisdiction_id", target.jurisdiction)
        for (name, value) in parameters { form.add(name, value) }
        return form.bytes.isEmpty ? "" : "?" + form.text
    }
}
