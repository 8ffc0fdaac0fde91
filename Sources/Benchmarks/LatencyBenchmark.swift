internal import Foundation
internal import Simulation

/// How long a reading takes to be safe, and how long a fire takes to be on the page, at a steady rate.
enum LatencyBenchmark: Benchmark {
    static let name = "latency"
    static let about = "from the broker's socket to the commit and to the event stream, at 10,000 messages a second"

    private static let perSecond = 10_000

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let plan = try plan(messages: rounds.amount(200_000, smoke: 5000))
        var (ours, theirs): ([Sample], [Sample]) = ([], [])
        var missing: Unavailable?
        for round in 0..<rounds.count {
            // In turns, each first every second time.
            for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
                do {
                    if isOurs {
                        ours.append(try await sluice(plan, tools))
                    } else if missing == nil {
                        theirs.append(try await script(plan, tools))
                    }
                } catch let reason as Unavailable where !isOurs {
                    missing = reason
                }
            }
        }
        let note = missing.map { "without its reference: \($0)" }
        func figure(
            _ name: String, unit: String = "ms", _ value: (Sample) -> Double, _ goal: Figure.Goal? = nil
        ) -> Figure {
            Figure(
                name, unit: unit, better: .lower, ours: ours.map(value),
                reference: theirs.isEmpty
                    ? nil : .init(name: Alternative.plain.name, values: theirs.map(value)),
                goal: goal, note: note)
        }
        return [
            figure("sent to committed, p50", { $0.commit(0.5) }, .init(measure: .value, bound: 3)),
            figure("sent to committed, p99", { $0.commit(0.99) }, .init(measure: .value, bound: 10)),
            figure("sent to committed, p99.9", { $0.commit(0.999) }, .init(measure: .value, bound: 25)),
            figure("sent to the event stream, p50", { $0.alarm(0.5) }, .init(measure: .value, bound: 3)),
            figure("sent to the event stream, the slowest", { $0.alarm(1) }, .init(measure: .value, bound: 25)),
            figure("processor time", unit: "of a core", \.load, .init(bound: 0.5)),
        ]
    }

    // MARK: - What is sent

    /// The city's messages, and bins that catch fire among them.
    private struct Plan {
        var stream: PacketStream
        var warm: Int
        /// The packet with each fire, and the bin that burns.
        var fires: [(packet: Int, sensor: String)]
    }

    private static func plan(messages count: Int) throws -> Plan {
        let nowMs = Int64(Date.now.timeIntervalSince1970) * 1000
        let bins = (1...100).map { "bench-bin-\($0)x" }
        var block = MessageBlock()
        // Every device is known, and each bin has said for a while that it is cool.
        let warmth = try CityBlock.messages(sensors: 10_000, count: count + 20_000, startMs: nowMs - 3 * 86_400_000)
        for number in 0..<20_000 { block.append(copyOf: number, in: warmth) }
        for minute in Int64(0)..<20 {
            for bin in bins { append(to: &block, bin, celsius: 11, atMs: nowMs - (30 - minute) * 60_000) }
        }
        let warm = block.count
        var fires: [(packet: Int, sensor: String)] = []
        for number in 0..<count {
            if number % (count / bins.count) == count / bins.count / 2 {
                fires.append((block.count - warm, bins[fires.count]))
                append(to: &block, fires[fires.count - 1].sensor, celsius: 310, atMs: nowMs)
            }
            block.append(copyOf: 20_000 + number, in: warmth)
        }
        return Plan(stream: try PacketStream(block, quality: 1), warm: warm, fires: fires)
    }

    private static func append(to block: inout MessageBlock, _ bin: String, celsius: Int, atMs: Int64) {
        let time = Date(timeIntervalSince1970: Double(atMs) / 1000).formatted(.iso8601)
        block.append(
            topic: "sluice/bin-fill/\(bin)",
            payload: #"{"ts":"\#(time)","metrics":{"fill_pct":40,"temperature_c":\#(celsius)}}"#, atMs: atMs)
    }

    // MARK: - What is measured

    /// One run, in milliseconds.
    private struct Sample {
        /// In ascending order.
        private let commits: [Double]
        private let alarms: [Double]
        /// Processor time over time.
        let load: Double

        init(_ times: FakeBroker.Times, _ plan: Plan, processorSeconds: Double, _ transcript: Transcript) throws {
            commits = times.packets.map { ($0.acknowledged - $0.sent) / .milliseconds(1) }.sorted()
            load = processorSeconds / ((times.ended - times.began) / .seconds(1))
            alarms = try plan.fires.map { fire in
                guard let seen = transcript.first(fire.sensor) else {
                    throw WrongAnswer("nobody was told that \(fire.sensor) burns")
                }
                return (seen - times.packets[fire.packet].sent) / .milliseconds(1)
            }.sorted()
        }

        func commit(_ share: Double) -> Double { Self.quantile(commits, share) }
        func alarm(_ share: Double) -> Double { Self.quantile(alarms, share) }

        private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
            sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
    }

    private static func sluice(_ plan: Plan, _ tools: Tools) async throws -> Sample {
        let gate = Gate()
        let broker = try FakeBroker(plan.stream, warm: plan.warm, perSecond: perSecond, mayBegin: { gate.isOpen })
        let folder = "\(tools.scratch)/latency"
        try? FileManager.default.removeItem(atPath: folder)
        let child = try SluiceChild(tools, folder: folder, brokerPorts: [broker.port], httpPort: try FreePort.find())
        try await child.commits(plan.stream.readings[plan.warm - 1], from: [broker])
        let events = try child.events()
        let before = processorSeconds(of: child.pid)
        gate.open()
        try await broker.through()
        let used = processorSeconds(of: child.pid) - before
        try await allAreTold(plan, events)
        child.end(with: SIGTERM)
        return try Sample(try broker.finish(), plan, processorSeconds: used, events)
    }

    private static func script(_ plan: Plan, _ tools: Tools) async throws -> Sample {
        try Alternative.plain.require(tools)
        let gate = Gate()
        let broker = try FakeBroker(plan.stream, warm: plan.warm, perSecond: perSecond, mayBegin: { gate.isOpen })
        let child = try Alternative.plain.start(tools, brokerPort: broker.port)
        try child.commits(plan.stream.readings[plan.warm - 1])
        let before = processorSeconds(of: child.pid)
        gate.open()
        try await broker.through()
        let used = processorSeconds(of: child.pid) - before
        try await allAreTold(plan, child.transcript)
        child.end()
        return try Sample(try broker.finish(), plan, processorSeconds: used, child.transcript)
    }

    private static func allAreTold(_ plan: Plan, _ transcript: Transcript) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while plan.fires.contains(where: { transcript.first($0.sensor) == nil }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
