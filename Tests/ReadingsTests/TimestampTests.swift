import Readings
import Testing
import TimeBase

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-05-01T06:00:00Z", arrival), ("2026-05-01t06:00:00z", arrival),
            ("2026-05-01 06:00:00Z", arrival), ("2026-05-01T06:00:00-00:00", arrival),
            ("2026-05-01T08:00:00+02:00", arrival), ("2026-04-30T18:30:00-11:30", arrival),
            ("2026-05-01T06:00:00.1Z", arrival + 100), ("2026-05-01T06:00:00.0009Z", arrival),
            ("2026-05-01T06:00:00.999999999999999999999Z", arrival + 999), ("1969-12-31T23:59:59.250Z", -750),
            ("2000-02-29T12:00:00Z", 951_825_600_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2017-01-01T00:59:60.5+01:00", 1_483_228_800_500), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] as [(String, Int64)])
    func reads(text: String, ms: Int64) { #expect(Timestamp.parse(text) == ms) }

    @Test(arguments: [
        "", "2026", "2026-05-01", "2026-05-01T06:00:00", "2026-05-01T06:00Z", "2026-05-01T06:00:00.Z",
        "2026-05-01T06:00:00,5Z", "2026-05-01T06:00:00Zx", " 2026-05-01T06:00:00Z", "2026-13-01T06:00:00Z",
        "2026-00-01T06:00:00Z", "2026-02-29T06:00:00Z", "1900-02-29T06:00:00Z", "2026-04-31T06:00:00Z",
        "2026-05-00T06:00:00Z", "2026-05-01T24:00:00Z", "2026-05-01T06:60:00Z", "2026-05-01T06:00:61Z",
        "2026-05-01T06:00:60Z", "2026-05-01T23:59:60Z", "2026-05-01T06:00:00+2:00", "2026-05-01T06:00:00+0200",
        "2026-05-01T06:00:00+24:00", "2026-05-01T06:00:00+02:60", "+026-05-01T06:00:00Z", "2026-05-01T06:00:0٠Z",
        "1777615200", "20260501T060000Z",
    ])
    func refuses(text: String) { #expect(Timestamp.parse(text) == nil) }

    @Test(
        arguments: [
            (0, 0), (1_777_615_200, arrival), (99_999_999_999, 99_999_999_999_000), (100_000_000_000, 100_000_000_000),
            (1_777_615_200_000, arrival), (1_777_615_200.25, arrival + 250), (1_777_615_200.123, arrival + 123),
            (1_777_615_200_000.4, arrival), (-1.5, -1500), (1e300, nil), (.infinity, nil), (.nan, nil),
        ] as [(Double, Int64?)])
    func takesSecondsBelow1e11AndMillisecondsAbove(number: Double, ms: Int64?) {
        #expect(Timestamp.parse(number: number) == ms)
    }

    @Test(
        arguments: [
            (arrival, "2026-05-01T06:00:00Z", "2026-05-01T06:00:00.000Z"),
            (arrival + 999, "2026-05-01T06:00:00Z", "2026-05-01T06:00:00.999Z"),
            (-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            (253_402_300_800_000, "+10000-01-01T00:00:00Z", "+10000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-0001-12-31T23:59:59Z", "-0001-12-31T23:59:59.999Z"),
        ] as [(Int64, String, String)])
    func writes(ms: Int64, seconds: String, milliseconds: String) {
        #expect(Timestamp.format(ms) == seconds)
        #expect(Timestamp.format(ms, milliseconds: true) == milliseconds)
    }

    @Test func writesAnyMomentWithoutTrapping() {
        for ms in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] { #expect(!Timestamp.format(ms).isEmpty) }
    }

    @Test func readsWhatItWrites() {
        var ms: Int64 = -62_167_219_200_000
        while ms < 253_402_300_800_000 {
            #expect(Timestamp.parse(Timestamp.format(ms, milliseconds: true)) == ms)
            ms += 97_654_321_987  // about three years and an odd rest
        }
    }

    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() {
        var expected = CivilDate(year: 1800, month: 1, day: 1)
        let first = expected.daysSinceEpoch
        var weekday = expected.weekday
        #expect(weekday == 3)  // a Wednesday
        for days in first..<first + 146_097 {
            let date = CivilDate(daysSinceEpoch: days)
            guard date == expected, date.daysSinceEpoch == days, date.isValid, date.weekday == weekday else {
                Issue.record("\(date) on day \(days), expected \(expected)")
                return
            }
            weekday = weekday % 7 + 1
            expected.day += 1
            if !expected.isValid { expected = CivilDate(year: date.year, month: date.month + 1, day: 1) }
            if !expected.isValid { expected = CivilDate(year: date.year + 1, month: 1, day: 1) }
        }
        #expect(expected == CivilDate(year: 2200, month: 1, day: 1))
    }
}
