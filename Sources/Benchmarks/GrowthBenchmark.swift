internal import Foundation
internal import Simulation

/// How cost grows with the city: cost of a reading, memory and start, from 1,000 sensors to a million.
enum GrowthBenchmark: Benchmark {
    static let name = "growth"
    static let about = "cost of a reading, memory and start after a kill, from 1,000 to 1,000,000 sensors"

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let sizes = rounds.isSmoke ? [1000] : [1000, 10_000, 100_000, 1_000_000]
        var figures: [Figure] = []
        for sensors in sizes {
            let folder = "\(tools.scratch)/growth-\(sensors)"
            // The largest takes minutes to warm: one round there is a round of the same 400,000 messages.
            let result = try PipelineBenchmark.measure(sensors, rounds: min(rounds.count, 3), tools) { rig in
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                // What a kill leaves behind: the files as they stand between two commits, without a stop's last words.
                try FileManager.default.copyItem(atPath: rig.folder, toPath: "\(folder)/data")
            }
            let (start, memory) = try await start(on: folder, sensors: sensors, tools)
            try? FileManager.default.removeItem(atPath: folder)
            let city = ", \(sensors.formatted(.number.locale(Locale(identifier: "en_GB")))) sensors"
            figures += [
                Figure(
                    reading + city, unit: "ns", better: .lower, ours: result.rates.map { 1e9 / $0 },
                    note: "decode to commit, on three threads: \(result.stages.text)"),
                Figure(ready + city, unit: "s", better: .lower, ours: [start]),
                Figure(held + city, unit: "MiB", better: .lower, ours: [memory]),
            ]
        }
        return figures
    }

    // The figures' names, before the number of sensors.
    private static let (reading, ready, held) = ("a reading", "ready after a kill", "memory after that")

    /// The figures as a picture with three panels.
    static func chart(of figures: [Figure]) -> String {
        func panel(_ title: String, _ name: String) -> GrowthChart.Panel {
            let own = figures.filter { $0.name.hasPrefix(name + ",") }
            return GrowthChart.Panel(
                title: title,
                points: own.map { figure in
                    let digits = figure.name.filter(\.isWholeNumber)
                    return (sensors: Double(digits) ?? 1, value: Spread(figure.ours).median)
                })
        }
        return GrowthChart(panels: [
            panel("a reading, ns", reading), panel("memory of the daemon, MiB", held),
            panel("ready after a kill, s", ready),
        ]).svg
    }

    /// Seconds from the daemon's start on `folder` until it is ready, and what it then holds, in MiB.
    private static func start(on folder: String, sensors: Int, _ tools: Tools) async throws -> (Double, Double) {
        let broker = try FakeBroker(try PacketStream(MessageBlock(), quality: 1), warm: 0)
        let child = try SluiceChild(tools, folder: folder, brokerPorts: [broker.port], httpPort: try FreePort.find())
        let seconds = try await child.secondsUntilReady()
        let memory = Double(child.memory.resident) / 0x1p20
        child.end(with: SIGKILL)
        return (seconds, memory)
    }
}
