internal import CReferences
internal import Readings

/// Bytes → readings against simdjson's own front end in C++.
enum DecodeBenchmark: Benchmark {
    static let name = "decode"
    static let about = "messages of each form into readings against simdjson in C++"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        try DecodeCase.all().flatMap { try measure($0, rounds) }
    }

    static func measure(_ decodeCase: DecodeCase, _ rounds: Rounds) throws -> [Figure] {
        let count = rounds.amount(2_000_000, smoke: 50_000) / decodeCase.weight
        let padded = PaddedPayloads(decodeCase.references)
        var decoder = decodeCase.decoder()
        var allocations: [Double] = []
        let (ours, theirs) = try rounds.pair(
            { try decode(decodeCase, count, &decoder, &allocations) / Double(count) * 1e9 },
            against: { try reference(decodeCase, padded, count) / Double(count) * 1e9 })
        let bytes = decodeCase.payloads[0].count
        let time = Figure(
            "\(decodeCase.name), \(bytes) bytes", unit: "ns a message", better: .lower, ours: ours,
            reference: .init(name: "simdjson on demand, C++: \(decodeCase.referenceReads)", values: theirs),
            goal: .init(bound: 1.15), note: decodeCase.note)
        var allocated = Figure(
            "allocations, \(decodeCase.name)", unit: "a message", better: .lower, ours: allocations,
            goal: .init(measure: .value, bound: 0))
        allocated.isCounted = true
        return [time, allocated]
    }

    private static func decode(
        _ decodeCase: DecodeCase, _ count: Int, _ decoder: inout MessageDecoder, _ allocations: inout [Double]
    ) throws -> Double {
        let (messages, settles) = (MessageBlock(decodeCase), decodeCase.settles)
        var readings = 0
        func run(_ count: Int) throws {
            // As the network thread has them: side by side in memory, by nobody's reference.
            let bytes = messages.bytes.span
            var place = 0
            for _ in 0..<count {
                try decoder.decode(
                    topic: bytes.extracting(messages.topic(place)), payload: bytes.extracting(messages.payload(place)),
                    arrivedAtMs: DecodeCase.arrivedAtMs)
                if settles { decoder.settle(arrivedAtMs: DecodeCase.arrivedAtMs) }
                readings += decoder.message.measurements.count
                place = place + 1 == messages.count ? 0 : place + 1
            }
        }
        try run(messages.count)
        // Sound: the name is copied.
        unsafe creferences_count_allocations("sluice-pipeline")
        try run(messages.count)
        allocations.append(Double(creferences_allocations()) / Double(messages.count))
        readings = 0
        let time = try seconds { try run(count) }
        guard readings == count * decodeCase.readings else {
            throw WrongAnswer("\(decodeCase.name): \(readings) readings of \(count) messages")
        }
        return time
    }

    private static func reference(_ decodeCase: DecodeCase, _ padded: PaddedPayloads, _ count: Int) throws -> Double {
        var sum = 0.0
        // Sound: every payload begins at a multiple of the stride, which leaves 64 bytes behind the longest.
        let time = unsafe creferences_decode(
            decodeCase.reference, padded.bytes, padded.lengths, padded.lengths.count, padded.stride, UInt64(count),
            &sum)
        guard time > 0, sum > 0 else { throw WrongAnswer("\(decodeCase.name): simdjson did not find a field") }
        return time
    }
}

/// Payloads as simdjson wants them: with padding behind each.
private struct PaddedPayloads {
    let bytes: [UInt8]
    let lengths: [Int]
    let stride: Int

    init(_ payloads: [[UInt8]]) {
        lengths = payloads.map(\.count)
        stride = (lengths.max() ?? 0) + 64
        var bytes: [UInt8] = []
        for payload in payloads { bytes += payload + Array(repeating: 0, count: stride - payload.count) }
        self.bytes = bytes
    }
}

extension MessageBlock {
    fileprivate init(_ decodeCase: DecodeCase) {
        self.init()
        for (topic, payload) in zip(decodeCase.topics, decodeCase.payloads) {
            append(topic: topic, payload: payload, atMs: DecodeCase.arrivedAtMs)
        }
    }
}
