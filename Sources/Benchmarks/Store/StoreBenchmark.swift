internal import Foundation
internal import Simulation

/// The issue store after years: the daemon's answers with a million requests in it, its start and its memory.
enum StoreBenchmark: Benchmark {
    static let name = "store"
    static let about = "answers with a million requests in the store: lists, one by id, measures, hotspots, an export"

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let folder = "\(tools.scratch)/store"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let city = try make(in: "\(folder)/data", requests: rounds.amount(1_000_000, smoke: 4000))
        let note = "\(city.requests) requests of three years"
        let nothing = try PacketStream(MessageBlock(), quality: 1)
        func start() throws -> SluiceChild {
            // One for each: it takes one connection.
            let broker = try FakeBroker(nothing, warm: 0)
            return try SluiceChild(tools, folder: folder, brokerPorts: [broker.port], httpPort: try FreePort.find())
        }
        // The first start also settles what a new store has to; the later ones are what an operator waits for.
        let first = try start()
        _ = try await first.secondsUntilReady()
        first.end(with: SIGTERM)
        var starts: [Double] = []
        for _ in 0..<rounds.count {
            let child = try start()
            starts.append(try await child.secondsUntilReady() * 1000)
            child.end(with: SIGTERM)
        }
        let child = try start()
        _ = try await child.secondsUntilReady()
        let memory = Double(child.memory.resident) / 0x1p20
        let questions = StoreQuestion.all(city)
        var times = Array(repeating: [Double](), count: questions.count)
        for _ in 0..<rounds.count {
            for (number, question) in questions.enumerated() {
                times[number].append(try await ask(question, child, rounds))
            }
        }
        var figures = zip(questions, times).map { question, times in
            Figure(
                question.name, unit: "ms", better: .lower, ours: times,
                goal: .init(measure: .value, bound: question.bound))
        }
        figures[0].note = "\(note); medians of \(rounds.amount(5, smoke: 1)) asks a round, one at a time"
        figures += try await export(child, of: city.requests)
        figures += [
            Figure("ready after a clean stop", unit: "ms", better: .lower, ours: starts, note: note),
            Figure("memory after the start", unit: "MiB", better: .lower, ours: [memory], note: note),
        ]
        child.end(with: SIGTERM)
        return figures
    }

    /// Makes a store of three years, with ten thousand sensors, in a data directory.
    @discardableResult
    static func make(in directory: String, requests: Int) throws -> ScaledCity {
        let day: Int64 = 86_400_000
        let city = ScaledCity(
            requests: requests, days: 1095, sensors: 10_000, seed: 1,
            // The lists' last 90 days end now.
            endMs: Int64(Date().timeIntervalSince1970 * 1000) / day * day)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try ScaledStore(directory: directory, city: city).make()
        return city
    }

    /// The median of a few asks, in milliseconds.
    private static func ask(
        _ question: StoreQuestion, _ child: SluiceChild, _ rounds: Rounds
    ) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<rounds.amount(5, smoke: 1) {
            let start = ContinuousClock.now
            let answer = try await child.get(question.path)
            times.append((ContinuousClock.now - start) / .milliseconds(1))
            // Of the few requests of a trial none may match.
            guard let answer, answer.status == 200, rounds.isSmoke || answer.text.contains(question.holds) else {
                throw WrongAnswer(
                    "\(question.path): \(answer.map { "\($0.status) \($0.text.prefix(300))" } ?? "no answer")")
            }
        }
        return Spread(times).median
    }

    /// All of it at once: how fast, and what the daemon holds meanwhile.
    private static func export(_ child: SluiceChild, of requests: Int) async throws -> [Figure] {
        let before = child.memory.resident
        let start = ContinuousClock.now
        let (lines, most) = try await child.countLines("/export/requests.ndjson", memoryEvery: 10_000)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard lines == requests else { throw WrongAnswer("an export has \(lines) lines of \(requests)") }
        return [
            Figure(
                "export: requests a second", unit: "1/s", better: .higher, ours: [Double(lines) / seconds],
                note: "NDJSON of all \(requests)"),
            Figure(
                "export: memory held for it", unit: "MiB", better: .lower,
                ours: [Double(max(0, most - before)) / 0x1p20], goal: .init(measure: .value, bound: 32)),
        ]
    }
}
