internal import CReferences
internal import Readings

/// Bytes → readings against simdjson's own front end in C++, twice, because a decoder does more than find fields.
///
/// - *The fields* (`decode.cpp`): the wanted fields in payload order, as simdjson's documentation advises; of the rest of the document it
///   checks brackets and UTF-8, no value, no name, nothing that comes twice. No topic, time, unit or range is looked at, and nothing is
///   made of what was found. Its buffers are padded beforehand. Built for the processor at hand (`-march=native`) it takes as long:
///   simdjson chooses its first stage when it runs.
/// - *The same work* (`decode_fully.cpp`): also the topic's route, every name and value of the document, what comes twice, ids, times,
///   units, ranges, the frame's counter or the edge node's, and readings in order of time.
enum DecodeBenchmark: Benchmark {
    static let name = "decode"
    static let about = "messages of each form into readings against simdjson in C++"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        try DecodeCase.all().flatMap { try measure($0, rounds) }
    }

    static func measure(_ decodeCase: DecodeCase, _ rounds: Rounds) throws -> [Figure] {
        let count = rounds.amount(2_000_000, smoke: 50_000) / decodeCase.weight
        let payloads = PaddedTexts(decodeCase.references)
        let topics = PaddedTexts(decodeCase.topics)
        var decoder = decodeCase.decoder()
        var allocations: [Double] = []
        // Two references, because a decoder does more than find fields: one to see what the parser costs, one to see what Swift does.
        let times = try withoutActuallyEscaping({
            try decode(decodeCase, count, &decoder, &allocations) / Double(count) * 1e9
        }) { ours in
            try rounds.interleave([
                ours, { try fields(decodeCase, payloads, count) / Double(count) * 1e9 },
                { try readings(decodeCase, payloads, topics, count) / Double(count) * 1e9 },
            ])
        }
        let name = "\(decodeCase.name), \(decodeCase.payloads[0].count) bytes"
        let time = Figure(
            name, unit: "ns a message", better: .lower, ours: times[0],
            reference: .init(name: "simdjson on demand, C++: \(decodeCase.referenceReads)", values: times[1]),
            goal: .init(bound: 1.15), note: decodeCase.note)
        let work = Figure(
            "\(name): the same work", unit: "ns a message", better: .lower, ours: times[0],
            reference: .init(
                name: "C++ over simdjson: checks, times, units, readings\(decodeCase.isOtherForm ? ", from JSON" : "")",
                values: times[2]))
        var allocated = Figure(
            "allocations, \(decodeCase.name)", unit: "a message", better: .lower, ours: allocations,
            goal: .init(measure: .value, bound: 0))
        allocated.isCounted = true
        return [time, work, allocated]
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

    /// Seconds that simdjson takes to find the fields.
    private static func fields(_ decodeCase: DecodeCase, _ payloads: PaddedTexts, _ count: Int) throws -> Double {
        var sum = 0.0
        let time = unsafe payloads.withTexts { texts in
            var texts = unsafe texts
            return unsafe creferences_decode(decodeCase.reference, &texts, UInt64(count), &sum)
        }
        guard time > 0, sum > 0 else { throw WrongAnswer("\(decodeCase.name): simdjson did not find a field") }
        return time
    }

    /// Seconds that C++ takes to make readings of them.
    private static func readings(
        _ decodeCase: DecodeCase, _ payloads: PaddedTexts, _ topics: PaddedTexts, _ count: Int
    ) throws -> Double {
        var found: UInt64 = 0
        let time = unsafe payloads.withTexts { payloads in
            unsafe topics.withTexts { topics in
                var (payloads, topics) = unsafe (payloads, topics)
                return unsafe creferences_decode_fully(
                    decodeCase.reference, &payloads, &topics, UInt64(count), &found)
            }
        }
        guard time > 0, found == UInt64(count * decodeCase.readings) else {
            throw WrongAnswer("\(decodeCase.name): \(found) readings of \(count) messages in C++")
        }
        return time
    }
}

/// Texts as simdjson wants them: with padding behind each.
private struct PaddedTexts {
    private let bytes: [UInt8]
    private let lengths: [Int]
    private let stride: Int

    init(_ texts: [[UInt8]]) {
        lengths = texts.map(\.count)
        stride = (lengths.max() ?? 0) + 64
        var bytes: [UInt8] = []
        for text in texts { bytes += text + Array(repeating: 0, count: stride - text.count) }
        self.bytes = bytes
    }

    /// Sound: every text begins at a multiple of the stride, which leaves 64 bytes behind the longest, and stays while `body` runs.
    func withTexts<Result>(_ body: (creferences_texts) -> Result) -> Result {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe lengths.withUnsafeBufferPointer { lengths in
                unsafe body(
                    creferences_texts(
                        bytes: bytes.baseAddress, lengths: lengths.baseAddress, count: lengths.count, stride: stride))
            }
        }
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
