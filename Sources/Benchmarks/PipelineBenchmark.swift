internal import Foundation
internal import Readings
internal import Simulation

/// Decode → ring → windows → every default detector → incidents → committed, in this process.
enum PipelineBenchmark: Benchmark {
    static let name = "pipeline"
    static let about = "the whole data path in process, with 1,000, 10,000 and a million sensors"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let sizes = rounds.isSmoke ? [1000, 10_000] : [1000, 10_000, 1_000_000]
        let results = try sizes.map { sensors in
            // The largest takes minutes to warm: fewer rounds, said in the note.
            let rounds = sensors > 100_000 ? min(rounds.count, 3) : rounds.count
            return try measure(sensors, rounds: rounds, tools)
        }
        return zip(sizes, results).map { sensors, result in
            let isFirst = sensors == sizes[0]
            return Figure(
                "decode to commit, \(sensors.formatted(.number.locale(Locale(identifier: "en_GB")))) sensors",
                unit: "readings/s", better: .higher, ours: result.rates,
                reference: isFirst
                    ? nil
                    : .init(
                        name: "the same with 1,000 sensors",
                        values: Array(repeating: Spread(results[0].rates).median, count: result.rates.count)),
                goal: sensors == 1_000_000 ? .init(bound: 0.5) : .init(measure: .value, bound: 1e6),
                note: "\(result.readings) readings a round, \(result.bytesASensor) bytes of memory a sensor")
        }
    }

    private struct Result {
        var rates: [Double]
        var readings: Int
        var bytesASensor: Int
    }

    private static func measure(
        _ sensors: Int, rounds: Int, _ tools: Tools
    ) throws -> Result {
        let city = try CityBlock.city(sensors: sensors)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: CityBlock.startMs + 400 * 86_400_000)
        let before = residentBytes()
        let rig = try PipelineRig(sensors: city.sensors, scratch: tools.scratch)
        var block = MessageBlock()
        var message = CityMessage()
        func next(_ count: Int) {
            block.removeAll()
            while block.count < count, stream.next(into: &message) { block.append(message) }
        }
        // Every sensor speaks first: what a newcomer costs is another figure.
        var warmed = 0
        while warmed < sensors {
            next(100_000)
            try rig.feed(block)
            warmed += block.count
        }
        let memory = (residentBytes() - before) / sensors
        var rates: [Double] = []
        var readings = 0
        for _ in 0..<rounds {
            let earlier = rig.readings
            var time = 0.0
            for _ in 0..<4 {
                next(100_000)
                time += try seconds { try rig.feed(block) }
            }
            readings = rig.readings - earlier
            rates.append(Double(readings) / time)
        }
        return Result(rates: rates, readings: readings, bytesASensor: memory)
    }

    /// What this process holds in memory now, in bytes.
    static func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
