internal import CReferences
internal import Readings

/// Bytes → readings against simdjson's own front end in C++.
enum DecodeBenchmark: Benchmark {
    static let name = "decode"
    static let about = "a flat message into readings against simdjson in C++"

    static let flat =
        #"{"sensor_id":"leak-sensor-000017","ts":"2026-05-01T06:00:00.000Z","value":83.125,"unit":"m3/h","seq":123456,"#
        + #""battery":92,"rssi":-97,"fw":"1.2"}"#
    private static let topic = Array("sluice/water-leak/leak-sensor-000017".utf8)

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let count = rounds.amount(2_000_000, smoke: 50_000)
        let payload = Array(flat.utf8)
        let (ours, theirs) = try rounds.pair(
            { try decode(payload, count) / Double(count) * 1e9 },
            against: { try reference(payload, count, isUplink: false) / Double(count) * 1e9 })
        return [
            Figure(
                "flat JSON, \(payload.count) bytes", unit: "ns a message", better: .lower, ours: ours,
                reference: .init(name: "simdjson on demand, C++: five fields, no check of the rest", values: theirs),
                goal: .init(bound: 1.15),
                note: "ours checks the whole document and names, reads the time and the unit, and gives a reading")
        ]
    }

    private static func decode(_ payload: [UInt8], _ count: Int) throws -> Double {
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        var sum = 0.0
        let time = try seconds {
            for _ in 0..<count {
                try decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: 1_777_615_201_000)
                sum += decoder.message.measurements[0].value
            }
        }
        guard sum == 83.125 * Double(count) else { throw WrongAnswer("the decoder read \(sum / Double(count))") }
        return time
    }

    private static func reference(_ payload: [UInt8], _ count: Int, isUplink: Bool) throws -> Double {
        let padded = payload + Array(repeating: 0, count: 64)
        var sum = 0.0
        // Sound: 64 bytes of padding lie behind the payload.
        let time = unsafe padded.withUnsafeBufferPointer { bytes in
            unsafe creferences_decode(bytes.baseAddress, payload.count, UInt64(count), isUplink ? 1 : 0, &sum)
        }
        guard time > 0, sum > 0 else { throw WrongAnswer("simdjson did not find a field") }
        return time
    }
}
