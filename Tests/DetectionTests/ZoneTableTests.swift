import Detection
import Foundation
import TestSupport
import Testing

@Suite struct ZoneTableTests {
    static let zones = [
        "Europe/London", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Asia/Kolkata",
        "Australia/Lord_Howe", "Australia/Melbourne", "Asia/Nicosia", "Pacific/Apia", "Africa/Casablanca",
        "America/Sao_Paulo", "Asia/Tokyo", "Etc/UTC",
    ]

    /// The C library reads the same files. Foundation would not do: its tables are its own, of another day.
    @Test(arguments: zones) func agreesWithTheSystem(_ name: String) throws {
        let table = try Self.table(name)
        var random = Random(seed: 7)
        // 1905 to 2170, so past the file and past the table.
        let seconds = (0..<4000).map { _ in Int64.random(in: -2_051_222_400...6_311_433_600, using: &random) }
        let expected = try Self.offsets(inZone: name, at: seconds)
        #expect(expected.count == seconds.count)
        for (second, expected) in zip(seconds, expected) {
            #expect(table.offsetSeconds(atMs: second * 1000) == expected, "\(name) at \(second)")
        }
    }

    /// What `date` says of a zone, in seconds east of Greenwich.
    private static func offsets(inZone name: String, at seconds: [Int64]) throws -> [Int] {
        let folder = try TestFolder()
        let file = "\(folder.path)/seconds"
        try seconds.map { "@\($0)\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
        let date = Process()
        date.executableURL = URL(filePath: "/usr/bin/env")
        date.arguments = ["TZ=\(name)", "date", "-f", file, "+%::z"]
        let output = Pipe()
        date.standardOutput = output
        try date.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        date.waitUntilExit()
        return text.split(separator: "\n").compactMap { line in
            let parts = line.dropFirst().split(separator: ":").compactMap { Int($0) }
            guard parts.count == 3 else { return nil }
            return (line.hasPrefix("-") ? -1 : 1) * (parts[0] * 3600 + parts[1] * 60 + parts[2])
        }
    }

    struct Instant: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var zone: String
        var second: Int64
        var offset: Int
    }

    @Test(arguments: [
        Instant(testDescription: "last winter second", zone: "Europe/London", second: 1_711_846_799, offset: 0),
        Instant(testDescription: "first summer second", zone: "Europe/London", second: 1_711_846_800, offset: 3600),
        Instant(testDescription: "last summer second", zone: "Europe/London", second: 1_729_990_799, offset: 3600),
        Instant(testDescription: "winter again", zone: "Europe/London", second: 1_729_990_800, offset: 0),
        Instant(testDescription: "by the rule, July 2095", zone: "Europe/Berlin", second: 3_960_748_800, offset: 7200),
        Instant(
            testDescription: "past the rule, January 2150", zone: "Europe/Berlin", second: 5_680_281_600, offset: 3600),
        Instant(
            testDescription: "past the table, July 2150", zone: "Europe/Berlin", second: 5_695_920_000, offset: 7200),
        Instant(
            testDescription: "southern, January 2150", zone: "Australia/Melbourne", second: 5_680_281_600,
            offset: 39_600),
        Instant(
            testDescription: "southern, July 2150", zone: "Australia/Melbourne", second: 5_695_920_000, offset: 36_000),
        Instant(
            testDescription: "half an hour of daylight saving", zone: "Australia/Lord_Howe", second: 5_680_281_600,
            offset: 39_600),
        Instant(testDescription: "before any transition", zone: "Asia/Tokyo", second: -3_000_000_000, offset: 33_539),
    ]) func knowsTheOffset(_ c: Instant) throws {
        #expect(try Self.table(c.zone).offsetSeconds(atMs: c.second * 1000) == c.offset)
    }

    @Test func millisecondsBeforeATransitionBelongToTheOldOffset() throws {
        let london = try Self.table("Europe/London")
        #expect(london.offsetSeconds(atMs: 1_711_846_799_999) == 0)
        #expect(london.offsetSeconds(atMs: 1_711_846_800_000) == 3600)
    }

    @Test func readsVersionOne() throws {
        // One transition at 1000 s from +0 to +1 h.
        var bytes = Array("TZif\0".utf8) + Array(repeating: 0, count: 15)
        for count in [0, 0, 0, 1, 2, 4] { bytes += [0, 0, 0, UInt8(count)] }
        bytes += [0, 0, 3, 232, 1, 0, 0, 0, 0, 0, 0, 0, 0, 14, 16, 1, 0] + Array("UTC\0".utf8)
        let zone = try ZoneTable(tzif: bytes)
        #expect(zone.offsetSeconds(atMs: 999_999) == 0)
        #expect(zone.offsetSeconds(atMs: 1_000_000) == 3600)
    }

    @Test func refusesWhatIsNoZoneFile() throws {
        #expect(throws: ZoneTableError.notTZif) { try ZoneTable(tzif: []) }
        #expect(throws: ZoneTableError.notTZif) { try ZoneTable(tzif: Array(repeating: 65, count: 500)) }
        let london = try Self.bytes("Europe/London")
        for length in stride(from: 44, to: london.count, by: 7) {
            #expect(throws: ZoneTableError.self) { try ZoneTable(tzif: Array(london.prefix(length))) }
        }
        var badRule = london
        badRule[badRule.count - 2] = UInt8(ascii: ";")
        #expect(throws: ZoneTableError.self) { try ZoneTable(tzif: badRule) }
    }

    @Test func damagedFilesNeverTrap() throws {
        let berlin = try Self.bytes("Europe/Berlin")
        var random = Random(seed: 3)
        for _ in 0..<3000 {
            var bytes = berlin
            for _ in 0..<4 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let zone = try? ZoneTable(tzif: bytes) else { continue }
            #expect(abs(zone.offsetSeconds(atMs: 5_000_000_000_000)) <= 200 * 3600)
        }
    }

    @Test func equalBytesGiveEqualTables() throws {
        #expect(try Self.table("Europe/London") == Self.table("Europe/London"))
        #expect(try Self.table("Europe/London") != Self.table("Europe/Berlin"))
        #expect(ZoneTable.utc.offsetSeconds(atMs: 1) == 0)
    }

    @Test func theDayKeepsItsShapeAcrossDaylightSaving() throws {
        let london = try Self.table("Europe/London")
        // Noon on the Sunday of the change and on the days around it is the same quarter.
        for (second, weekday) in [(1_711_800_000, 5), (1_711_882_800, 6), (1_711_969_200, 0)] as [(Int64, Int)] {
            let noon = LocalTime(atMs: second * 1000, in: london)
            #expect(noon.quarter == 48)
            #expect(noon.weekday == weekday)
        }
        // That night, the quarters of the hour from one to two are skipped.
        let quarters = (0..<24).map {
            LocalTime(atMs: (1_711_843_200 + Int64($0) * 900) * 1000, in: london).quarter
        }
        #expect(quarters.prefix(6) == [0, 1, 2, 3, 8, 9])
        #expect(LocalTime(atMs: -1, in: .utc).secondOfDay == 86_399)
        #expect(LocalTime(atMs: -1, in: .utc).weekday == 2)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/" + name)))
    }

    static func table(_ name: String) throws -> ZoneTable { try ZoneTable(tzif: bytes(name)) }
}
