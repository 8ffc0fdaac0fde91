import MQTTIngest
import MQTTSession
import TestSupport
import Testing

/// A trickle of messages becomes few commits: ``IngestBatchTests`` has when a batch waits, here is what comes of it.
@Suite(.serialized) struct GatheringTests {
    @Test func aGatheredBatchIsOneCommitAndNotSeenBefore() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let probe = IngestProbe()
        // So long that only company can end the wait, on however slow a machine.
        let worker = try broker.worker(probe) {
            $0.gather = .seconds(120)
            $0.longestBatch = .seconds(120)
        }
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        // The first has no batch before it, so it doesn't wait.
        try publisher.send(0..<1)
        try #require(probe.wait { $0.closed == 1 })
        try #require(probe.wait { _ in broker.acknowledged() == 1 })

        try publisher.send(1..<2)
        try #require(probe.wait { _ in worker.status.oldestUncommittedMs != nil })
        // Whoever stands behind the ring would make a commit of it.
        #expect(!probe.wait(ms: 200) { $0.readings.count > 1 })
        #expect(broker.acknowledged() == 1)

        // Thirty-two are worth a commit.
        try publisher.send(2..<33)
        try #require(probe.wait { _ in broker.acknowledged() == 33 })
        #expect(probe.now.batchEnds == [1, 2])
        #expect(probe.now.isExactly(0..<33))
        worker.stop()
        worker.join()
        probe.end()
    }
}
