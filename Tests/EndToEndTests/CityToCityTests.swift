import Foundation
import IssueStorage
import Open311
import Simulation
import Synchronization
import TestSupport
import Testing

/// Two cities: the demo forwards to a second Sluice, which is stopped and started meanwhile.
@Suite(.timeLimit(.minutes(8))) struct CityToCityTests {
    @Test func aSecondSluiceReceivesEveryRequestAndUpdateOnceThoughStoppedAndStartedThreeTimes() async throws {
        let folder = try TestFolder()
        let other = try OtherCity(in: folder.path + "/b")
        let key = try await other.makeKey()
        try await other.start()
        try """
        forwarding:
          retry_max: 1s
          destinations:
            - name: city-b
              kind: georeport
              url: \(other.address)/open311/v2
              api_key_env: CITY_B_KEY
              unanswered: idempotent
        """.write(toFile: "\(folder.path)/demo.yaml", atomically: true, encoding: .utf8)
        let port = try FreePort.find()
        let demo = try SluiceProcess(
            [
                "demo", "--data", "\(folder.path)/a", "--config", "\(folder.path)/demo.yaml", "--http-port", "\(port)",
                "--rate", "600",
            ],
            environment: ["NO_COLOR": "1", "CITY_B_KEY": key])
        _ = try await demo.line(within: .seconds(180)) { $0.contains("/open311/v2/requests.json") }
        let address = "http://127.0.0.1:\(port)"
        let ours = try IssueReader(directory: "\(folder.path)/a")
        let before = try await Changes(ours)
        let startMs = try await HTTPAnswer.get(address + "/health/live").nowMs
        // Seven hours of the city's: its morning. Down in order, and by the axe, each time for an hour of them.
        let hourMs: Int64 = 3_600_000
        for (round, signal) in [SIGTERM, SIGKILL, SIGKILL].enumerated() {
            _ = try await HTTPAnswer.poll(address + "/health/live", within: .seconds(120)) {
                $0.nowMs >= startMs + Int64(2 * round + 1) * hourMs
            }
            try await other.stop(signal)
            _ = try await HTTPAnswer.poll(address + "/health/live", within: .seconds(120)) {
                $0.nowMs >= startMs + Int64(2 * round + 2) * hourMs
            }
            try await other.start()
        }
        _ = try await HTTPAnswer.poll(address + "/health/live", within: .seconds(120)) {
            $0.nowMs >= startMs + 7 * hourMs
        }
        // What was said in those hours, and when all of it has been told.
        let told = try await Changes(ours).since(before)
        try await eventually("all of it is told", within: .seconds(120)) {
            try await ours.outbox(OutboxSelection(), limit: 100_000).allSatisfy {
                told[$0.requestID]?.contains($0.number) != true
            }
        }
        demo.send(SIGINT)
        try await demo.expectExit(0)
        try await other.stop(SIGTERM)
        let theirs = try IssueReader(directory: other.directory)
        let requests = try await theirs.allRequests()
        let marks = requests.map { String($0.description.split(separator: "\n").last ?? "") }
        #expect(Set(marks).count == marks.count, "a request is there twice")
        let byMark = Dictionary(uniqueKeysWithValues: zip(marks, requests))
        let identity = try await ours.outboxIdentity()
        for (id, numbers) in told {
            // Behind the number stands what tells the incident from others.
            let begin = "Reference: sluice-\(identity)-\(id)-"
            guard let (line, copy) = byMark.first(where: { $0.key.hasPrefix(begin) }) else {
                Issue.record("request \(id) did not arrive")
                continue
            }
            let names = try await theirs.updates(ofRequest: copy.id).compactMap(\.externalID)
            #expect(Set(names).count == names.count, "an update of request \(id) is there twice")
            // The first change is told by filing itself.
            let missing = Set(numbers.filter { $0 > 1 }.map { "\(line.dropFirst("Reference: ".count))-\($0)" })
                .subtracting(names)
            #expect(missing.isEmpty, "of request \(id)")
        }
        #expect(told.count >= 3, "the morning was too quiet to prove anything: \(told)")
    }
}

/// Changes of requests, by request.
private struct Changes {
    var numbers: [Int64: Set<Int>] = [:]

    init(_ reader: IssueReader) async throws {
        for request in try await reader.allRequests() {
            numbers[request.id] = Set(try await reader.updates(ofRequest: request.id).map(\.number))
        }
    }

    /// Those that have come since.
    func since(_ earlier: Changes) -> [Int64: Set<Int>] {
        numbers.merging(earlier.numbers) { $0.subtracting($1) }.filter { !$1.isEmpty }
    }
}

extension IssueReader {
    fileprivate func allRequests() async throws -> [ServiceRequest] {
        var query = RequestQuery()
        query.limit = 100_000
        return try await requests(query)
    }
}

/// A second Sluice, without sensors, that stands in for another city's server.
private final class OtherCity: Sendable {
    let directory: String
    private let folder: String
    private let port: Int
    private let process = Mutex<SluiceProcess?>(nil)

    init(in folder: String) throws {
        self.folder = folder
        directory = folder + "/data"
        port = try FreePort.find()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A broker that is not there: nobody reports but people and other cities.
        try """
        data:
          directory: \(directory)
        mqtt:
          host: 127.0.0.1
          port: \(try FreePort.find())
        http:
          port: \(port)
        """.write(toFile: folder + "/sluice.yaml", atomically: true, encoding: .utf8)
    }

    var address: String { "http://127.0.0.1:\(port)" }

    /// A key that may report and update.
    func makeKey() async throws -> String {
        let (code, output) = try await SluiceProcess.run([
            "keys", "add", "city-a", "--role", "report", "--role", "update", "--data", directory,
        ])
        try #require(code == 0, "\(output)")
        let word = output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("slk_") }
        return String(try #require(word, "\(output)"))
    }

    func start() async throws {
        let started = try SluiceProcess(["run", "--config", folder + "/sluice.yaml"])
        process.withLock { $0 = started }
        _ = try await started.line { $0.contains("daemon.ready") }
    }

    func stop(_ signal: Int32) async throws {
        guard let running = process.withLock({ $0 }) else { return }
        running.send(signal)
        try await running.expectExit(signal == SIGTERM ? 0 : -signal)
    }
}
