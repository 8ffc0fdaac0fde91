internal import FoundationEssentials
internal import GRDB
internal import Open311

extension IssueReader {
    /// Wards and cells of the grid, each against what is expected there.
    ///
    /// Reads the series that are kept of each place, never the requests: it costs what there are of places.
    public func hotspots(_ query: HotspotQuery) async throws -> [Hotspot] {
        try await read("hotspots") { db in
            let windows = HotspotWindows(days: query.days, toMs: query.toMs)
            let services = query.services.map { Set($0.map(\.rawValue)) }
            var series = try Self.series(db, kinds: query.kinds + [.city]) { services?.contains($0) ?? true }
            let cities = series.removeValue(forKey: .city) ?? [:]
            let seasons = cities.reduce(into: [String: Double]()) { seasons, city in
                seasons[city.key.service] = SeasonFactor.factor(city: city.value, windows: windows)
            }
            let firstDays = cities.reduce(into: [String: Int]()) { days, city in
                days[city.key.service] = city.value.entries.first?.day
            }
            let coverage = try Coverage(
                db, windows, kinds: query.kinds, services: services ?? Coverage.sensed.union(seasons.keys))
            var places: [HotspotModel.Place] = []
            for kind in query.kinds {
                let known = series[kind] ?? [:]
                // A ward that is listened to and where nothing happens is one that is tested, too.
                for key in Set(known.keys).union(coverage.places(kind)) {
                    places.append(
                        HotspotModel.Place(
                            kind: kind, name: key.name, service: key.service, series: known[key] ?? DaySeries(),
                            listening: coverage[kind, key]))
                }
            }
            let model = HotspotModel(
                windows: windows, falseDiscoveryRate: query.falseDiscoveryRate, seasons: seasons,
                firstDays: firstDays)
            return model.hotspots(places)
        }
    }

    private static func series(
        _ db: Database, kinds: [PlaceKind], where wants: (String) -> Bool
    ) throws -> [PlaceKind: [PlaceKey: DaySeries]] {
        var found: [PlaceKind: [PlaceKey: DaySeries]] = [:]
        for kind in kinds {
            let rows = try RawStatement(db, "SELECT place, service, content FROM place_series WHERE kind = ?")
            rows.bind(kind.rawValue, at: 1)
            while try rows.step() {
                let key = PlaceKey(name: rows.text(0), service: rows.text(1))
                guard wants(key.service) else { continue }
                found[kind, default: [:]][key] = try known(
                    DaySeries(rows.blob(2)), "place_series", "content", "something else")
            }
        }
        return found
    }
}

/// A place and a service.
struct PlaceKey: Hashable {
    var name: String
    var service: String
}
