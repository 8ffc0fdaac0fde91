import Readings
import Testing

@Suite struct ReadingsCSVTests {
    struct Taken: Equatable {
        var id: String
        var row: ReadingsCSV.Row

        init(_ id: String, _ row: ReadingsCSV.Row) { (self.id, self.row) = (id, row) }

        init(_ id: String, _ line: Int, _ atMs: Int64, _ kind: SensorKind, _ quantity: Quantity, _ value: Double) {
            self.init(id, .init(line: line, observedAtMs: atMs, kind: kind, quantity: quantity, value: value))
        }
    }

    /// Reads the text in chunks of `size` bytes.
    private func read(_ text: String, chunk size: Int = .max) throws -> [Taken] {
        let bytes = Array(text.utf8)
        var reader = ReadingsCSV()
        var taken: [Taken] = []
        func take(_ id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row) {
            var name: [UInt8] = []
            for index in id.indices { name.append(id[index]) }
            taken.append(Taken(String(decoding: name, as: UTF8.self), row))
        }
        var start = 0
        while start < bytes.count {
            let end = size > bytes.count - start ? bytes.count : start + size
            try reader.read(bytes.span.extracting(start..<end), row: take)
            start = end
        }
        try reader.finish(row: take)
        return taken
    }

    private let header = "timestamp,sensor_id,kind,metric,value\n"

    @Test func readsTheSameInChunksOfAnySize() throws {
        let text = """
            \u{FEFF}timestamp,sensor_id,kind,metric,value\r
            2026-05-01T06:00:00Z,bin-1,bin-fill,fill_pct,8\r
            2026-05-01T06:00:00Z,bin-1,bin-fill,temperature_c,-22.8

            2026-05-01T06:15:00+02:00,"urn:dev:a,b",water-leak,flow_m3h,1.25e1
            2026-05-01T06:15:00Z,tr-1,traffic,speed_mph,10
            2026-05-01T06:15:00Z,tr-1,traffic,travel_time_s,4
            2026-05-01T06:15:00Z,m,generic,temperature_f,73.967322
            """
        let expected = [
            Taken("bin-1", 2, arrival, .binFill, .fill, 8), Taken("bin-1", 3, arrival, .binFill, .temperature, -22.8),
            Taken("urn:dev:a,b", 5, arrival - 6_300_000, .waterLeak, .flow, 12.5),
            Taken("tr-1", 6, arrival + 900_000, .traffic, .speed, 16.09344),
            Taken("tr-1", 7, arrival + 900_000, .traffic, .generic, 4),
            Taken("m", 8, arrival + 900_000, .generic, .generic, 73.967322),
        ]
        for size in 1...text.utf8.count { #expect(try read(text, chunk: size) == expected, "chunks of \(size)") }
    }

    @Test func columnsMayStandInAnyOrder() throws {
        let text = "value,kind,timestamp,sensor_id,metric\n4,traffic,2026-05-01T06:00:00Z,a,flow_vph\n"
        #expect(try read(text) == [Taken("a", 2, arrival, .traffic, .vehicleFlow, 4)])
    }

    @Test func countsMetricsThatItDoesNotKnow() throws {
        let text = Array((header + "2026-05-01T06:00:00Z,a,traffic,flow_vhp,4\n").utf8)
        var reader = ReadingsCSV()
        try reader.read(text.span) { _, _ in }
        #expect(reader.unknownMetricRows == 1)
        #expect(reader.lines == 2)
    }

    @Test(arguments: [
        (
            "2026-05-01,a,traffic,flow_vph,4",
            #"timestamp: must be an RFC 3339 time with its offset, found "2026-05-01""#
        ),
        ("2026-05-01T06:00:00Z,,traffic,flow_vph,4", "sensor_id: is empty"),
        (
            "2026-05-01T06:00:00Z,a,car,flow_vph,4",
            #"kind: must be water-leak, traffic, bin-fill or generic, found "car""#
        ),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,", #"value: must be a finite number, found """#),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,nan", #"value: must be a finite number, found "nan""#),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,0x10", #"value: must be a finite number, found "0x10""#),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,1e999", #"value: must be a finite number, found "1e999""#),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph", "must have 5 fields, has 4"),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,4,5", "must have 5 fields, has more"),
        ("\"2026-05-01T06:00:00Z\"x,a,traffic,flow_vph,4", "has a quote out of place"),
    ])
    func namesTheBadRowsLine(row: String, problem: String) {
        let good = "2026-05-01T06:00:00Z,a,traffic,flow_vph,4\n"
        #expect(throws: ReadingsCSV.RowError(line: 3, problem: problem)) { try read(header + good + row + "\n" + good) }
    }

    /// What a device could never have sent must not get into the store by another door.
    @Test(arguments: [
        (
            "2026-05-01T06:00:00Z,a,traffic,wat,4",
            "metric: must be flow_m3h, pressure_m, noise_db, flow_lph, wet, flow_vph, occupancy_pct, speed_kmh, "
                + #"fill_pct, temperature_c, tilt, battery_pct, value or volume_m3, found "wat""#
        ),
        (
            "1901-05-01T06:00:00Z,a,traffic,flow_vph,4",
            #"timestamp: must lie between 2000-01-01 and 2100-01-01, found "1901-05-01T06:00:00Z""#
        ),
        (
            "9999-12-31T23:59:59Z,a,traffic,flow_vph,4",
            #"timestamp: must lie between 2000-01-01 and 2100-01-01, found "9999-12-31T23:59:59Z""#
        ),
        ("2026-05-01T06:00:00Z,a,traffic,flow_vph,2e12", #"value: must lie within ±1e12, found "2e12""#),
        ("2026-05-01T06:00:00Z,a,bin-fill,tilt,0.5", #"value: must be 0 or 1, found "0.5""#),
    ])
    func refusesWhatTheIntakeWouldRefuse(row: String, problem: String) throws {
        let good = "2026-05-01T06:00:00Z,a,generic,anything,4\n2026-05-01T06:00:00Z,b,traffic,speed_mph,10\n"
        let bytes = Array((header + good + row + "\n").utf8)
        var reader = ReadingsCSV(asIntake: true)
        #expect(throws: ReadingsCSV.RowError(line: 4, problem: problem)) { try reader.read(bytes.span) { _, _ in } }
        _ = try read(header + good + row + "\n")
    }

    @Test func wantsItsColumnNames() {
        #expect { try read("2026-05-01T06:00:00Z,a,traffic,flow_vph,4\n") } throws: {
            "\($0)".hasPrefix("line 1: must name the columns timestamp, sensor_id, kind, metric and value")
        }
    }

    @Test func aFileWithoutLinesIsRefusedBeforeItFillsMemory() {
        #expect { try read(String(repeating: "x", count: 100_000), chunk: 4096) } throws: {
            "\($0)" == "line 1: is longer than 64 KiB"
        }
    }

    @Test(arguments: [
        "0", "8", "-22.8", "+1.5", "0.000001", "123456789.123456789", "9007199254740993", "1e22",
        "1.7976931348623157e308",
        "5e-324", "179769313486231570000000000000000000000", "0.1000000000000000055511151231257827", ".5", "5.",
    ])
    func readsNumbersAsTheStandardLibraryDoes(text: String) throws {
        let rows = try read(header + "2026-05-01T06:00:00Z,a,generic,value,\(text)\n")
        #expect(rows.map(\.row.value) == [Double(text)])
    }
}
