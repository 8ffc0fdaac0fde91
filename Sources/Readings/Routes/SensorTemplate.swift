/// A sensor's id made of a topic's captured levels: `{app}-{device}`.
struct SensorTemplate: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case capture(Int)
    }

    private var parts: [Part] = []

    /// - Precondition: ``problem(_:topic:)`` finds none.
    init(_ text: String, topic: TopicPattern) {
        for (isCapture, part) in Self.split(text) {
            if !isCapture {
                parts.append(.literal(Array(part.utf8)))
            } else if let index = topic.captureNames.firstIndex(of: part) {
                parts.append(.capture(index))
            }
        }
    }

    static func problem(_ text: String, topic: TopicPattern) -> String? {
        let parts = split(text)
        if !parts.contains(where: \.isCapture) {
            return "must have a {capture} of the topic, or all messages are one sensor's, found \"\(text)\""
        }
        for part in parts {
            if part.isCapture, !topic.captureNames.contains(part.text) {
                return "uses {\(part.text)}, which the topic \(topic) does not capture"
            }
            if !part.isCapture, part.text.contains(where: { "{}".contains($0) }) {
                return "must close each { with a }, found \"\(text)\""
            }
        }
        return nil
    }

    /// Literal text and names of captures in turn.
    private static func split(_ text: String) -> [(isCapture: Bool, text: String)] {
        var parts: [(isCapture: Bool, text: String)] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            guard let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") else {
                parts.append((false, String(rest)))
                break
            }
            if open > rest.startIndex { parts.append((false, String(rest[..<open]))) }
            parts.append((true, String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        return parts
    }

    /// Puts the id together in `bytes`.
    func fill(_ bytes: inout [UInt8], topic: borrowing Span<UInt8>, captures: TopicCaptures) {
        bytes.removeAll(keepingCapacity: true)
        for part in parts {
            switch part {
            case .literal(let text): bytes.append(contentsOf: text)
            case .capture(let index):
                for at in captures[index] { bytes.append(topic[at]) }
            }
        }
    }
}
