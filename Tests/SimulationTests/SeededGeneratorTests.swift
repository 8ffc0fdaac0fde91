import Simulation
import Testing

@Suite struct SeededGeneratorTests {
    /// The first numbers of SplitMix64 with seed 1234567, from the reference implementation by Sebastiano Vigna.
    @Test func givesTheReferenceSequence() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func numbersByCounterAreThoseOfTheSequence() {
        var generator = SeededGenerator(seed: 42)
        for n in 1...100 { #expect(SeededHash.hash(42, Int64(n)) == generator.next()) }
    }

    @Test func nearlyNormalNumbersHaveMeanZeroDeviationOneAndShortTails() {
        let numbers = (0..<100_000).map { SeededHash.normal(7, Int64($0)) }
        let mean = numbers.reduce(0, +) / 100_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
        #expect(abs(mean) < 0.02)
        #expect(abs(variance - 1) < 0.02)
        #expect(numbers.allSatisfy { abs($0) < 3.47 })
    }

    @Test func driftPassesThroughItsKnotsAndHoldsNoJump() {
        #expect(SeededHash.drift(3, atS: 7200, periodS: 3600) == SeededHash.normal(3, 2))
        for second in Int64(-7200)..<7200 {
            let step =
                SeededHash.drift(3, atS: second + 1, periodS: 3600) - SeededHash.drift(3, atS: second, periodS: 3600)
            #expect(abs(step) < 7.0 / 3600)
        }
    }
}
