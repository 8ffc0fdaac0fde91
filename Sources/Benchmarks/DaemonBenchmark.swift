internal import Foundation
internal import Simulation

/// The daemon as a process: memory, and how soon it is ready again.
enum DaemonBenchmark: Benchmark {
    static let name = "daemon"
    static let about = "the daemon's memory with 10,000 sensors, and its start after a stop and after a kill"

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let count = rounds.amount(300_000, smoke: 20_000)
        let stream = try PacketStream(
            try CityBlock.recentMessages(of: CityBlock.tenThousand, count: count), quality: 1)
        let nothing = try PacketStream(MessageBlock(), quality: 1)
        var (memory, resident): ([Double], [Double]) = ([], [])
        var (afterStop, afterKill): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds.count {
            let folder = "\(tools.scratch)/daemon"
            try? FileManager.default.removeItem(atPath: folder)
            let (child, broker) = try start(stream, folder, tools)
            try await child.commits(stream.readings[count - 1], from: [broker])
            memory.append(Double(child.memory.own) / 0x1p20)
            resident.append(Double(child.memory.resident) / 0x1p20)
            child.end(with: SIGKILL)
            let (second, _) = try start(nothing, folder, tools)
            afterKill.append(try await second.secondsUntilReady() * 1000)
            second.end(with: SIGTERM)
            let (third, _) = try start(nothing, folder, tools)
            afterStop.append(try await third.secondsUntilReady() * 1000)
            third.end(with: SIGTERM)
        }
        let note = "after \(stream.readings[count - 1]) readings of 10,000 sensors"
        return [
            Figure(
                "memory of its own with 10,000 sensors", unit: "MiB", better: .lower, ours: memory,
                goal: .init(measure: .value, bound: 64),
                note: "\(note), of which a fifth keep a profile of the week; private pages (RssAnon)"),
            Figure(
                "the same with pages of program and libraries", unit: "MiB", better: .lower, ours: resident,
                goal: .init(measure: .value, bound: 64),
                note: "VmRSS: the kernel shares those pages, and takes them back when it wants them"),
            Figure(
                "ready after a clean stop", unit: "ms", better: .lower, ours: afterStop,
                goal: .init(measure: .value, bound: 300), note: note),
            Figure(
                "ready after a kill", unit: "ms", better: .lower, ours: afterKill,
                goal: .init(measure: .value, bound: 2000), note: "\(note), sent as fast as they were taken"),
        ]
    }

    private static func start(_ stream: PacketStream, _ folder: String, _ tools: Tools) throws -> (
        SluiceChild, FakeBroker
    ) {
        let broker = try FakeBroker(stream, warm: 0)
        let port = try FreePort.find()
        return (try SluiceChild(tools, folder: folder, brokerPorts: [broker.port], httpPort: port), broker)
    }
}
