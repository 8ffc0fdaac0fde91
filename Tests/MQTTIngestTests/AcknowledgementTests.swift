import MQTTIngest
import MQTTSession
import Readings
import TestSupport
import Testing
import TimeBase

/// Nothing is acknowledged before its batch is committed: the promise that everything else stands on.
@Suite(.serialized) struct AcknowledgementTests {
    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func waitsForTheCommit(_ version: SessionConfiguration.ProtocolVersion) throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        let worker = try broker.worker(probe, version: version)
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<15)
        try #require(probe.wait { !$0.batchEnds.isEmpty && $0.readings.count >= 1 })
        let held = probe.now.closed
        // The broker has heard nothing, although the readings are in the ring.
        #expect(!probe.wait(ms: 300) { _ in broker.acknowledged() > 0 })

        probe.commit(true)
        #expect(probe.wait { _ in broker.acknowledged() == 15 })
        #expect(held >= 1)
        #expect(probe.now.counters == Array(0..<15))
        worker.stop()
        worker.join()
        probe.end()
    }

    /// Nobody waits for an acknowledgement at QoS 0, so neither does the network thread for the commit.
    @Test func readsOnAtQoSZeroUntilAMessageIsAcknowledged() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        // Known, because a new one has to wait for its index.
        let known = [(id: "bin-1", sensor: SensorIndex(rawValue: 0))]
        let worker = try broker.worker(probe, known: known) { $0.session.receiveMaximum = 100 }
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        // Several times what one batch takes, and none is committed.
        try publisher.send(0..<1000, qos: .atMostOnce)
        #expect(probe.wait { $0.readings.count == 1000 })
        try publisher.send(1000..<1001)
        try #require(probe.wait { $0.readings.count == 1001 })
        try publisher.send(1001..<1100, qos: .atMostOnce)
        #expect(!probe.wait(ms: 300) { $0.readings.count > 1001 || broker.acknowledged() > 0 })

        probe.commit(true)
        #expect(probe.wait { _ in broker.acknowledged() == 1 })
        #expect(probe.wait { $0.readings.count == 1100 && $0.closed == 1100 })
        #expect(probe.now.isExactly(0..<1100))
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func deliversAgainWhatWasNotCommitted(_ version: SessionConfiguration.ProtocolVersion) throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        // A process that dies after it has read and before it has committed.
        let lost = IngestProbe(commits: false)
        let first = try broker.worker(lost, version: version) { $0.stopGrace = .milliseconds(100) }
        try #require(lost.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<15)
        try #require(lost.wait { $0.closed > 0 })
        first.stop()
        first.join()
        lost.end()
        #expect(broker.acknowledged() == 0)

        let stored = IngestProbe()
        let second = try broker.worker(stored, version: version)
        try #require(stored.wait { $0.readings.count >= 15 && $0.connections.last == true })
        #expect(stored.now.counters == Array(0..<15))
        second.stop()
        second.join()
        stored.end()
        #expect(broker.acknowledged() == 15)

        let empty = IngestProbe()
        let third = try broker.worker(empty, version: version)
        try #require(empty.wait { $0.connections == [false, true] })
        #expect(empty.now.readings.isEmpty)
        third.stop()
        third.join()
        empty.end()
    }

    @Test func stopCommitsAndAcknowledgesWhatHasBeenRead() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        let worker = try broker.worker(probe)
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<10)
        try #require(probe.wait { $0.closed > 0 })
        worker.stop()
        probe.commit(true)
        worker.join()
        #expect(worker.status.phase == .stopped)
        #expect(probe.wait { _ in broker.acknowledged() == probe.now.closed })
        #expect(probe.now.connections == [false, true, false])
        #expect(probe.wait { _ in broker.logCount("Received DISCONNECT from ingest") == 1 })
        probe.end()
    }

    @Test func theGoodbyeIsHeardAlthoughTheBrokerHasMoreToSay() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        // Each acknowledgement lets the broker send more, which nobody reads any longer.
        let worker = try broker.worker(probe) { $0.session.receiveMaximum = 20 }
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<2000)
        try #require(probe.wait { $0.closed > 0 })
        worker.stop()
        probe.commit(true)
        worker.join()
        #expect(probe.wait { _ in broker.logCount("Received DISCONNECT from ingest") == 1 })
        probe.end()
    }

    @Test func stopIsBoundedWhenNothingIsCommitted() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        let worker = try broker.worker(probe) { $0.stopGrace = .milliseconds(300) }
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<10)
        try #require(probe.wait { $0.closed > 0 })
        let began = MonotonicClock.nowMs()
        worker.stop()
        worker.join()
        #expect((250..<2000).contains(MonotonicClock.nowMs() - began))
        #expect(broker.acknowledged() == 0)
        #expect(broker.logCount("Received DISCONNECT from ingest") == 0)
        probe.end()
    }

    @Test func commitsWhatItHasReadWhenTheBrokerGoesAway() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        let worker = try broker.worker(probe)
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<40)
        try #require(probe.wait { $0.closed > 0 })
        broker.stop()
        // What lay in the socket's buffer when the broker hung up is read to the end.
        #expect(probe.wait { $0.readings.count == 40 })
        probe.commit(true)
        #expect(probe.wait { $0.closed == 40 && $0.connections == [false, true, false] })
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func stallBeyondTheKeepaliveCostsAReconnectAndNoReading() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe(commits: false)
        let worker = try broker.worker(probe) {
            $0.session.keepaliveS = 5
            $0.session.reconnectMs = 20...100
        }
        try #require(probe.wait { $0.connections == [false, true] })
        try broker.publisher().send(0..<15)
        try #require(probe.wait { $0.closed > 0 })
        #expect(worker.status.oldestUncommittedMs != nil)
        // The broker hears nothing of us, not even a ping, while acknowledgements are held.
        #expect(probe.wait(ms: 14_000) { _ in worker.status.phase == .backoff })
        #expect(worker.status.oldestUncommittedMs ?? 0 >= 5000)
        #expect(broker.acknowledged() == 0)
        // No new session before everything of the old one is committed.
        #expect(!probe.wait(ms: 300) { _ in worker.status.connects > 1 })

        probe.commit(true)
        #expect(probe.wait { _ in broker.acknowledged() == 15 })
        #expect(Set(probe.now.counters) == Set(0..<15))
        #expect(probe.wait { _ in worker.status.isCaughtUp && worker.status.oldestUncommittedMs == nil })
        worker.stop()
        worker.join()
        probe.end()
    }
}
