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
        try city(CityPopulation(sensors: sensors), startMs: startMs)
    }

    static func city(_ population: CityPopulation, startMs: Int64 = startMs) throws -> SyntheticCity {
        SyntheticCity(
            seed: 1, wards: try wards(), population: population, liveStartMs: startMs, hasEvents: false)
    }

    /// 10,000 sensors of which a fifth keep a profile of the week: flow, pressure, and traffic stations. The usual mix has a third.
    static let tenThousand: CityPopulation = {
        var population = CityPopulation(sensors: 10_000)
        (population.zones, population.stations) = (250, 1250)
        (population.noiseLoggers, population.meters, population.wetContacts) = (1190, 790, 475)
        population.bins += 10_000 - population.count
        return population
    }()

    /// The first `count` messages of a city of ordinary days.
    static func messages(sensors: Int, count: Int, startMs: Int64 = startMs) throws -> MessageBlock {
        try messages(of: try city(sensors: sensors, startMs: startMs), count: count, startMs: startMs)
    }

    /// The last `count` messages of a city of ordinary days up to now: what a live daemon is sent. To its clock those of a fixed
    /// day are months old, which it files as minutes and hours, at several times the cost.
    static func recentMessages(of population: CityPopulation, count: Int) throws -> MessageBlock {
        let usual = try messages(of: try city(population), count: count)
        let spanMs = count > 0 ? usual.atMs(count - 1) - usual.atMs(0) : 0
        let startMs = Int64(Date.now.timeIntervalSince1970) * 1000 - spanMs
        return try messages(of: try city(population, startMs: startMs), count: count, startMs: startMs)
    }

    static func messages(of city: SyntheticCity, count: Int, startMs: Int64 = startMs) throws -> MessageBlock {
        var stream = city.messages(fromMs: startMs, toMs: startMs + 400 * 86_400_000)
        var block = MessageBlock()
        var message = CityMessage()
        while block.count < count, stream.next(into: &message) { block.append(message) }
        return block
    }
}
