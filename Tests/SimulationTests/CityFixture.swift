import Foundation
import Readings
import Simulation

/// The city that the demo shows, made from the repository's fixtures.
enum CityFixture {
    /// `Tests/SimulationTests/CityFixture.swift` → the repository.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let wards: WardMap = {
        do {
            let text = try [UInt8](Data(contentsOf: repository.appending(path: "fixtures/birmingham-wards.geojson")))
            return try WardMap(geoJSON: text.span)
        } catch {
            fatalError("the wards can't be read: \(error)")
        }
    }()

    static let recorded: [RecordedSeries] = {
        do {
            return try RecordedSeries.shipped(inFolder: repository.appending(path: "fixtures/recorded").path)
        } catch {
            fatalError("the recordings can't be read: \(error)")
        }
    }()

    /// Wednesday 18 March 2026, 10:00 UTC.
    static let liveStartMs = ms("2026-03-18T10:00:00Z")

    static func city(
        seed: UInt64 = 1, population: CityPopulation = CityPopulation(), liveStartMs: Int64 = liveStartMs,
        hasEvents: Bool = true
    ) -> SyntheticCity {
        SyntheticCity(
            seed: seed, wards: wards, recorded: recorded, population: population, liveStartMs: liveStartMs,
            hasEvents: hasEvents)
    }

    static func ms(_ text: String) -> Int64 {
        guard let ms = Timestamp.parse(text) else { preconditionFailure("not a time: \(text)") }
        return ms
    }

    static let dayMs: Int64 = 86_400_000
    static let hourMs: Int64 = 3_600_000
    static let minuteMs: Int64 = 60_000
}
