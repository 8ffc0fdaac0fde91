import Foundation
import MQTTSession
import TestSupport
import Testing
import TimeBase

/// A connection that stands and says nothing: a cut cable, a dead gateway, a broker that hangs.
@Suite(.serialized) struct SilentBrokerTests {
    @Test func halfOpenConnectionIsFoundWithinTwoKeepalives() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        var configuration = broker.session("reader", topics: ["t"])
        configuration.keepaliveS = 5
        let session = try BrokerSession(configuration, nil)
        try #require(session.drive { session.state == .up })
        let pid = try #require(broker.processID)
        // The kernel goes on acknowledging bytes; nobody answers.
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        let began = MonotonicClock.nowMs()
        #expect(session.drive(ms: 12_000) { session.state == .down })
        #expect((4_000...11_000).contains(MonotonicClock.nowMs() - began))
        #expect(session.lastError?.code == .timeout)
        #expect(session.board.status.phase == .backoff)
        kill(pid, SIGCONT)
        #expect(session.drive { session.state == .up })
    }

    /// Its owner's store is behind, and so nobody reads the answer that is there.
    @Test func anAnswerThatNobodyReadsIsNoSilence() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let session = try BrokerSession(broker.session("reader", topics: ["t"]), nil)
        session.connect()
        try #require(session.drive { session.state == .subscribing })
        let end = MonotonicClock.nowMs() + 16_500
        while session.state == .subscribing, MonotonicClock.nowMs() < end {
            session.service()
            session.write()
            session.wait(reading: false, writing: true, wake: -1, timeoutMs: 200)
        }
        #expect(session.state == .subscribing, "\(String(describing: session.lastError))")
        #expect(session.drive { session.state == .up })
    }

    @Test func acceptedConnectionWithoutAnAnswerIsGivenUp() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let pid = try #require(broker.processID)
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        let session = try BrokerSession(broker.session("reader", topics: ["t"]), nil)
        session.connect()
        #expect(session.drive(ms: 17_000) { session.state == .down })
        #expect(session.lastError?.code == .timeout)
    }
}
