internal import IssueStorage
internal import Open311
internal import TimeBase

// After an attempt without an answer: was it filed?
extension CityChannel {
    enum Search {
        /// The server answered: the request's number there, or nil when it is not listed.
        case found(String?)
        /// It could not be asked.
        case failed(DeliveryOutcome)
    }

    /// Pages that are looked through, and requests asked for on each.
    private static let mostPages = 20
    private static let pageSize = 200
    /// How far a server's clock may be from ours: some name the wrong zone.
    private static let clockDifferenceMs: Int64 = 86_400_000

    /// What is to be done about a filing that nobody answered; nil when it surely did not arrive and is to be sent again.
    func settle(_ item: OutboxItem, since: Int64) async -> DeliveryOutcome? {
        if target.repetition == .hold {
            return .held("nobody answered when it was filed; see whether it is there, then retry or discard it")
        }
        let left = since + target.settling.milliseconds - nowMs()
        // A clock that was set back is no reason to wait longer.
        if left > 0, left <= target.settling.milliseconds {
            return .postponed(ms: left, "nobody answered when it was filed; looks soon whether it is listed")
        }
        switch await search(item, since: since) {
        case .failed(let outcome): return outcome
        case .found(let id?):
            let changes: [OutboxChange] = [
                .filed(
                    destination: item.destination, requestID: item.requestID, as: ForeignRequest(id: id, token: nil),
                    atMs: nowMs()),
                .listsRequests(destination: item.destination, true),
            ]
            return item.number == 1 ? .delivered(changes) : .postponed(ms: 0, "filed; its update is next", changes)
        case .found(nil):
            // Only of a server that lists what we file does it mean anything that this is not listed.
            if await listsRequests(item.destination) == true { return nil }
            return .held(
                "nobody answered when it was filed, and the server does not list what we file; "
                    + "see whether it is there, then retry or discard it")
        }
    }

    /// Looks for our mark in what the server lists, newest first.
    ///
    /// `page` is no part of GeoReport v2: a server that does not know it lists its newest again, and on a busy day ours may be
    /// behind them. So it is absent only from a list that has an end, or that goes back to before it was sent.
    ///
    /// - Parameter since: when it was first sent.
    func search(_ item: OutboxItem, since: Int64) async -> Search {
        let code = target.codes[item.request.service] ?? item.request.service.rawValue
        var seen: Set<String> = []
        for page in 1...Self.mostPages {
            let parameters = [
                ("service_code", code), ("page", String(page)), ("page_size", String(Self.pageSize)),
            ]
            let replies: [CityReply]
            do throws(HTTPCaller.Failure) {
                let answer = try await caller.get("\(target.url)/requests.json\(query(parameters))")
                // Some servers refuse parameters that they don't know; then the first page is all that there is.
                if page == 1, answer.status == 400 { return await searchPlainly(item, code, since) }
                guard answer.isSuccess, answer.isWhole, let parsed = CityReply.parse(answer.body) else {
                    return .failed(.unclear("can't look whether it was filed: \(answer.summary)"))
                }
                replies = parsed
            } catch {
                return .failed(.unclear("can't look whether it was filed: \(error.reason)"))
            }
            if let id = match(item, in: replies) { return .found(id) }
            if replies.isEmpty || Self.reachesBack(replies, behind: since) { return .found(nil) }
            let fresh = replies.compactMap(\.requestID).filter { seen.insert($0).inserted }
            // The same again: there are no pages.
            if fresh.isEmpty { break }
        }
        return Self.notSeen(among: seen.count)
    }

    private func searchPlainly(_ item: OutboxItem, _ code: String, _ since: Int64) async -> Search {
        do throws(HTTPCaller.Failure) {
            let answer = try await caller.get("\(target.url)/requests.json\(query([("service_code", code)]))")
            guard answer.isSuccess, answer.isWhole, let replies = CityReply.parse(answer.body) else {
                return .failed(.unclear("can't look whether it was filed: \(answer.summary)"))
            }
            if let id = match(item, in: replies) { return .found(id) }
            if replies.isEmpty || Self.reachesBack(replies, behind: since) { return .found(nil) }
            return Self.notSeen(among: replies.count)
        } catch {
            return .failed(.unclear("can't look whether it was filed: \(error.reason)"))
        }
    }

    /// Not seen among the newest is not absent: to file it again might file it twice.
    private static func notSeen(among count: Int) -> Search {
        .failed(
            .held(
                "nobody answered when it was filed, and it is not among the newest \(count) that the server lists; "
                    + "see whether it is there, then retry or discard it"))
    }

    /// Whether a list, though it may have been cut, holds all that was filed since: it is in the order of filing, newest first, and
    /// goes back further.
    private static func reachesBack(_ replies: [CityReply], behind since: Int64) -> Bool {
        let times = replies.compactMap(\.requestedMs)
        guard times.count == replies.count, let oldest = times.last else { return false }
        return oldest < since - clockDifferenceMs && zip(times, times.dropFirst()).allSatisfy(>=)
    }

    private func match(_ item: OutboxItem, in replies: [CityReply]) -> String? {
        replies.first { $0.description.map { reference.marks($0, item.request) } ?? false }?.requestID
    }

    /// The same for an update: nil when it is to be sent again.
    func settleUpdate(_ item: OutboxItem, of id: String) async -> DeliveryOutcome? {
        let held = "nobody answered when it was posted; see whether it is there, then retry or discard it"
        if target.repetition == .hold { return .held(held) }
        do throws(HTTPCaller.Failure) {
            let answer = try await caller.get(
                "\(target.url)/servicerequestupdates.json\(query([("service_request_id", id)]))")
            guard answer.isSuccess, answer.isWhole, let replies = CityReply.parse(answer.body) else {
                guard (400..<500).contains(answer.status) else {
                    return .unclear("can't look whether it was posted: \(answer.summary)")
                }
                return .held(held)
            }
            let key = reference.key(of: item)
            let isThere = replies.contains { reply in
                reply.updateID == key || reply.requestID == id && reply.description == item.update.text
            }
            return isThere ? .delivered() : nil
        } catch {
            return .unclear("can't look whether it was posted: \(error.reason)")
        }
    }
}
