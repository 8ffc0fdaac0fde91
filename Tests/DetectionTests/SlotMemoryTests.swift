import Detection
import Testing

@Suite struct SlotMemoryTests {
    /// What it must remember, kept in full.
    private struct Naive {
        var days: [[Double?]] = Array(repeating: [], count: 3 * 96)

        mutating func remember(_ value: Double?, _ dayType: DayType, _ quarter: Int) {
            let at = dayType.rawValue * 96 + quarter
            days[at].append(value)
            if days[at].count > (dayType == .workday ? 10 : 5) { days[at].removeFirst() }
        }

        func quantile(_ p: Double, _ dayType: DayType, _ quarter: Int, reach: Int) -> Double? {
            let near = (-reach...reach).flatMap { days[dayType.rawValue * 96 + (quarter + $0 + 96) % 96] }
            let sorted = near.compactMap { $0 }.sorted()
            guard !sorted.isEmpty else { return nil }
            let position = p * Double(sorted.count - 1)
            let below = Int(position)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var value: @Sendable (_ day: Int, _ quarter: Int, inout Random) -> Double?
    }

    @Test(arguments: [
        Case(testDescription: "random", value: { _, _, random in 60 + 20 * random.normal() }),
        Case(testDescription: "constant", value: { _, _, _ in 37.5 }),
        Case(testDescription: "ties", value: { day, _, _ in Double(day % 2) * 75 }),
        Case(testDescription: "tiny", value: { _, _, random in random.normal() * 1e-9 }),
        Case(
            testDescription: "gaps",
            value: { day, quarter, random in
                (day + quarter) % 3 == 0 ? nil : 100 * random.normal().magnitude
            }),
        Case(testDescription: "never measured", value: { _, _, _ in nil }),
    ])
    func quantilesAreThoseOfWhatIsRememberedWithinHalfAStep(_ c: Case) {
        var (memory, naive, random) = (SlotMemory(step: 0.75), Naive(), Random(seed: 3))
        for day in 0..<60 {
            let type: DayType = day % 7 == 5 ? .saturday : day % 7 == 6 ? .sunday : .workday
            for quarter in 0..<96 {
                let value = c.value(day, quarter, &random).map { max(0, min($0, 190)) }
                memory.remember(value, type, quarter: quarter)
                naive.remember(value, type, quarter)
            }
        }
        for type in DayType.allCases {
            for quarter in [0, 1, 40, 94, 95] {
                for reach in [0, 3, 12] {
                    let sketch = memory.sketch(type, quarter: quarter, reach: reach)
                    for p in [0, 0.05, 0.5, 0.9, 1] {
                        let exact = naive.quantile(p, type, quarter, reach: reach)
                        #expect(abs(sketch.quantile(p) - (exact ?? 0)) <= 0.375 + 1e-9)
                    }
                }
            }
        }
    }

    @Test func whatLiesOutsideCountsAsTheBound() {
        var memory = SlotMemory(step: 0.4)
        memory.remember(-5, .workday, quarter: 10)
        memory.remember(1e300, .workday, quarter: 10)
        let sketch = memory.sketch(.workday, quarter: 10, reach: 0)
        #expect(sketch.count == 2)
        #expect(sketch.quantile(0) == 0 && abs(sketch.quantile(1) - 254 * 0.4) < 1e-9)
    }

    @Test func nothingIsKnownOfNothing() {
        let sketch = SlotMemory(step: 1).sketch(.sunday, quarter: 0, reach: 3)
        #expect(sketch.count == 0 && sketch.median == 0)
    }
}
