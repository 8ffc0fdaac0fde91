import Foundation
import Testing

/// `/openapi.yaml` against the server that serves it.
@Suite struct APIDescriptionTests {
    @Test func describesEveryPlace() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let document = try await HTTPClient.ask("/openapi.yaml", port: server.port)
            #expect(document.status == 200)
            #expect(document.headers["content-type"] == "application/yaml; charset=utf-8")
            let paths = Set(document.body.matches(of: /(?m)^  (\/[^:]*):$/).map { String($0.1) })
            let labels = Set(paths.map { $0.hasSuffix(".{format}") ? String($0.dropLast(9)) : $0 })
            let metrics = try await HTTPClient.ask("/metrics", port: server.port).body
            let routes = Set(metrics.matches(of: /route="(\/[^"]*)"/).map { String($0.1) })
            // A stream has no end, and files are no interface.
            #expect(routes.subtracting(labels) == ["/api/events", "/assets"])
        }
    }

    @Test func eachMethodIsAnswered() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            let document = try await HTTPClient.ask("/openapi.yaml", port: server.port).body
            var path = ""
            for line in document.split(separator: "\n") {
                if let match = line.firstMatch(of: /^  (\/[^:]*):$/) { path = String(match.1) }
                guard let match = line.firstMatch(of: /^    (get|post|put|delete):$/), !path.isEmpty else { continue }
                let asked = path.replacing("{format}", with: "json").replacing(/\{[a-z]+\}/, with: "1")
                let answer = try await HTTPClient.ask(asked, port: server.port, method: "OPTIONS")
                // What this server has no part for isn't there.
                guard answer.status != 404 else { continue }
                let allowed = answer.headers["allow"]?.split(separator: ", ").map { String($0) } ?? []
                #expect(allowed.contains(match.1.uppercased()), "\(match.1) \(path)")
            }
        }
    }
}
