import HTTPAPI
import NIOCore
import Open311
import Telemetry
import TestSupport
import Testing

@Suite struct LiveStreamTests {
    /// Far beyond the time limit of a test: a server that waits for it is seen to wait.
    private static let hour = Duration.seconds(3600)

    private static let ask = "GET /api/events HTTP/1.1\r\nHost: t\r\n\r\n"

    private static func decision(_ number: Int) -> LiveEvent {
        .decision(
            LiveDecision(
                event: "request.opened", atMs: nowMs, sensorID: "s\n\(number)", rule: "burst", requestID: Int64(number),
                reason: "flow"))
    }

    /// Reads on until `text` has come.
    private static func read(
        until text: String, _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) async throws -> String {
        var all = ""
        while true {
            let chunk = try #require(try await inbound.next(), "closed after '\(all.suffix(1000))'")
            all += String(buffer: chunk)
            let news = all.utf8.suffix(chunk.readableBytes + text.utf8.count)
            if String(decoding: news, as: UTF8.self).contains(text) { return all }
        }
    }

    @Test(.timeLimit(.minutes(1))) func deliversWhatIsPublishedToEveryone() async throws {
        try await RunningServer.with { server in
            try await HTTPClient.open(port: server.port) { first, send in
                try await send(Self.ask)
                var first = first.makeAsyncIterator()
                #expect(try await Self.read(until: "retry: 3000\n\n", &first).contains("text/event-stream"))
                try await HTTPClient.open(port: server.port) { second, send in
                    try await send(Self.ask)
                    var second = second.makeAsyncIterator()
                    _ = try await Self.read(until: "retry: 3000\n\n", &second)
                    server.events.publish(Self.decision(7))
                    let expected =
                        "event: decision\nid: 1\ndata: "
                        + #"{"event":"request.opened","datetime":"2026-11-21T20:34:05Z","sensor_id":"s\n7","#
                        + #""rule":"burst","service_request_id":"7","reason":"flow"}"# + "\n\n"
                    #expect(try await Self.read(until: "}\n\n", &second).contains(expected))
                    server.events.publish(.request(SampleSource.five.all[0]))
                    let request = try await Self.read(until: "]\n\n", &second)
                    #expect(request.contains("event: request\nid: 2\ndata: [{\"service_request_id\":\"5\","))
                }
                let both = try await Self.read(until: "]\n\n", &first)
                #expect(both.contains("id: 1\n") && both.contains("id: 2\n"))
            }
        }
    }

    @Test(arguments: [(1, 1250), (8, 10_000), (200, 250_000), (100_000, 250_000)])
    func theMoreListenersTheLongerEventsWaitForEachOther(listeners: Int, microseconds: Int) {
        #expect(EventBroadcaster.pace(listeners: listeners) == .microseconds(microseconds))
    }

    @Test(.timeLimit(.minutes(1))) func tellsItsClockWhileNothingHappens() async throws {
        try await RunningServer.with(configure: { $0.heartbeat = .milliseconds(5) }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "event: clock\ndata: {\"now_ms\":\(nowMs)}\n\n", &inbound)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func endsStreamsAtShutdown() async throws {
        try await RunningServer.with(configure: { $0.shutdownGrace = Self.hour }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                await server.shutDown()
                while try await inbound.next() != nil {}
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func tellsASlowReaderWhatItMissedAndStillShutsDown() async throws {
        try await RunningServer.with(
            configure: {
                $0.eventBuffer = 4
                $0.shutdownGrace = Self.hour
            }
        ) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                // Far more than fits between the two ends, while nobody reads at this one.
                let filler = String(repeating: "x", count: 100_000)
                for number in 1...400 {
                    server.events.publish(
                        .decision(LiveDecision(event: "x", atMs: 0, sensorID: "\(number)", reason: filler)))
                }
                let text = try await Self.read(until: "id: 400\n", &inbound)
                #expect(text.contains("event: gap\ndata: {\"lost\":"))
                let gaps = text.matches(of: /"lost":(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
                let got = text.matches(of: /event: decision/).count
                #expect(gaps + got == 400)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func sendsABurstTogetherAndLosesNothingOfIt() async throws {
        try await RunningServer.with { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                for number in 1...100 { server.events.publish(Self.decision(number)) }
                let text = try await Self.read(until: "id: 100\n", &inbound)
                let ids = text.matches(of: /\nid: (\d+)\n/).compactMap { Int($0.1) }
                #expect(ids == Array(1...100))
                // Each write is a chunk, which begins with its length.
                #expect(text.split(separator: "\r\n").count { $0.hasPrefix("event: ") } < 20)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func cutsAReaderThatStopsReading() async throws {
        try await RunningServer.with(configure: { $0.heartbeat = .milliseconds(20) }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                let filler = String(repeating: "x", count: 100_000)
                // Fills every buffer between the two ends, while nobody reads this one.
                for number in 1...400 {
                    server.events.publish(
                        .decision(
                            LiveDecision(event: "x", atMs: 0, sensorID: "\(number)", reason: filler)))
                }
                try await eventually("the stalled stream is cut") {
                    server.metrics.prometheusText().contains("sluice_http_event_streams 0\n")
                }
                do {
                    while try await inbound.next() != nil {}
                } catch {
                    // Cut off, with or without a reset.
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func isNotHeldUpAtShutdownByAReaderThatStopsReading() async throws {
        try await RunningServer.with { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                let filler = String(repeating: "x", count: 100_000)
                for number in 1...400 {
                    server.events.publish(
                        .decision(LiveDecision(event: "x", atMs: 0, sensorID: "\(number)", reason: filler)))
                }
                await server.shutDown()
                // Only the server can end this connection: we hold it and read nothing.
                try await eventually("the server ends the connection") {
                    server.metrics.prometheusText().contains("sluice_http_connections 0\n")
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func refusesMoreStreamsThanConfigured() async throws {
        try await RunningServer.with(configure: { $0.mostEventStreams = 1 }) { server in
            try await HTTPClient.open(port: server.port) { inbound, send in
                try await send(Self.ask)
                var inbound = inbound.makeAsyncIterator()
                _ = try await Self.read(until: "retry: 3000\n\n", &inbound)
                let second = try await HTTPClient.ask("/api/events", port: server.port)
                #expect(second.status == 503)
                #expect(second.headers["retry-after"] == "30")
            }
        }
    }
}
