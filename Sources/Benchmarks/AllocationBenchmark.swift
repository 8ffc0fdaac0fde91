internal import CReferences
internal import Simulation

/// Allocations on the two threads that every reading passes before it is handed to the store.
enum AllocationBenchmark: Benchmark {
    static let name = "allocations"
    static let about = "allocations a reading on the network and pipeline threads, counted"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let city = try CityBlock.city(sensors: 1000)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: CityBlock.startMs + 400 * 86_400_000)
        let rig = try PipelineRig(sensors: city.sensors, scratch: tools.scratch, saving: .never)
        var (block, message) = (MessageBlock(), CityMessage())
        func next(_ count: Int) {
            block.removeAll()
            while block.count < count, stream.next(into: &message) { block.append(message) }
        }
        // Windows fill and buffers find their size first.
        for _ in 0..<rounds.amount(8, smoke: 4) {
            next(100_000)
            try rig.feed(block)
        }
        var counts: [Double] = []
        for _ in 0..<rounds.count {
            next(100_000)
            let before = rig.readings
            // Sound: the name is copied.
            unsafe creferences_count_allocations("sluice-pipeline")
            try rig.feed(block)
            let allocations = creferences_allocations()
            counts.append(Double(allocations) / Double(rig.readings - before))
        }
        var figure = Figure(
            "allocations on the data path", unit: "a reading", better: .lower, ours: counts,
            goal: .init(measure: .value, bound: 0.01),
            note: "the steady state of 1,000 sensors; opening and closing incidents is counted, saving the state is not"
        )
        figure.isCounted = true
        return [figure]
    }
}
