internal import Foundation
internal import Simulation

/// Sluice against what somebody would write instead, at comparable work: statistics of a window of each sensor, and a durable store.
enum AlternativeBenchmark: Benchmark {
    static let name = "alternatives"
    static let about = "a broker that streams, to committed, against scripts on paho, river, bytewax and pathway"

    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure] {
        var present: [Alternative] = []
        var missing: [String] = []
        for alternative in Alternative.all {
            do {
                try alternative.require(tools)
                present.append(alternative)
            } catch let reason as Unavailable {
                missing.append("\(alternative.name): \(reason)")
            }
        }
        guard !present.isEmpty else { throw Unavailable(missing.joined(separator: "; ")) }
        let warm = rounds.amount(20_000, smoke: 2000)
        let count = warm + rounds.amount(100_000, smoke: 4000)
        let block = try CityBlock.recentMessages(of: CityPopulation(sensors: 10_000), count: count).namingSensors()
        // The alternatives' one connection must not be dropped for being slow: all of them are acknowledged.
        let streams = try [4, 5].map { ($0, try PacketStream(block, quality: 1, level: $0)) }
        func stream(_ level: UInt8) throws -> PacketStream {
            guard let found = streams.first(where: { $0.0 == level }) else { throw WrongAnswer("no MQTT \(level)") }
            return found.1
        }
        var ours: [Double] = []
        var theirs = Array(repeating: [Double](), count: present.count)
        for round in 0..<rounds.count {
            for number in round.isMultiple(of: 2) ? Array(0...present.count) : (0...present.count).reversed() {
                if number == 0 {
                    ours.append(try await sluice(stream(5), warm: warm, tools))
                } else {
                    let other = present[number - 1]
                    theirs[number - 1].append(try script(other, stream(other.level), warm: warm, tools))
                }
            }
        }
        return zip(present, theirs).map { alternative, rates in
            Figure(
                "against \(alternative.name)", unit: "readings/s", better: .higher, ours: ours,
                reference: .init(name: alternative.name, values: rates), goal: .init(bound: 2),
                note: missing.isEmpty ? nil : "not measured: \(missing.joined(separator: "; "))")
        }
    }

    /// Readings a second.
    private static func sluice(_ stream: PacketStream, warm: Int, _ tools: Tools) async throws -> Double {
        let gate = Gate()
        let broker = try FakeBroker(stream, warm: warm, mayBegin: { gate.isOpen })
        let folder = "\(tools.scratch)/alternatives"
        try? FileManager.default.removeItem(atPath: folder)
        let child = try SluiceChild(tools, folder: folder, brokerPorts: [broker.port], httpPort: try FreePort.find())
        try await child.commits(stream.readings[warm - 1], from: [broker])
        let began = ContinuousClock.now
        gate.open()
        try await child.commits(stream.readings[stream.count - 1], from: [broker])
        let time = (ContinuousClock.now - began) / .seconds(1)
        child.end(with: SIGKILL)
        return Double(stream.readings[stream.count - 1] - stream.readings[warm - 1]) / time
    }

    private static func script(
        _ alternative: Alternative, _ stream: PacketStream, warm: Int, _ tools: Tools
    ) throws -> Double {
        let gate = Gate()
        let broker = try FakeBroker(stream, warm: warm, mayBegin: { gate.isOpen })
        let child = try alternative.start(tools, brokerPort: broker.port)
        try child.commits(stream.readings[warm - 1])
        let began = ContinuousClock.now
        gate.open()
        try child.commits(stream.readings[stream.count - 1])
        let time = (ContinuousClock.now - began) / .seconds(1)
        child.end()
        return Double(stream.readings[stream.count - 1] - stream.readings[warm - 1]) / time
    }
}
