import Settings
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("90s", 90), ("15m", 900), ("6h", 21_600), ("10d", 864_000), ("1h30m", 5400), ("1d1h1m1s", 90_061), ("0s", 0),
    ])
    func reads(_ text: String, seconds: Int64) { #expect(DurationText.parse(text) == .seconds(seconds)) }

    @Test(arguments: [
        "", "s", "90", "1.5h", "-1s", "30m1h", "1h1h", "1h30", "1 h", "1H", "١s", "99999999999999999999s",
    ])
    func refuses(_ text: String) { #expect(DurationText.parse(text) == nil) }

    @Test(arguments: [(0, "0s"), (59, "59s"), (60, "1m"), (5400, "1h30m"), (90_061, "1d1h1m1s")])
    func writesWhatItReads(seconds: Int64, text: String) {
        #expect(DurationText.string(.seconds(seconds)) == text)
        #expect(DurationText.parse(text) == .seconds(seconds))
    }
}
