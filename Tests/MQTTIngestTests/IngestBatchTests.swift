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

    @Test func whatIsReadAfterAHangUpBelongsToTheNextBatch() {
        var batch = IngestBatch(limit: 3, longestNs: 10)
        batch.stage(1, atNs: 0)
        batch.close(atNs: 0)
        #expect(batch.mayRead(isHungUp: true))
        batch.stage(5, atNs: 1)
        #expect(!batch.isDue(isDrained: true, atNs: 99))  // one at a time
        _ = batch.commit(upTo: 1, atNs: 2)
        #expect(batch.isHolding)
        #expect(batch.isDue(isDrained: false, atNs: 2))
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
        #expect(batch.isDue(isDrained: c.isDrained, atNs: c.atNs) == c.isDue)
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
