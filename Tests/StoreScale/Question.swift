import Foundation
import IssueStorage
import Open311

/// One thing that people ask of a store, and how long it takes.
struct Question {
    var name: String
    /// Returns how much was found, for the table.
    var ask: (IssueReader) async throws -> Int

    /// Asks again and again: name, median, slowest, what was found.
    func ask(_ reader: IssueReader, rounds: Int) async throws -> String {
        var times: [Double] = []
        var found = 0
        for _ in 0..<max(1, rounds) {
            let start = ContinuousClock.now
            found = try await ask(reader)
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        times.sort()
        let padded = name.padding(toLength: 58, withPad: " ", startingAt: 0)
        return padded + String(format: "%8.2f ms %8.2f ms  ", times[times.count / 2], times[times.count - 1])
            + "\(found)"
    }

    static func all(_ city: ScaledCity) -> [Question] { lists(city) + others(city) }

    private static func lists(_ city: ScaledCity) -> [Question] {
        let endMs = ScaledCity.endMs
        let daysMs = { (days: Int) in Int64(days) * 86_400_000 }
        func query(_ change: (inout RequestQuery) -> Void) -> RequestQuery {
            var query = RequestQuery()
            query.requestedFromMs = endMs - daysMs(90)
            query.limit = 50
            change(&query)
            return query
        }
        let (latitude, longitude) = ScaledCity.position(ward: 9, place: 3)
        let cases: [(String, RequestQuery)] = [
            ("90 days", query { _ in }),
            ("90 days, page 100", query { $0.offset = 4950 }),
            ("90 days, open", query { $0.statuses = [.open] }),
            ("90 days, one service", query { $0.services = [.waterLeak] }),
            ("90 days, one service, open", query { ($0.services, $0.statuses) = ([.waterLeak], [.open]) }),
            ("90 days, a service without requests", query { $0.services = [ServiceCode(rawValue: "graffiti")!] }),
            ("90 days, updated within a day", query { $0.updatedFromMs = endMs - daysMs(1) }),
            ("90 days, updated before a month ago", query { $0.updatedToMs = endMs - daysMs(30) }),
            (
                "90 days, a box of half the city",
                query { $0.box = GeoBox(west: -2, south: 52.4, east: -1.84, north: 52.6) }
            ),
            (
                "90 days, 500 m around",
                query { $0.circle = GeoCircle(latitude: latitude, longitude: longitude, radiusM: 500) }
            ),
            (
                "90 days, 500 m around, open, one service",
                query {
                    $0.circle = GeoCircle(latitude: latitude, longitude: longitude, radiusM: 500)
                    ($0.services, $0.statuses) = ([.binFull], [.open])
                }
            ),
            ("any time", query { $0.requestedFromMs = nil }),
            ("any time, open", query { ($0.requestedFromMs, $0.statuses) = (nil, [.open]) }),
            ("any time, one service", query { ($0.requestedFromMs, $0.services) = (nil, [.waterLeak]) }),
            (
                "any time, updated within a day",
                query { ($0.requestedFromMs, $0.updatedFromMs) = (nil, endMs - daysMs(1)) }
            ),
            (
                "any time, 500 m around",
                query {
                    $0.requestedFromMs = nil
                    $0.circle = GeoCircle(latitude: latitude, longitude: longitude, radiusM: 500)
                }
            ),
        ]
        return cases.flatMap { name, query in
            [
                Question(name: "page of 50: \(name)") { try await $0.requests(query).count },
                Question(name: "total: \(name)") { try await $0.requestCount(query) },
            ]
        } + [
            Question(name: "page of 1000: 90 days") { reader in
                try await reader.requests(query { $0.limit = 1000 }).count
            },
            Question(name: "one request by id") { reader in
                try await reader.request(id: Int64(city.requests / 2)) == nil ? 0 : 1
            },
            Question(name: "its updates") { try await $0.updates(ofRequest: Int64(city.requests / 2)).count },
        ]
    }

    private static func others(_ city: ScaledCity) -> [Question] {
        func measures(days: Int, _ grouping: MeasureQuery.Grouping?) -> MeasureQuery {
            var query = MeasureQuery(
                fromMs: ScaledCity.endMs - Int64(days) * 86_400_000 + 40_000_000, toMs: ScaledCity.endMs - 5_000_000,
                nowMs: ScaledCity.endMs)
            query.grouping = grouping
            return query
        }
        return [("90 days", 90), ("all", city.days)].flatMap { name, days in
            [MeasureQuery.Grouping?.none, .ward, .week].map { grouping in
                Question(name: "measures: \(name)\(grouping.map { ", by \($0.rawValue)" } ?? "")") { reader in
                    try await reader.measures(measures(days: days, grouping)).services.reduce(0) {
                        $0 + $1.total.requests
                    }
                }
            }
        }
            + [("wards", [PlaceKind.ward]), ("wards and cells", [.ward, .cell])].flatMap { name, kinds in
                [7, 28].map { days in
                    Question(name: "hotspots: \(name), \(days) days") { reader in
                        var query = HotspotQuery(toMs: ScaledCity.endMs - 5_000_000)
                        (query.kinds, query.days) = (kinds, days)
                        return try await reader.hotspots(query).count
                    }
                }
            }
    }
}
