public import Foundation
internal import FoundationNetworking

/// A plain GET from a server on this machine.
public struct HTTPAnswer: Sendable {
    public var status: Int
    public var type: String
    /// The daemon's time, in milliseconds since the Unix epoch: what a demo's clock shows.
    public var nowMs: Int64
    public var body: Data
    /// The header `Retry-After`; only of what was posted.
    public var retryAfter: String?

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    public var json: Any? { try? JSONSerialization.jsonObject(with: body) }

    /// The body as a list of JSON objects.
    public var objects: [[String: Any]] { json as? [[String: Any]] ?? [] }

    public static func get(_ address: String, headers: [String: String] = [:]) async throws -> HTTPAnswer {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        return HTTPAnswer(
            status: http.statusCode, type: http.value(forHTTPHeaderField: "Content-Type") ?? "",
            nowMs: http.value(forHTTPHeaderField: "Sluice-Now-Ms").flatMap(Int64.init) ?? 0, body: data)
    }

    /// Posts a form.
    public static func post(
        _ address: String, form: [String: String], headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        let plain = CharacterSet.alphanumerics
        let body = form.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: plain) ?? "")"
        }.joined(separator: "&")
        return try await post(
            address, type: "application/x-www-form-urlencoded", body: Data(body.utf8), headers: headers)
    }

    /// Posts anything.
    public static func post(
        _ address: String, type: String, body: Data, headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        request.httpBody = body
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let http = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        return HTTPAnswer(
            status: http.statusCode, type: http.value(forHTTPHeaderField: "Content-Type") ?? "",
            nowMs: http.value(forHTTPHeaderField: "Sluice-Now-Ms").flatMap(Int64.init) ?? 0, body: data,
            retryAfter: http.value(forHTTPHeaderField: "Retry-After"))
    }

    /// Asks again until `isGood`, where the server has no event to wait for.
    public static func poll(
        _ address: String, within limit: Duration = .patience, until isGood: @escaping @Sendable (HTTPAnswer) -> Bool
    ) async throws -> HTTPAnswer {
        var last: HTTPAnswer?
        try await eventually("a good answer of \(address)", within: limit) {
            // A server that is still starting refuses the connection.
            last = try? await get(address)
            return last.map(isGood) ?? false
        }
        guard let last else { throw TestTimeout(description: "no answer of \(address)") }
        return last
    }
}
