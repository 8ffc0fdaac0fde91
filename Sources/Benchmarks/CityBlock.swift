internal import Foundation
internal import Readings
internal import Simulation

/// Messages of the synthetic city for benchmarks.
enum CityBlock {
    /// Friday, 1 May 2026, midnight UTC: any day would do.
    static let startMs: Int64 = 1_777_593_600_000

    /// The outlines in which the city stands.
    static func wards() throws -> WardMap {
        let path = "fixtures/birmingham-wards.geojson"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Unavailable("\(path) is not here: run from the repository's top folder")
        }
        let bytes = Array(data)
        return try WardMap(geoJSON: bytes.span)
    }

    static func city(sensors: Int, startMs: Int64 = startMs) throws -> SyntheticCity {
        SyntheticCity(
            seed: 1, wards: try wards(), population: CityPopulation(sensors: sensors), liveStartMs: startMs,
            hasEvents: false)
    }

    /// The first `count` messages of a city of ordinary days.
    static func messages(sensors: Int, count: Int, startMs: Int64 = startMs) throws -> MessageBlock {
        let city = try city(sensors: sensors, startMs: startMs)
        var stream = city.messages(fromMs: startMs, toMs: startMs + 400 * 86_400_000)
        var block = MessageBlock()
        var message = CityMessage()
        while block.count < count, stream.next(into: &message) { block.append(message) }
        return block
    }
}
