import Foundation
import Incidents
import IssueStorage
import Open311
import Simulation
import Testing

/// Boxes and circles, pages and totals, against looking at every request.
@Suite struct PlaceQueryTests {
    /// Around the world, some of them close together, some without a position.
    private static let stored: [ServiceRequest] = {
        var random = SeededGenerator(seed: 11)
        return (1...600).map { number in
            var request = request(
                Int64(number), service: number % 2 == 0 ? .waterLeak : .binFull,
                status: number % 3 == 0 ? .closed : .open,
                atMs: midnightMs + Int64(random.next(in: 0..<100)) * 3_600_000)
            request.updatedAtMs = request.requestedAtMs + Int64(random.next(in: 0..<1000)) * 60_000
            request.severity = 1 + number % 4
            request.ward = ["Abbey", "Bordesley", nil][number % 3]
            let center = [(52.5, -1.9), (-17.8, 179.99), (89.9, 10.0), (0.0, 0.0)][number % 4]
            if number % 10 > 0 {
                request.latitude = min(90, center.0 + (random.nextUnit() - 0.5) * 0.2)
                let longitude = center.1 + (random.nextUnit() - 0.5) * 0.2
                request.longitude = longitude > 180 ? longitude - 360 : longitude
            }
            return request
        }
    }()

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var query: @Sendable (inout RequestQuery) -> Void
        var matches: @Sendable (ServiceRequest) -> Bool
    }

    private static func circle(_ latitude: Double, _ longitude: Double, _ radiusM: Double) -> Case {
        Case(testDescription: "\(Int(radiusM)) m around \(latitude), \(longitude)") {
            $0.circle = GeoCircle(latitude: latitude, longitude: longitude, radiusM: radiusM)
        } matches: { request in
            guard let north = request.latitude, let east = request.longitude else { return false }
            // The angle between two vectors, which is another formula than the one tested.
            func vector(_ latitude: Double, _ longitude: Double) -> [Double] {
                let (phi, lambda) = (latitude * .pi / 180, longitude * .pi / 180)
                return [cos(phi) * cos(lambda), cos(phi) * sin(lambda), sin(phi)]
            }
            let (a, b) = (vector(latitude, longitude), vector(north, east))
            let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
            let sine = cross.map { $0 * $0 }.reduce(0, +).squareRoot()
            return atan2(sine, zip(a, b).map { $0 * $1 }.reduce(0, +)) * 6_371_008.8 <= radiusM
        }
    }

    private static func box(_ west: Double, _ south: Double, _ east: Double, _ north: Double) -> Case {
        Case(testDescription: "box \(west), \(south), \(east), \(north)") {
            $0.box = GeoBox(west: west, south: south, east: east, north: north)
        } matches: { request in
            guard let latitude = request.latitude, let longitude = request.longitude else { return false }
            let isWithin =
                west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east
            return isWithin && latitude >= south && latitude <= north
        }
    }

    static let cases: [Case] = [
        circle(52.5, -1.9, 5000), circle(52.5, -1.9, 1), circle(-17.8, 179.99, 8000), circle(-17.8, -179.99, 8000),
        circle(89.95, 100, 9000), circle(0, 0, 20_020_000), circle(-89.99, 0, 1000), circle(0, 0, 5000),
        box(-1.92, 52.45, -1.85, 52.55), box(179.95, -18, -179.97, -17), box(-180, -90, 180, 90), box(1, 1, 1, 1),
        Case(testDescription: "two wards, and grave") {
            ($0.wards, $0.leastSeverity) = (["Abbey", "Castle"], 3)
        } matches: {
            $0.ward == "Abbey" && $0.severity >= 3
        },
        Case(testDescription: "hidden services are never found, not even by id") {
            ($0.hiddenServices, $0.ids) = ([.binFull], [1, 2, 3, 4])
        } matches: {
            $0.service != .binFull && $0.id <= 4
        },
        Case(testDescription: "updated within a day, of both services, open") {
            ($0.updatedFromMs, $0.updatedToMs) = (midnightMs + 100_000_000, midnightMs + 186_400_000)
            ($0.services, $0.statuses) = ([.binFull, .waterLeak], [.open])
        } matches: {
            ($0.updatedAtMs >= midnightMs + 100_000_000 && $0.updatedAtMs <= midnightMs + 186_400_000)
                && $0.status == .open
        },
    ]

    @Test(arguments: cases)
    func whatMatchesIsFound(_ c: Case) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.requests = Self.stored }
        let reader = try IssueReader(directory: directory.path)
        let expected = Self.stored.filter(c.matches).sorted { ($0.requestedAtMs, $0.id) > ($1.requestedAtMs, $1.id) }
            .map(\.id)
        var query = RequestQuery()
        c.query(&query)
        #expect(try await reader.requestCount(query) == expected.count)
        #expect(try await reader.page(query).total == expected.count)
        #expect(try await reader.page(query, countingUpTo: expected.count).total == expected.count)
        #expect(try await reader.page(query, countingUpTo: expected.count - 1).total == nil)
        #expect(try await reader.requests(query).map(\.id) == expected)
        (query.limit, query.offset) = (20, 20)
        #expect(try await reader.requests(query).map(\.id) == Array(expected.dropFirst(20).prefix(20)))
    }
}
