import Foundation
import Incidents
import IssueStorage
import Open311
import Simulation
import Testing

/// Exports: all that match, once each, oldest first; as things are, or as they were known.
@Suite struct ExportTests {
    /// Request 1 is raised at 0 h, graver at 1 h, closed at 2 h, reopened at 3 h; request 2 is raised at 2 h. Silent changes lie
    /// between.
    private func fill(_ directory: TemporaryDirectory, again: Bool = false) throws {
        let hour: Int64 = 3_600_000
        func state(_ id: Int64, raised: Int64, updated: Int64, _ change: (inout ServiceRequest) -> Void)
            -> ServiceRequest
        {
            var request = request(id, atMs: midnightMs + raised * hour)
            request.updatedAtMs = midnightMs + updated * hour
            change(&request)
            return request
        }
        let states = [
            state(1, raised: 0, updated: 0) { $0.severity = 2 },
            state(1, raised: 0, updated: 0) { ($0.severity, $0.lastSeenMs) = (2, midnightMs + hour / 2) },
            state(1, raised: 0, updated: 1) { $0.severity = 3 },
            state(1, raised: 0, updated: 2) { ($0.severity, $0.status, $0.word) = (3, .closed, .closed) },
            state(2, raised: 2, updated: 2) { $0.severity = 1 },
            state(1, raised: 0, updated: 3) { $0.severity = 4 },
        ]
        let lines: [(Int64, Int, ServiceRequest.Status)] = [
            (1, 1, .open), (1, 2, .open), (1, 3, .closed), (1, 4, .open),
        ]
        try SteppedStore(directory: directory).run { tools in
            // One batch for all: what is in between is kept all the same.
            try tools.commit { batch in
                batch.requests = again ? states + states : states
                batch.updates = lines.map { request, number, status in
                    RequestUpdate(
                        requestID: request, number: number, atMs: midnightMs + Int64(number - 1) * hour, status: status,
                        text: "")
                }
            }
        }
    }

    struct Moment: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Hours after midnight.
        var hours: Double
        var ids: [Int64]
        var severities: [Int]
        var statuses: [ServiceRequest.Status]
    }

    static let moments = [
        Moment(testDescription: "before the first", hours: -0.1, ids: [], severities: [], statuses: []),
        Moment(testDescription: "at its raising", hours: 0, ids: [1], severities: [2], statuses: [.open]),
        Moment(
            testDescription: "a moment before it was graver", hours: 0.999, ids: [1], severities: [2], statuses: [.open]
        ),
        Moment(testDescription: "when it was graver", hours: 1, ids: [1], severities: [3], statuses: [.open]),
        Moment(
            testDescription: "when it was closed", hours: 2, ids: [1, 2], severities: [3, 1],
            statuses: [.closed, .open]),
        Moment(
            testDescription: "when it was reopened", hours: 3, ids: [1, 2], severities: [4, 1],
            statuses: [.open, .open]),
        Moment(
            testDescription: "long after", hours: 9999, ids: [1, 2], severities: [4, 1], statuses: [.open, .open]),
    ]

    @Test(arguments: moments)
    func whatWasKnownAtAMomentIsShown(_ c: Moment) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        // A replay writes it all once more.
        for again in [false, true] { try fill(directory, again: again) }
        let reader = try IssueReader(directory: directory.path)
        let asOfMs = midnightMs + Int64(c.hours * 3_600_000)
        let found = try await reader.export(RequestQuery(), asOfMs: asOfMs, behind: nil, count: 10)
        #expect(found.map(\.request.id) == c.ids)
        #expect(found.map(\.request.severity) == c.severities)
        #expect(found.map(\.request.status) == c.statuses)
        #expect(found.map(\.closedAtMs) == c.statuses.map { $0 == .closed ? midnightMs + 7_200_000 : nil })
        // Filters are about what was known, too.
        var grave = RequestQuery()
        grave.leastSeverity = 3
        let graveOnes = try await reader.export(grave, asOfMs: asOfMs, behind: nil, count: 10)
        #expect(graveOnes.map(\.request.id) == zip(c.ids, c.severities).filter { $0.1 >= 3 }.map(\.0))
    }

    @Test func aVersionOnceWrittenStays() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try fill(directory)
        let reader = try IssueReader(directory: directory.path)
        let before = try await reader.export(RequestQuery(), asOfMs: midnightMs + 3_700_000, behind: nil, count: 10)
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                var later = request(1)
                (later.updatedAtMs, later.title) = (midnightMs + 50_000_000, "Something else")
                batch.requests = [later]
            }
        }
        let after = try await reader.export(RequestQuery(), asOfMs: midnightMs + 3_700_000, behind: nil, count: 10)
        #expect(before == after && before.count == 1)
    }

    @Test(arguments: [nil, midnightMs + 500 * 3_600_000] as [Int64?])
    func pieceByPieceEachRequestComesOnce(_ asOfMs: Int64?) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var random = SeededGenerator(seed: 9)
        let all = (1...257).map { number in
            // Many at one time.
            request(
                Int64(number), status: number % 3 == 0 ? .closed : .open,
                atMs: midnightMs + Int64(random.next(in: 0..<40)))
        }
        try directory.commitOnce { $0.requests = all }
        let reader = try IssueReader(directory: directory.path)
        var query = RequestQuery()
        query.statuses = [.open]
        let expected = all.filter { $0.status == .open }.sorted {
            ($0.requestedAtMs, $0.id) < ($1.requestedAtMs, $1.id)
        }
        for count in [1, 7, 86, 1000] {
            var found: [Int64] = []
            var position: ExportPosition?
            while true {
                let piece = try await reader.export(query, asOfMs: asOfMs, behind: position, count: count)
                guard let last = piece.last else { break }
                found += piece.map(\.request.id)
                position = ExportPosition(behind: last.request)
            }
            #expect(found == expected.map(\.id), "\(count) at a time")
        }
    }
}
