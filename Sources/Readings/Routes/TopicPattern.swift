/// Which MQTT topics a route takes, and what it reads from them: `city/{kind}/+/{sensor}/#`.
///
/// Levels are parted by `/`. A level is literal text, `+` (any one level), `{name}` (any one level, captured; a name
/// is a letter, then letters, digits or `_`), or, as the last one, `#` (this level and all below it, or nothing).
/// `{sensor}` is the sensor's id, `{kind}` its kind. As MQTT has it, a wildcard in the first level does
/// not match topics that begin with `$` (MQTT 5.0 §4.7.2).
public struct TopicPattern: Sendable, Equatable, CustomStringConvertible {
    /// As written.
    public let text: String
    /// The MQTT topic filter to subscribe to: every capture becomes `+`.
    public let filter: String
    /// Names of the `+` levels in order; nil for one that captures nothing.
    public let captureNames: [String?]
    /// Which `+` level is `{sensor}`, if any.
    let sensorCapture: Int?
    /// Which `+` level is `{kind}`, if any.
    let kindCapture: Int?
    private let filterBytes: [UInt8]
    private let runs: [Run]

    /// Literal bytes of the filter, and what stands behind them.
    private struct Run: Sendable, Equatable, BitwiseCopyable {
        enum Behind: Sendable { case level, rest, end }

        var start: Int
        var end: Int
        var behind: Behind
        /// The last of the bytes, at most eight, the very last in the highest place: nearly all literals are shorter, and then
        /// one comparison is enough.
        var tail: UInt64 = 0

        /// Whether its literal stands in the topic, from `position` on, where there is room for it.
        @inline(__always)
        func stands(at position: Int, in topic: borrowing Span<UInt8>, filter: borrowing Span<UInt8>) -> Bool {
            let length = end - start
            if length == 0 { return true }
            let literalEnd = position + length
            let word: UInt64
            if literalEnd >= 8 {
                word = topic.word(at: literalEnd - 8)
            } else {
                word = (topic.count >= 8 ? topic.word(at: 0) : topic.lastWord(from: 0)) &<< UInt64((8 - literalEnd) * 8)
            }
            if length <= 8 { return (word ^ tail) &>> UInt64((8 - length) * 8) == 0 }
            return word == tail
                && topic.extracting(position..<literalEnd - 8).hasSameBytes(as: filter.extracting(start..<end - 8))
        }
    }

    /// The most `+` and `{name}` levels that a pattern may have.
    public static let mostCaptures = 8

    public init(_ text: String) throws(TopicPatternError) {
        if text.isEmpty { throw TopicPatternError(text, "is empty") }
        if text.utf8.count > 65_535 { throw TopicPatternError(text, "is longer than MQTT's 65,535 bytes") }
        if text.unicodeScalars.contains("\0") { throw TopicPatternError(text, "has a NUL character") }
        var names: [String?] = []
        var levels: [Substring] = []
        // By scalars: a combining mark makes one Character of the slash or the plus before it.
        let parts = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map(Substring.init)
        for (index, part) in parts.enumerated() {
            if part == "#" && index != parts.count - 1 { throw TopicPatternError(text, "has # before its last level") }
            let (level, capture) = try Self.level(part, of: text)
            if level == "+" { names.append(capture) }
            if let capture, names.dropLast().contains(capture) {
                throw TopicPatternError(text, "captures {\(capture)} twice")
            }
            levels.append(level)
        }
        if names.count > Self.mostCaptures {
            throw TopicPatternError(
                text, "has \(names.count) + and {name} levels, at most \(Self.mostCaptures) are allowed")
        }
        self.text = text
        filter = levels.joined(separator: "/")
        filterBytes = Array(filter.utf8)
        runs = Self.runs(filterBytes)
        captureNames = names
        sensorCapture = names.firstIndex(of: "sensor")
        kindCapture = names.firstIndex(of: "kind")
    }

    public var description: String { text }

    /// A level as the filter has it, and the name of its capture.
    private static func level(
        _ part: Substring, of text: String
    ) throws(TopicPatternError) -> (level: Substring, capture: String?) {
        if part == "+" || part == "#" { return (part, nil) }
        if part.hasPrefix("{") && part.hasSuffix("}") {
            let name = part.dropFirst().dropLast()
            guard isName(name) else {
                throw TopicPatternError(
                    text, "has the capture \(part), whose name is not a letter and then letters, digits or _")
            }
            return ("+", String(name))
        }
        if part.unicodeScalars.contains(where: { "+#{}".unicodeScalars.contains($0) }) {
            throw TopicPatternError(text, "has the level \(part): +, # and {name} must fill their level")
        }
        return (part, nil)
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= 32 else { return false }
        return name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static func runs(_ filter: [UInt8]) -> [Run] {
        var runs: [Run] = []
        var start = 0
        for (index, byte) in filter.enumerated() {
            guard byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#") else { continue }
            runs.append(Run(start: start, end: index, behind: byte == UInt8(ascii: "+") ? .level : .rest))
            start = index + 1
        }
        if runs.last?.behind != .rest { runs.append(Run(start: start, end: filter.count, behind: .end)) }
        for index in runs.indices {
            for byte in filter[runs[index].start..<runs[index].end] {
                runs[index].tail = runs[index].tail >> 8 | UInt64(byte) << 56
            }
        }
        return runs
    }

    /// Whether the topic matches; then `captures` says where its `+` levels stand. Allocates nothing.
    public func matches(_ topic: borrowing Span<UInt8>, captures: inout TopicCaptures) -> Bool {
        captures.count = 0
        let (filter, runs) = (filterBytes.span, runs.span)
        guard topic.count <= 65_535 else { return false }
        if !topic.isEmpty, topic[0] == UInt8(ascii: "$"), filter[0] != UInt8(ascii: "$") { return false }
        var position = 0
        for index in runs.indices {
            let run = runs[index]
            let length = run.end - run.start
            guard topic.count - position >= length else {
                // "a/#" also matches "a" (MQTT 5.0 §4.7.1.2).
                return run.behind == .rest && topic.count - position == length - 1
                    && topic.extracting(position..<topic.count)
                        .hasSameBytes(as: filter.extracting(run.start..<run.end - 1))
            }
            guard run.stands(at: position, in: topic, filter: filter) else { return false }
            position += length
            switch run.behind {
            case .rest: return true
            case .end: return position == topic.count
            case .level:
                let end = topic.firstIndex(of: UInt8(ascii: "/"), from: position)
                captures.append(position..<end)
                position = end
            }
        }
        return false
    }
}

/// Where a topic's captured levels stand, as byte ranges of the topic. No allocation.
public struct TopicCaptures: Sendable, BitwiseCopyable {
    // Start and end in one number each: MQTT's topics have at most 65,535 bytes.
    private var bounds = InlineArray<8, UInt32>(repeating: 0)
    public fileprivate(set) var count = 0

    public init() {}

    @inline(__always)
    fileprivate mutating func append(_ range: Range<Int>) {
        bounds[count] = UInt32(range.lowerBound) | UInt32(range.upperBound) << 16
        count += 1
    }

    /// The level that the pattern's `index`th `+` or `{name}` matched.
    @inline(__always)
    public subscript(index: Int) -> Range<Int> {
        precondition(index < count, "no capture \(index)")
        return Int(bounds[index] & 0xFFFF)..<Int(bounds[index] >> 16)
    }
}

/// What is wrong with a topic pattern.
public struct TopicPatternError: Error, Equatable, CustomStringConvertible {
    public var pattern: String
    public var problem: String

    init(_ pattern: String, _ problem: String) { (self.pattern, self.problem) = (pattern, problem) }

    public var description: String { "\"\(pattern)\" \(problem)" }
}
