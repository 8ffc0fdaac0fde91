internal import CReferences
internal import IssueStorage
internal import Readings
internal import SPSCRing
internal import Simulation
internal import Synchronization

/// Allocations on the two threads that every reading passes before it is handed to the store, and where its history is kept.
enum AllocationBenchmark: Benchmark {
    static let name = "allocations"
    static let about = "allocations a reading on the network and pipeline threads and in its history, counted"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        [try ordinary(rounds, tools), try burning(rounds, tools), merging(rounds)]
    }

    private static func ordinary(_ rounds: Rounds, _ tools: Tools) throws -> Figure {
        let city = try CityBlock.city(sensors: 1000)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: CityBlock.startMs + 400 * 86_400_000)
        let rig = try PipelineRig(sensors: city.sensors, scratch: tools.scratch, saving: .never)
        var (block, message) = (MessageBlock(), CityMessage())
        // Windows fill and buffers find their size first.
        let counts = try count(rig, rounds, warmUp: rounds.amount(8, smoke: 4)) {
            block.removeAll()
            while block.count < 100_000, stream.next(into: &message) { block.append(message) }
            return block
        }
        return figure(
            "allocations on the data path", counts,
            "the steady state of 1,000 sensors; opening and closing incidents is counted, saving the state is not")
    }

    /// Every sensor stands in an open request: what is known of all requests must not be touched at each reading of one.
    private static func burning(_ rounds: Rounds, _ tools: Tools) throws -> Figure {
        let bins = (0..<1000).map { Sensor(id: "bin-\($0)", kind: .binFill) }
        let rig = try PipelineRig(sensors: bins, scratch: tools.scratch, saving: .never)
        var (block, minute) = (MessageBlock(), Int64(0))
        let counts = try count(rig, rounds, warmUp: 8) {
            block.removeAll()
            for _ in 0..<20 {
                let atMs = CityBlock.startMs + minute * 60_000
                let payload = #"{"ts":\#(atMs),"metric":"temperature_c","value":\#(80 - minute % 2)}"#
                for bin in bins { block.append(topic: "sluice/bin-fill/\(bin.id)", payload: payload, atMs: atMs) }
                minute += 1
            }
            return block
        }
        return figure(
            "allocations on the data path while every sensor is in an open request", counts,
            "1,000 bins on fire, each a request of its own")
    }

    /// Two stretches of one sensor's history become one, each reading between two of the other's.
    private static func merging(_ rounds: Rounds) -> Figure {
        let stretches = (0..<2).map { odd in
            (0..<10_000).map { HistoryReading(atMs: Int64(2 * $0 + odd) * 1000, value: Double($0)) }
        }
        let counts = (0..<rounds.count).map { _ in
            let merged = Mutex(0)
            // Sound: the name is copied.
            unsafe creferences_count_allocations("merging")
            WorkerThread.start(name: "merging") {
                let count = HistoryReading.merged(stretches[0], stretches[1]).count
                merged.withLock { $0 = count }
            }.join()
            return Double(creferences_allocations()) / Double(merged.withLock { $0 })
        }
        return figure("allocations where history is merged", counts, "10,000 readings with 10,000")
    }

    /// Allocations a reading, once for each round.
    private static func count(
        _ rig: PipelineRig, _ rounds: Rounds, warmUp: Int, _ next: () -> MessageBlock
    ) throws -> [Double] {
        for _ in 0..<warmUp { try rig.feed(next()) }
        return try (0..<rounds.count).map { _ in
            let (block, before) = (next(), try rig.readings())
            // Sound: the name is copied.
            unsafe creferences_count_allocations("sluice-pipeline")
            try rig.feed(block)
            let allocations = creferences_allocations()
            return Double(allocations) / Double(try rig.readings() - before)
        }
    }

    private static func figure(_ name: String, _ counts: [Double], _ note: String) -> Figure {
        var figure = Figure(
            name, unit: "a reading", better: .lower, ours: counts, goal: .init(measure: .value, bound: 0.01), note: note
        )
        figure.isCounted = true
        return figure
    }
}
