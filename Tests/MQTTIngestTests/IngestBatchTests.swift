import MQTTIngest
import Testing

@Suite struct IngestBatchTests {
    @Test func oneBatchIsOutstandingAndNothingMayBeReadBesideIt() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        #expect(batch.mayRead(isHungUp: false) && !batch.isHolding)
        batch.stage(2, atNs: 0)
        #expect(batch.isHolding && batch.mayRead(isHungUp: false))
        batch.close(atNs: 1)
        #expect(batch.sequence == 1 && batch.isOutstanding && !batch.mayRead(isHungUp: false))
        #expect(batch.commit(upTo: 0, atNs: 5) == nil)
        #expect(batch.isHolding)
        #expect(batch.commit(upTo: 1, atNs: 9) == 8)
        #expect(!batch.isHolding && batch.mayRead(isHungUp: false))
    }

    @Test func readingGoesOnWhileNothingThatIsHeldIsAcknowledged() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        batch.stage(2, isOwed: false, atNs: 0)
        batch.close(atNs: 1)
        #expect(batch.isHolding && !batch.isOwing)
        // As far as the ring takes it.
        batch.stage(7, isOwed: false, atNs: 2)
        #expect(batch.mayRead(isHungUp: false) && !batch.isOwing)
        let isDue = batch.isDue(isDrained: true, atNs: 99)
        #expect(!isDue)  // one at a time

        // The first that is acknowledged ends it, until the outstanding batch is committed and its own.
        batch.stage(1, isOwed: true, atNs: 3)
        #expect(!batch.mayRead(isHungUp: false) && batch.isOwing)
        _ = batch.commit(upTo: 1, atNs: 4)
        #expect(batch.isOwing)
        batch.close(atNs: 5)
        #expect(!batch.mayRead(isHungUp: false) && batch.isOwing)
        _ = batch.commit(upTo: 2, atNs: 6)
        #expect(batch.mayRead(isHungUp: false) && !batch.isOwing)
    }

    @Test func whatIsAcknowledgedButNotStoredHoldsUpNothing() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        batch.stage(0, isOwed: true, atNs: 0)
        #expect(!batch.isHolding && !batch.isOwing)
    }

    @Test func whatIsReadAfterAHangUpBelongsToTheNextBatch() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        batch.stage(1, atNs: 0)
        batch.close(atNs: 0)
        #expect(batch.mayRead(isHungUp: true))
        batch.stage(5, atNs: 1)
        let isDue = batch.isDue(isDrained: true, atNs: 99)
        #expect(!isDue)  // one at a time
        _ = batch.commit(upTo: 1, atNs: 2)
        #expect(batch.isHolding)
        let isDueNow = batch.isDue(isDrained: false, atNs: 2)
        #expect(isDueNow)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var messages: Int
        var isDrained: Bool
        var atNs: Int64
        var isDue: Bool
    }

    @Test(arguments: [
        Case(testDescription: "nothing to close", messages: 0, isDrained: true, atNs: 99, isDue: false),
        Case(testDescription: "more may come", messages: 2, isDrained: false, atNs: 9, isDue: false),
        Case(testDescription: "drained", messages: 1, isDrained: true, atNs: 0, isDue: true),
        Case(testDescription: "full", messages: 3, isDrained: false, atNs: 0, isDue: true),
        Case(testDescription: "old", messages: 1, isDrained: false, atNs: 10, isDue: true),
    ])
    func closesWhen(_ c: Case) {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        batch.stage(c.messages, atNs: 0)
        let isDue = batch.isDue(isDrained: c.isDrained, atNs: c.atNs)
        #expect(isDue == c.isDue)
    }

    /// One message at each time, the socket drained after each; says when batches end.
    private func ends(_ arrivalsNs: [Int64]) -> [Int64] {
        var batch = IngestBatch(limit: 100, longestNs: 10_000, gatherNs: 1000)
        var ends: [Int64] = []
        var arrivals = arrivalsNs[...]
        for now in stride(from: Int64(0), through: 20_000, by: 100) {
            if batch.isOutstanding { _ = batch.commit(upTo: batch.sequence, atNs: now) }
            while let next = arrivals.first, next <= now {
                batch.stage(1, atNs: now)
                arrivals = arrivals.dropFirst()
            }
            if batch.isDue(isDrained: true, atNs: now) {
                batch.close(atNs: now)
                ends.append(now)
            }
        }
        return ends
    }

    @Test func aTrickleIsGatheredAndALoneMessageIsNot() {
        #expect(ends([300]) == [300])
        // The first at once, then together what comes within each stretch.
        #expect(ends(Array(stride(from: 0, to: 3000, by: 200))) == [0, 1000, 2000, 3000])
        #expect(ends([0, 5000, 5200, 5400]) == [0, 5000, 6000])
    }

    @Test func waitingInVainIsGivenUpForAWhile() {
        // Each comes alone, shortly after the end of the one before: a window of one message.
        let arrivals = (0..<8).map { Int64($0) * 2000 } + [500]
        let times = ends(arrivals.sorted())
        // The one at 500 waited for company until 1000, in vain; none waits after it.
        #expect(times == [0, 1000, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000])
        #expect(ends([0, 500, 1500, 2100]) == [0, 1000, 1500, 2100])
    }

    @Test func aBatchThatIsWorthACommitDoesNotWait() {
        var batch = IngestBatch(limit: 100, longestNs: 10_000, gatherNs: 1000)
        batch.stage(1, atNs: 0)
        batch.close(atNs: 0)
        _ = batch.commit(upTo: 1, atNs: 100)
        batch.stage(31, atNs: 200)
        let isDueWithFew = batch.isDue(isDrained: true, atNs: 200)
        #expect(!isDueWithFew && batch.gathersUntilNs == 1000)
        batch.stage(1, atNs: 300)
        let isDueWithOneMore = batch.isDue(isDrained: true, atNs: 300)
        #expect(isDueWithOneMore)
        batch.close(atNs: 300)
        #expect(batch.gathersUntilNs == nil)
    }

    @Test func sequenceGoesOnFromWhatWasCommitted() {
        var batch = IngestBatch(limit: 3, longestNs: 10, after: 41)
        #expect(batch.next == 42)
        batch.close(atNs: 0)
        #expect(batch.commit(upTo: 41, atNs: 0) == nil)
        #expect(batch.commit(upTo: 42, atNs: 0) == 0)
    }

    @Test func saysSinceWhenTheOldestMessageIsHeld() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        #expect(batch.holdingSinceNs == nil)
        batch.stage(1, atNs: 5)
        batch.stage(1, atNs: 7)
        #expect(batch.holdingSinceNs == 5)
        batch.close(atNs: 9)
        batch.stage(1, atNs: 11)
        #expect(batch.holdingSinceNs == 5)
        _ = batch.commit(upTo: 1, atNs: 12)
        #expect(batch.holdingSinceNs == 11)
    }
}
