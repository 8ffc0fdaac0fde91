import FoundationEssentials
import Readings

/// The repository's `fixtures/`, found from this file.
enum Fixtures {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fixtures")

    static func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: root.appending(path: path))) }

    /// File names of a folder, sorted.
    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
    }
}

/// What decoding came to, so that tests can compare it with one word.
enum Outcome: Equatable, CustomStringConvertible {
    case good(DecodedMessage)
    case refused(DecodeError)

    var description: String {
        switch self {
        case .good(let message): "good \(message)"
        case .refused(let error): "\(error.reason.label) \(error)"
        }
    }

    /// `good`, or the label of the reason for which it is in quarantine, whole or beside its good readings.
    var label: String {
        switch self {
        case .good(let message): message.flaws.first?.reason.label ?? "good"
        case .refused(let error): error.reason.label
        }
    }

    var message: DecodedMessage? {
        guard case .good(let message) = self else { return nil }
        return message
    }
}

/// 2026-05-01T06:00:00Z, when messages of these tests arrive.
let arrival: Int64 = 1_777_615_200_000

func decode(
    _ payload: [UInt8], topic: String = "sluice/generic/s-1", routes: [Route] = [.standard],
    longestPayload: Int = 64 * 1024
) -> Outcome {
    var decoder = MessageDecoder(routes: RouteTable(routes), longestPayload: longestPayload)
    return decode(payload, topic: topic, with: &decoder)
}

func decode(_ payload: String, topic: String = "sluice/generic/s-1", routes: [Route] = [.standard]) -> Outcome {
    decode(Array(payload.utf8), topic: topic, routes: routes)
}

func decode(
    _ payload: [UInt8], topic: String, with decoder: inout MessageDecoder, arrivedAtMs: Int64 = arrival
) -> Outcome {
    let topic = Array(topic.utf8)
    do throws(DecodeError) {
        try decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: arrivedAtMs)
        return .good(decoder.message)
    } catch {
        return .refused(error)
    }
}

extension Fixtures {
    /// A binary payload, kept as hexadecimal digits under `fixtures/binary`.
    static func hex(_ name: String) throws -> [UInt8] {
        let digits = try bytes("binary/\(name).hex").compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
