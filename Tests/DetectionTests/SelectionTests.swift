import Detection
import Readings
import Testing

@Suite struct SelectionTests {
    static let shapes: [(String, @Sendable (Int, inout Random) -> Double)] = [
        ("random", { $1.normal() }),
        ("ascending", { n, _ in Double(n) }),
        ("descending", { n, _ in -Double(n) }),
        ("constant", { _, _ in 3 }),
        ("two values", { _, random in Double(random.next() % 2) }),
        ("huge and tiny", { _, random in [1e300, -1e300, .leastNonzeroMagnitude, 0, -0.0][Int(random.next() % 5)] }),
        ("organ pipe", { n, _ in Double(min(n, 40 - n)) }),
    ]

    @Test(arguments: shapes.indices) func whatStandsAtARankIsWhatSortingPutsThere(_ shape: Int) {
        var random = Random(seed: 61)
        for count in 1...80 {
            let values = (0..<count).map { Self.shapes[shape].1($0, &random) }
            let sorted = values.sorted()
            for rank in 0..<count {
                var buffer = values
                #expect(buffer.select(rank) == sorted[rank], "\(Self.shapes[shape].0), \(rank) of \(count)")
                #expect(buffer[..<rank].allSatisfy { $0 <= sorted[rank] })
                #expect(buffer[rank...].allSatisfy { $0 >= sorted[rank] })
            }
            var buffer = values
            let middle = count / 2
            let median = count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
            #expect(buffer.selectMedian() == median)
        }
    }
}
