import Detection
import Testing

/// The test that opens and closes leaks, on values of known distribution.
@Suite struct SequentialTestTests {
    @Test func ordinaryDaysOpenHardlyEver() {
        var random = Random(seed: 1)
        var opened = 0
        for _ in 0..<200 {
            var test = SequentialTest(SequentialTest.Limits())
            for _ in 0..<365 where !test.isOpen { test.append(random.normal()) }
            if test.isOpen { opened += 1 }
        }
        // Two hundred years.
        #expect(opened <= 4)
    }

    @Test(arguments: [(2.5, 6.0), (4, 3), (10, 1)]) func aShiftIsFoundInDays(_ shift: Double, _ days: Double) {
        var random = Random(seed: 2)
        var total = 0
        for _ in 0..<200 {
            var test = SequentialTest(SequentialTest.Limits())
            while !test.isOpen {
                test.append(random.normal() + shift)
                total += 1
            }
        }
        #expect(Double(total) / 200 <= days)
    }

    @Test(arguments: [2.5, 5, 20]) func theEndOfAShiftClearsAsItsSizeAllows(_ shift: Double) {
        var random = Random(seed: 3)
        var test = SequentialTest(SequentialTest.Limits())
        for _ in 0..<20 {
            let z = random.normal() + shift
            test.look(z, atOnce: 99, days: 1)
            test.append(z)
        }
        #expect(test.isOpen)
        var days = 0
        while test.isOpen, days < 30 {
            test.look(random.normal(), atOnce: 99, days: 1)
            days += 1
        }
        #expect(!test.isOpen)
        #expect(Double(days) <= 1 + 3 * 3 / (shift / 2))
    }

    @Test func aSecondShiftOnTopRearmsOnceAndAHolidayDoesNot() {
        var test = SequentialTest(SequentialTest.Limits())
        for _ in 0..<10 { test.append(5) }
        test.append(14)
        #expect(!test.isRearmed)
        for _ in 0..<5 { test.append(5) }
        var rearmed = 0
        for _ in 0..<10 {
            test.append(14)
            if test.isRearmed { rearmed += 1 }
        }
        #expect(rearmed == 1)
    }

    @Test func aShiftThatGrowsIsNotSettledAndOneThatStaysIs() {
        var growing = SequentialTest(SequentialTest.Limits())
        var staying = growing
        for day in 0..<28 {
            growing.append(5 + 0.5 * Double(day))
            staying.append(5)
        }
        #expect(growing.isOpen && !growing.isRearmed && !growing.isSettled(after: 14))
        #expect(staying.isSettled(after: 14) && !staying.isSettled(after: 60))
    }
}
