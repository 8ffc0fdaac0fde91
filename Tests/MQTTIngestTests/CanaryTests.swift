import MQTTIngest
import Testing

/// When our own message is sent, when it has returned, and when it is missed.
@Suite struct CanaryTests {
    private static let second: Int64 = 1_000_000_000

    private func canary() -> Canary { Canary(topic: "sluice-canary/a", intervalMs: 60_000, mark: 7) }

    /// Sends what is due at this second, and returns it.
    private func sent(_ canary: inout Canary, at s: Int64) -> [UInt8]? { canary.take(atNs: s * Self.second) }

    @Test func isSentAnIntervalAfterTheConnectionCameUpAndThenEachInterval() {
        var canary = canary()
        #expect(sent(&canary, at: 500) == nil)
        canary.connection(isUp: true, atNs: 1000 * Self.second)
        #expect(sent(&canary, at: 1059) == nil)
        #expect(sent(&canary, at: 1060) != nil)
        #expect(sent(&canary, at: 1061) == nil)
        // Saying again that it is up changes nothing.
        canary.connection(isUp: true, atNs: 1062 * Self.second)
        #expect(sent(&canary, at: 1120) != nil)
    }

    @Test func hasReturnedOnceTheBatchThatHoldsItIsCommitted() throws {
        var canary = canary()
        canary.connection(isUp: true, atNs: 0)
        #expect(canary.deadlineNs == 150 * Self.second)
        let payload = try #require(sent(&canary, at: 60))
        canary.received(payload.span)
        #expect(canary.batchCommitted(atNs: 61 * Self.second) == nil, "the batch is still open")
        canary.batchClosed()
        #expect(canary.batchCommitted(atNs: 62 * Self.second) == 2 * Self.second)
        #expect(canary.deadlineNs == 212 * Self.second)
        // The next batch holds none.
        canary.batchClosed()
        #expect(canary.batchCommitted(atNs: 63 * Self.second) == nil)
    }

    @Test(arguments: ["8 60000000000", "7", "7 soon", "", "7 1 2", "\u{FFFD}"])
    func whatIsNotOursIsNoReturn(payload: String) {
        var canary = canary()
        canary.connection(isUp: true, atNs: 0)
        let bytes = Array(payload.utf8)
        canary.received(bytes.span)
        canary.batchClosed()
        #expect(canary.batchCommitted(atNs: 62 * Self.second) == nil)
        #expect(canary.deadlineNs == 150 * Self.second)
    }

    @Test func withoutAConnectionNoneIsAwaited() throws {
        var canary = canary()
        canary.connection(isUp: true, atNs: 0)
        let payload = try #require(sent(&canary, at: 60))
        canary.received(payload.span)
        canary.connection(isUp: false, atNs: 61 * Self.second)
        #expect(canary.deadlineNs == nil)
        #expect(sent(&canary, at: 200) == nil)
        canary.batchClosed()
        #expect(canary.batchCommitted(atNs: 201 * Self.second) == nil)
    }
}
