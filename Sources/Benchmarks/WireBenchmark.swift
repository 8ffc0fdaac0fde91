internal import CReferences
internal import Foundation
internal import SPSCRing
internal import Simulation
internal import Synchronization

/// From a broker's socket to the commit, against a client that only counts.
enum WireBenchmark: Benchmark {
    static let name = "wire"
    static let about = "a broker that streams, to committed, against a libmosquitto client that only counts"

    private static let receiveMaximum = 2000

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        let warm = rounds.amount(20_000, smoke: 10_000)
        let total = warm + rounds.amount(400_000, smoke: 10_000)
        let block = try CityBlock.recentMessages(of: CityPopulation(sensors: 10_000), count: total)
        var figures: [Figure] = []
        for quality in [UInt8(0), 1] {
            let stream = try PacketStream(block, quality: quality)
            var (ours, theirs): ([Double], [Double]) = ([], [])
            for round in 0..<rounds.count {
                // In turns, each first every second time.
                for isOurs in round.isMultiple(of: 2) ? [true, false] : [false, true] {
                    let time =
                        isOurs
                        ? try await sluice([stream], warm: warm, tools) : try counting(stream, warm: warm)
                    let rate = Double(total - warm) / time
                    if isOurs { ours.append(rate) } else { theirs.append(rate) }
                }
            }
            figures.append(
                Figure(
                    "streaming broker, QoS \(quality), to committed", unit: "messages/s", better: .higher, ours: ours,
                    reference: .init(
                        name: quality == 0
                            ? "libmosquitto, counting only" : "libmosquitto's loop_forever, counting only",
                        values: theirs),
                    goal: .init(bound: quality == 0 ? 0.85 : 1),
                    note: "\(stream.readings[total - 1] - stream.readings[warm - 1]) readings a round"
                        + (quality == 0 ? "" : ", acknowledged after a commit that survives a power cut")))
        }
        figures.append(try await twoConnections(block, warm: warm, total: total, rounds, tools))
        return figures
    }

    /// Two connections to two brokers, each streaming as much as the one that they are compared with.
    private static func twoConnections(
        _ block: MessageBlock, warm: Int, total: Int, _ rounds: Rounds, _ tools: Tools
    ) async throws -> Figure {
        // Of two cities: a reading that comes twice is stored once.
        let streams = [
            try PacketStream(block, quality: 1), try PacketStream(block.renamingSensors("-b"), quality: 1),
        ]
        var (two, one): ([Double], [Double]) = ([], [])
        for round in 0..<rounds.count {
            for brokers in round.isMultiple(of: 2) ? [2, 1] : [1, 2] {
                let time = try await sluice(Array(streams[..<brokers]), warm: warm, tools)
                let rate = Double(brokers * (total - warm)) / time
                if brokers == 2 { two.append(rate) } else { one.append(rate) }
            }
        }
        return Figure(
            "two streaming brokers, QoS 1, to committed", unit: "messages/s", better: .higher, ours: two,
            reference: .init(name: "one", values: one), goal: .init(bound: 1.7),
            note: "brokers and daemon share this machine's cores")
    }

    /// Seconds from the first timed packet to the commit of the last.
    private static func sluice(_ streams: [PacketStream], warm: Int, _ tools: Tools) async throws -> Double {
        let gate = Gate()
        let brokers = try streams.map { try FakeBroker($0, warm: warm, mayBegin: { gate.isOpen }) }
        func readings(_ packets: Int) -> Int { streams.reduce(0) { $0 + $1.readings[packets - 1] } }
        let folder = "\(tools.scratch)/wire"
        try? FileManager.default.removeItem(atPath: folder)
        let child = try SluiceChild(
            tools, folder: folder, brokerPorts: brokers.map(\.port), httpPort: try FreePort.find(),
            mqtt: ["receive_maximum: \(receiveMaximum)"])
        try await child.commits(readings(warm), from: brokers)
        if streams[0].quality > 0 {
            gate.open()
            for broker in brokers { try await broker.through() }
            child.end(with: SIGTERM)
            // The last acknowledgement tells of the last commit.
            let times = try brokers.map { try $0.finish() }
            let (began, ended) = (times.map(\.began).min(), times.map(\.ended).max())
            guard let began, let ended else { throw WrongAnswer("there was no broker") }
            return (ended - began) / .seconds(1)
        }
        let began = ContinuousClock.now
        gate.open()
        try await child.commits(readings(streams[0].count), from: brokers)
        let time = (ContinuousClock.now - began) / .seconds(1)
        child.end(with: SIGTERM)
        for broker in brokers { _ = try broker.finish() }
        return time
    }

    private static func counting(_ stream: PacketStream, warm: Int) throws -> Double {
        let broker = try FakeBroker(stream, warm: warm)
        let time = creferences_count_messages(
            Int32(broker.port), nil, nil, UInt64(warm), UInt64(stream.count), Int32(receiveMaximum),
            stream.quality == 0 ? 0 : 1)
        let times = try broker.finish()
        guard time > 0 else { throw WrongAnswer("the counting client lost its connection") }
        return stream.quality == 0 ? time : (times.ended - times.began) / .seconds(1)
    }
}

/// A flag that one thread sets and another sees.
final class Gate: Sendable {
    private let flag = Atomic<Bool>(false)
    var isOpen: Bool { flag.load(ordering: .acquiring) }
    func open() { flag.store(true, ordering: .releasing) }
}
