import MQTTSession
import Testing

@Suite struct BackoffTests {
    /// Always the greatest of what may be drawn, so that a wait shows its bound.
    struct Greatest: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var endings: [(Backoff.Ending, lastedMs: Int64)]
        var waits: [Int]
    }

    @Test(arguments: [
        Case(
            testDescription: "doubles up to the longest", endings: Array(repeating: (.lost, 0), count: 10),
            waits: [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000]),
        Case(
            testDescription: "a short session resets nothing", endings: [(.lost, 0), (.lost, 9_999), (.lost, 9_999)],
            waits: [100, 200, 400]),
        Case(
            testDescription: "a stable one does", endings: [(.lost, 0), (.lost, 0), (.lost, 10_000), (.lost, 0)],
            waits: [100, 200, 100, 200]),
        Case(
            testDescription: "a refusal begins slowly",
            endings: [(.refused, 0), (.refused, 0), (.refused, 0), (.refused, 0)],
            waits: [5_000, 10_000, 20_000, 30_000]),
        Case(testDescription: "who was taken over keeps away", endings: [(.takenOver, 60_000)], waits: [60_000]),
    ])
    func waits(_ c: Case) {
        var backoff = Backoff(boundsMs: 100...30_000, refusedMs: 5_000)
        var greatest = Greatest()
        #expect(c.endings.map { backoff.wait(after: $0.0, lastedMs: $0.lastedMs, using: &greatest) } == c.waits)
    }

    @Test func jitterStaysInTheUpperHalf() {
        var random = SystemRandomNumberGenerator()
        let waits = (0..<1000).map { _ in
            var backoff = Backoff(boundsMs: 1000...30_000, refusedMs: 5_000)
            return backoff.wait(after: .lost, lastedMs: 0, using: &random)
        }
        #expect(waits.allSatisfy { (500...1000).contains($0) })
        #expect(Set(waits).count > 100)
    }
}
