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
            let memory =
                isFirst
                ? "\(result.bytes >> 20) MiB in memory"
                : "\((result.bytes - results[0].bytes) / (sensors - sizes[0])) bytes of memory for each further sensor"
            return Figure(
                "decode to commit, \(sensors.formatted(.number.locale(Locale(identifier: "en_GB")))) sensors",
                unit: "readings/s", better: .higher, ours: result.rates,
                reference: isFirst
                    ? nil
                    : .init(
                        name: "the same with 1,000 sensors",
                        values: Array(repeating: Spread(results[0].rates).median, count: result.rates.count)),
                goal: sensors == 1_000_000 ? .init(bound: 0.5) : .init(measure: .value, bound: 1e6),
                note: "\(result.readings) readings of \(4 * blockMessages) messages a round; processor time a reading: "
                    + "\(result.stages.text); \(memory)")
        }
    }

    private static let blockMessages = 100_000

    struct Result {
        var rates: [Double] = []
        var readings = 0
        var stages = Stages()
        /// Of memory, for the sensors and all that knows them.
        var bytes = 0
    }

    /// What a reading costs on each of the three threads, in seconds.
    struct Stages {
        var intake = 0.0, pipeline = 0.0, store = 0.0

        var text: String {
            func ns(_ seconds: Double) -> Int { Int(seconds * 1e9) }
            return "\(ns(intake)) ns to decode, \(ns(pipeline)) ns to detect, \(ns(store)) ns to store, fold and sync"
        }
    }

    /// - Parameter finally: is given the rig before it goes.
    static func measure(
        _ sensors: Int, rounds: Int, _ tools: Tools, finally: (PipelineRig) throws -> Void = { _ in }
    ) throws -> Result {
        let city = try CityBlock.city(sensors: sensors)
        var stream = city.messages(fromMs: CityBlock.startMs, toMs: CityBlock.startMs + 400 * 86_400_000)
        var block = MessageBlock()
        var message = CityMessage()
        func next() {
            block.removeAll()
            while block.count < blockMessages, stream.next(into: &message) { block.append(message) }
        }
        next()
        let before = residentBytes()
        let rig = try PipelineRig(sensors: city.sensors, scratch: tools.scratch)
        // Every sensor speaks first: what a newcomer costs is another figure.
        var warmed = 0
        while warmed < sensors {
            try rig.feed(block)
            warmed += block.count
            next()
        }
        var result = Result()
        result.bytes = residentBytes() - before
        for _ in 0..<rounds {
            let (readings, threads) = (try rig.readings(), ThreadTimes.now())
            var (time, intake) = (0.0, 0.0)
            for _ in 0..<4 {
                let own = ownThreadSeconds()
                time += try seconds { try rig.feed(block) }
                intake += ownThreadSeconds() - own
                next()
            }
            let later = ThreadTimes.now()
            result.readings = try rig.readings() - readings
            let count = Double(result.readings)
            result.rates.append(count / time)
            result.stages = Stages(
                intake: intake / count, pipeline: later.seconds(of: "sluice-pipeline", since: threads) / count,
                store: later.seconds(of: "sluice-store", since: threads) / count)
        }
        try finally(rig)
        return result
    }

    /// What this process holds in memory now, in bytes.
    static func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
