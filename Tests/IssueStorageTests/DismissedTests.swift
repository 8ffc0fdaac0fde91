import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

/// Suspicions that came to nothing do not stay for ever.
@Suite struct DismissedTests {
    private static let dayMs: Int64 = 86_400_000

    private func suspicion(_ key: String, request: Int64? = nil, resolvedAtMs: Int64?) -> IncidentRecord {
        var record = incident(key, request: request, state: resolvedAtMs == nil ? .pending : .resolved)
        if request == nil { record.firingSinceMs = nil }
        record.resolvedAtMs = resolvedAtMs
        return record
    }

    @Test func whatDidNotLastGoesAfterAMonthAndNothingElseDoes() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            func keys() throws -> [String] {
                try String.fetchAll(tools.db, sql: "SELECT key FROM incident ORDER BY key")
            }
            try tools.commit { batch in
                batch.newSensors = [newSensor(1)]
                batch.requests = [request(1, status: .closed)]
                batch.incidents = [
                    suspicion("dismissed", resolvedAtMs: midnightMs),
                    suspicion("dismissed later", resolvedAtMs: midnightMs + 20 * Self.dayMs),
                    suspicion("has a request", request: 1, resolvedAtMs: midnightMs),
                    suspicion("pending", resolvedAtMs: nil),
                ]
            }
            try tools.tick(10, afterDays: 29)
            try tools.settle()
            #expect(try keys().count == 4)
            try tools.tick(11, afterDays: 31)
            try tools.settle()
            #expect(try keys() == ["dismissed later", "has a request", "pending"])
            // Two: of one alone it could be that a clock stands ahead.
            for sequence: Int64 in [12, 13] { try tools.tick(sequence, afterDays: 400) }
            try tools.settle()
            let left = try keys()
            #expect(left == ["has a request", "pending"])
        }
    }

    @Test func manyOfThemGoInSmallSteps() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.newSensors = [newSensor(1)]
                batch.incidents = (0..<3000).map { suspicion("burst/\($0)", resolvedAtMs: midnightMs) }
            }
            try tools.tick(10, afterDays: 40)
            var left = [3000]
            while try tools.keeper.step() { left.append(try tools.count("incident")) }
            #expect(left.last == 0)
            #expect(zip(left, left.dropFirst()).allSatisfy { $0 - $1 <= 500 })
        }
    }
}
