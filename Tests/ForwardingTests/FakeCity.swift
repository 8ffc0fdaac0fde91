import Open311
import Synchronization
import TestSupport

/// Another city's GeoReport server, kept in memory: what it was told, and how it misbehaves.
///
/// It honours neither `Idempotency-Key` nor `update_id`, as most servers: what is sent twice is there twice.
final class FakeCity: Sendable {
    /// What it does with the next calls of one kind, in order.
    enum Whim: Sendable {
        /// Takes it, and never says so.
        case takeAndHang
        /// Takes it, and hangs up.
        case takeAndDrop
        /// Takes it, and what it says can't be read.
        case takeAndBabble
        /// Does not take it, and hangs up.
        case drop
        case answer(Int, String)
        /// Takes it, and gives a token for it.
        case token(String)
    }

    /// What becomes of `page`, which GeoReport does not know.
    enum Paging: Sendable {
        case pages
        /// It lists its newest 50, whatever page is asked for.
        case ignored
        /// It refuses what it does not know, and lists its newest 50.
        case refused
    }

    struct State {
        /// Forms of requests that are filed, by place: number 100 and up.
        var filed: [[String: String]] = []
        var updates: [[String: String]] = []
        var whims: [String: [Whim]] = [:]
        /// Whether requests are listed.
        var isListing = true
        /// So many requests of others are newer than all that we filed, and listed before them.
        var newer = 0
        /// How its list is cut.
        var paging = Paging.pages
        /// How many hours ago the requests of others were filed, in the list's order; the last for all that follow. None: the list
        /// has no dates.
        var hoursAgo: [Int] = []
        var tokens: [String: String] = [:]
    }

    let state = Mutex(State())

    var filed: [[String: String]] { state.withLock { $0.filed } }
    var updates: [[String: String]] { state.withLock { $0.updates } }

    func whim(_ path: String, _ whims: [Whim]) { state.withLock { $0.whims[path] = whims } }

    /// A server that runs this city.
    func server() async throws -> ScriptedServer {
        try await ScriptedServer { [self] call, _ in state.withLock { Self.answer(call, &$0) } }
    }

    private static func answer(_ call: ScriptedServer.Call, _ state: inout State) -> ScriptedServer.Action {
        switch (call.method, call.path) {
        case ("POST", "/requests.json"):
            return take(call, "/requests.json", &state) { state in
                state.filed.append(call.form)
                return #"[{"service_request_id":"\#(99 + state.filed.count)","service_notice":""}]"#
            }
        case ("POST", "/servicerequestupdates.json"):
            return take(call, "/servicerequestupdates.json", &state) { state in
                state.updates.append(call.form)
                return #"[{"update_id":"\#(state.updates.count)"}]"#
            }
        case ("GET", "/requests.json"):
            guard state.isListing else { return .answer(200, "[]") }
            var (page, size) = (Int(call.query["page"] ?? "") ?? 1, Int(call.query["page_size"] ?? "") ?? 50)
            switch state.paging {
            case .pages: break
            case .refused where call.query["page"] != nil: return .answer(400, "unknown parameter: page")
            case .refused, .ignored: (page, size) = (1, 50)
            }
            let items = listed(state).dropFirst((page - 1) * size).prefix(size)
            return .answer(200, "[\(items.joined(separator: ","))]")
        case ("GET", "/servicerequestupdates.json"):
            let items = state.updates.map { form in
                #"{"service_request_id":"\#(form["service_request_id"] ?? "")","#
                    + #""description":"\#(escaped(form["description"] ?? ""))"}"#
            }
            return .answer(200, "[\(items.joined(separator: ","))]")
        default:
            guard call.path.hasPrefix("/tokens/") else { return .answer(404, "no such place") }
            let token = String(call.path.dropFirst("/tokens/".count).dropLast(".json".count))
            guard let id = state.tokens[token] else { return .answer(404, "[]") }
            return .answer(200, #"[{"service_request_id":"\#(id)","token":"\#(token)"}]"#)
        }
    }

    /// All that it has, newest first.
    private static func listed(_ state: State) -> [String] {
        let nowMs = OutboxBench.nowMs()
        let others = (0..<state.newer).map { place in
            let hours = place < state.hoursAgo.count ? state.hoursAgo[place] : state.hoursAgo.last
            let filed = hours.map { W3CDateTime(milliseconds: nowMs - Int64($0) * 3_600_000) }
            let date = filed.map { #","requested_datetime":"\#($0)""# }
            return #"{"service_request_id":"other-\#(place)","description":"Not ours."\#(date ?? "")}"#
        }
        // A number where the specification has a text, as some write it.
        let ours = state.filed.enumerated().reversed().map { place, form in
            #"{"service_request_id":\#(100 + place),"description":"\#(escaped(form["description"] ?? ""))"}"#
        }
        return others + ours
    }

    private static func take(
        _ call: ScriptedServer.Call, _ path: String, _ state: inout State, _ take: (inout State) -> String
    ) -> ScriptedServer.Action {
        guard let whim = state.whims[path]?.first else { return .answer(200, take(&state)) }
        state.whims[path]?.removeFirst()
        switch whim {
        case .takeAndHang:
            _ = take(&state)
            return .hang
        case .takeAndDrop:
            _ = take(&state)
            return .drop
        case .takeAndBabble:
            _ = take(&state)
            return .answer(200, "<html>Thank you!</html>")
        case .drop: return .drop
        case .answer(let status, let text): return .answer(status, text)
        case .token(let token):
            _ = take(&state)
            return .answer(200, #"[{"token":"\#(token)"}]"#)
        }
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\n" ? "\\n" : $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
    }
}
