import Backtest
import Readings
import Testing

@Suite struct RecordingTests {
    private static let header = "timestamp,sensor_id,kind,metric,value\n"

    private func build(_ files: [String], pieces: Int = .max) throws -> Recording {
        var builder = RecordingBuilder()
        for file in files {
            let bytes = Array((Self.header + file).utf8)
            for start in stride(from: 0, to: bytes.count, by: min(pieces, bytes.count)) {
                try builder.append(bytes[start..<min(start + min(pieces, bytes.count), bytes.count)].span)
            }
            try builder.endFile()
        }
        return builder.finish()
    }

    private let bins = """
        2026-05-01T00:00:00Z,b1,bin-fill,fill_pct,10
        2026-05-01T00:00:00Z,b1,bin-fill,temperature_c,12
        2026-05-01T01:00:00Z,b1,bin-fill,fill_pct,11
        """
    private let roads = """
        2026-05-01T00:00:00Z,r1,traffic,speed_kmh,50
        2026-05-01T00:30:00Z,r1,traffic,speed_kmh,51
        2026-05-01T00:20:00Z,r1,traffic,speed_kmh,52
        2026-05-01T02:00:00Z,r2,traffic,flow_vph,53

        """

    @Test func filesAreMergedByTimeAndKeepTheirOrder() throws {
        let recording = try build([bins, roads])
        #expect(recording.sensors.map(\.id) == ["b1", "r1", "r2"])
        #expect(recording.rows.map(\.value) == [10, 12, 50, 51, 52, 11, 53])
        #expect(recording.rows.map(\.quantity).suffix(2) == [.fill, .vehicleFlow])
    }

    @Test(arguments: [1, 7, 64]) func piecesOfAnySizeGiveTheSame(_ size: Int) throws {
        #expect(try build([bins, roads], pieces: size).rows == build([bins, roads]).rows)
    }

    @Test func someSensorsAloneKeepTheirPlaces() throws {
        let roads = try build([bins, roads]).limited { $0.kind == .traffic }
        #expect(roads.rows.map(\.value) == [50, 51, 52, 53])
        #expect(roads.sensors.count == 3)
    }

    @Test func aBadRowIsToldWithItsLine() {
        let error = #expect(throws: ReadingsCSV.RowError.self) { try build(["yesterday,b1,bin-fill,fill_pct,1\n"]) }
        #expect(error?.line == 2)
    }
}
