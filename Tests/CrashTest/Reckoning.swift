internal import FaultSupport
internal import Foundation

/// What was published, what was stored, and what should have been.
struct Reckoning {
    private let course: Ordeal.Course
    private let expected: Int
    private let audit: StreamAudit
    private let exact: StreamAudit
    private var expectedRequests: [StoredStream.Request] = []
    private var requests: [StoredStream.Request] = []
    private var planted: [(rule: String, planted: Int, filed: Int)] = []
    private var integrity = ""

    init(of stream: NumberedStream, site: CrashSite, course: Ordeal.Course) async throws {
        self.course = course
        expected = stream.count
        let stored = try StoredStream(directory: site.data)
        audit = try StreamAudit(of: stream, in: stored)
        exact = .exact(stream)
        requests = try stored.requests()
        integrity = try stored.integrity()
        let recording = "\(site.folder)/stream.csv"
        try stream.csv().write(toFile: recording, atomically: false, encoding: .utf8)
        let reference = "\(site.folder)/reference"
        try await site.replay(recording, into: reference)
        expectedRequests = try StoredStream(directory: reference).requests()
        planted = [("bin-fire", stream.fires), ("bin-tilt", stream.falls)].map { rule, count in
            (rule, count, requests.count { $0.rule == rule })
        }
    }

    private var missingRequests: Int {
        let keys = Set(requests.map(\.key))
        return expectedRequests.count { !keys.contains($0.key) }
    }
    private var extraRequests: Int {
        let keys = Set(expectedRequests.map(\.key))
        return requests.count { !keys.contains($0.key) }
    }
    /// Of the same incident, and yet with another number, state or time.
    private var differentRequests: [(expected: StoredStream.Request, found: StoredStream.Request)] {
        let found = Dictionary(requests.map { ($0.key, $0) }) { first, _ in first }
        return expectedRequests.compactMap { request in
            found[request.key].flatMap { $0 == request ? nil : (request, $0) }
        }
    }

    var isClean: Bool {
        course.published == expected && audit == exact
            && requests == expectedRequests && planted.allSatisfy { $0.planted == $0.filed && $0.planted > 0 }
            && integrity == "ok" && course.complaints.isEmpty
    }

    var table: String {
        let sorted = course.recoveries.sorted()
        let quantile = { (share: Double) in
            sorted.isEmpty ? Duration.zero : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        let plantedLine = planted.map { "\($0.rule) \($0.filed)/\($0.planted)" }.joined(separator: ", ")
        var lines: [(String, String)] = [
            ("daemon killed", "\(course.kills) times, \(course.killsAtAcknowledgement) at an acknowledgement"),
            ("broker killed", "\(course.brokerKills) times"),
            ("readings that the broker acknowledged", "\(course.published) of \(expected)"),
            ("readings stored", "\(audit.rows)"),
            ("readings lost", "\(audit.lost)"),
            ("readings stored twice", "\(audit.duplicates)"),
            ("readings never sent, or with another value", "\(audit.foreign + audit.wrong)"),
            ("readings out of their order", "\(audit.late)"),
            ("requests", "\(requests.count) of \(expectedRequests.count)"),
            (
                "requests missing, too many, different",
                "\(missingRequests), \(extraRequests), \(differentRequests.count)"
            ),
            ("planted incidents filed", plantedLine),
            ("database", integrity),
            (
                "from kill to ready: median, p99, worst",
                "\(seconds(quantile(0.5))), \(seconds(quantile(0.99))), \(seconds(quantile(1))) s of \(sorted.count)"
            ),
            ("took", "\(seconds(course.took)) s"),
        ]
        for complaint in course.complaints.prefix(5) { lines.append(("complaint", complaint)) }
        for pair in differentRequests.prefix(3) {
            lines += [("expected", "\(pair.expected)"), ("found", "\(pair.found)")]
        }
        lines.append(("verdict", isClean ? "clean" : "NOT CLEAN"))
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { $0.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $1 }.joined(separator: "\n")
    }

    private func seconds(_ duration: Duration) -> String {
        String(format: "%.2f", Double(duration.wholeNanoseconds) / 1e9)
    }
}
