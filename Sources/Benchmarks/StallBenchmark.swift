internal import Foundation
internal import Simulation
internal import Telemetry

/// Whether anybody who waits for a commit notices what is done beside it.
///
/// Twenty messages at a time go through the daemon's data path, and the next twenty follow when those are committed. Each round
/// does so on a store that does nothing else; with slices of saved state in each batch, as if one turn of saving followed the
/// other; and on a store full of readings that are still to be folded, of which the older ones are to become minutes, hours and
/// days at once.
enum StallBenchmark: Benchmark {
    static let name = "stalls"
    static let about = "a commit while state is saved, and while a full store folds its history, against neither"

    private enum Beside: CaseIterable { case nothing, saving, upkeep }

    private static let sensors = 2000
    private static let messagesPerCommit = 20

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let (commits, fill) = (rounds.amount(4000, smoke: 100), rounds.amount(300_000, smoke: 20_000))
        var samples: [Beside: [Sample]] = [:]
        for round in 0..<rounds.count {
            let order = round.isMultiple(of: 2) ? Beside.allCases : Beside.allCases.reversed()
            for beside in order {
                samples[beside, default: []].append(try measure(beside, commits: commits, fill: fill, tools))
            }
        }
        let calm = samples[.nothing] ?? []
        return [(Beside.saving, "state saved in each batch"), (.upkeep, "folding and dropping history")].flatMap {
            beside, name in
            let own = samples[beside] ?? []
            return [(0.5, "p50"), (0.999, "p99.9"), (1, "the longest")].map { share, title in
                Figure(
                    "commit, \(title), \(name)", unit: "ms", better: .lower, ours: own.map { $0.commit(share) },
                    reference: .init(name: "the same with neither", values: calm.map { $0.commit(share) }),
                    note: beside == .saving
                        ? "\(own.map(\.slices)) slices in \(commits) commits"
                        : "\(own.map(\.steps)) steps of upkeep beside \(commits) commits")
            }
        }
    }

    private struct Sample {
        /// Of each commit, in milliseconds, ascending.
        var times: [Double] = []
        var slices = 0
        var steps = 0

        func commit(_ share: Double) -> Double { times[min(times.count - 1, Int(Double(times.count) * share))] }
    }

    private static func measure(_ beside: Beside, commits: Int, fill: Int, _ tools: Tools) throws -> Sample {
        let city = try CityBlock.city(sensors: sensors)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: CityBlock.startMs + 400 * 86_400_000)
        var (block, message) = (MessageBlock(), CityMessage())
        func next(_ count: Int) {
            block.removeAll()
            while block.count < count, stream.next(into: &message) { block.append(message) }
        }
        let registry = MetricRegistry()
        let rig = try PipelineRig(
            sensors: city.sensors, scratch: tools.scratch, saving: beside == .saving ? .always : .never,
            history: .short, metrics: registry)
        rig.pauseUpkeep(true)
        for _ in 0..<max(1, fill / 50_000) {
            next(min(fill, 50_000))
            try rig.feed(block)
        }
        let (steps, slices) = (registry.steps, registry.slices)
        rig.pauseUpkeep(beside != .upkeep)
        var sample = Sample()
        for _ in 0..<commits {
            next(messagesPerCommit)
            sample.times.append(try seconds { try rig.feed(block) } * 1000)
        }
        sample.times.sort()
        (sample.slices, sample.steps) = (registry.slices - slices, registry.steps - steps)
        return sample
    }
}

extension MetricRegistry {
    /// Steps of upkeep so far.
    fileprivate var steps: Int { value("sluice_history_step_seconds_count") }
    /// Slices of saved state so far.
    fileprivate var slices: Int { value(#"sluice_store_rows_total{table="state_slice"}"#) }

    private func value(_ name: String) -> Int {
        let line = prometheusText().split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }
}
