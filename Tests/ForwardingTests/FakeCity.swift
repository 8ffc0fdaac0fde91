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

    struct State {
        /// Forms of requests that are filed, by place: number 100 and up.
        var filed: [[String: String]] = []
        var updates: [[String: String]] = []
        var whims: [String: [Whim]] = [:]
        /// Whether requests are listed.
        var isListing = true
        /// So many requests of others are newer than all that we filed, and listed before them, page by page.
        var newer = 0
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
            let (page, size) = (Int(call.query["page"] ?? "") ?? 1, Int(call.query["page_size"] ?? "") ?? 50)
            if state.newer > (page - 1) * size {
                let items = (0..<size).map {
                    #"{"service_request_id":"other-\#(page)-\#($0)","description":"Not ours."}"#
                }
                return .answer(200, "[\(items.joined(separator: ","))]")
            }
            // A number where the specification has a text, as some write it.
            let items = state.filed.enumerated().map { place, form in
                #"{"service_request_id":\#(100 + place),"description":"\#(escaped(form["description"] ?? ""))"}"#
            }
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
