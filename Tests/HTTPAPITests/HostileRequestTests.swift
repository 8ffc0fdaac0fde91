import HTTPAPI
import NIOCore
import Testing

/// Ten thousand requests that mean no good, at the real server over real sockets.
@Suite struct HostileRequestTests {
    private static let workers = 8
    private static let each = 1250

    @Test(.timeLimit(.minutes(5))) func everyOneIsAnsweredAsSpecified() async throws {
        try await RunningServer.with(desk: SampleDesk()) { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<Self.workers {
                    group.addTask { try await Self.attack(server.port, seed: UInt64(worker)) }
                }
                var asked = 0
                for try await count in group { asked += count }
                #expect(asked == Self.workers * Self.each)
            }
            let alive = try await HTTPClient.ask("/open311/v2/requests.json", port: server.port)
            #expect(alive.status == 200)
        }
    }

    @Test(.timeLimit(.minutes(2))) func bodiesThatAreHalfSentLeaveNothingBehind() async throws {
        try await RunningServer.with(desk: SampleDesk(), configure: { $0.mostConnections = 16 }) { server in
            var dice = Dice(seed: 99)
            for _ in 0..<200 {
                let request = HostileRequest(&dice).bytes
                let part = Array(request.prefix(1 + dice.below(request.count)))
                // Hangs up in the middle of it.
                try await HTTPClient.openRaw(port: server.port) { _, send in try? await send(part) }
            }
            // Each took one of 16 places, so they are free again.
            let alive = try await HTTPClient.ask("/health/live", port: server.port)
            #expect(alive.status == 200)
        }
    }

    /// Sends one request after the other, on a connection for as long as the server keeps it.
    private static func attack(_ port: Int, seed: UInt64) async throws -> Int {
        var dice = Dice(seed: seed)
        var requests: [HostileRequest] = []
        for _ in 0..<each { requests.append(HostileRequest(&dice)) }
        var done = 0
        while done < requests.count {
            let rest = requests[done...]
            done += try await HTTPClient.openRaw(port: port) { inbound, send in
                var answers = KeptConnection(inbound)
                var count = 0
                for request in rest {
                    try await send(request.bytes)
                    count += 1
                    guard let answer = try await answers.next() else {
                        Issue.record("no answer to \(request)")
                        return count
                    }
                    check(answer, to: request)
                    if answer.closes { return count }
                }
                return count
            }
        }
        return done
    }

    private static func check(_ answer: KeptConnection.Answer, to request: HostileRequest) {
        #expect(
            request.allowed.contains(answer.status),
            "\(answer.status), \(String(decoding: answer.body.prefix(300), as: UTF8.self))\nto \(request)")
        guard answer.status >= 400, let format = request.format else { return }
        let text = String(decoding: answer.body, as: UTF8.self)
        let begins =
            format == "json"
            ? #"[{"code":\#(answer.status),"description":""#
            : "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<errors><error><code>\(answer.status)</code><description>"
        #expect(text.hasPrefix(begins), "\(text.prefix(200))\nto \(request)")
        #expect(text.utf8.count < 1000, "an answer grows with the question \(request)")
        #expect(answer.headers["content-type"]?.hasSuffix("; charset=utf-8") == true)
    }
}
