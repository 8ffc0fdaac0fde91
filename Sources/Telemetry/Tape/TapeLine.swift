/// The head of a line on the tape, read without parsing the rest: `{"seq":12,"time":"2026-05-01T02:10:00.123Z",…`.
enum TapeLine {
    private static let head = Array("{\"seq\":".utf8)
    private static let timeHead = Array(",\"time\":\"".utf8)

    /// The line's number; nil when it is no line of a tape.
    static func sequence(_ line: some Collection<UInt8>) -> Int64? { split(line)?.sequence }

    /// The line's time as it is written, 24 bytes of ISO 8601, which compare as times do.
    static func time(_ line: some Collection<UInt8>) -> String? {
        guard let rest = split(line)?.rest, rest.starts(with: timeHead) else { return nil }
        return String(decoding: rest.dropFirst(timeHead.count).prefix(24), as: UTF8.self)
    }

    private static func split<Line: Collection<UInt8>>(_ line: Line) -> (sequence: Int64, rest: Line.SubSequence)? {
        guard line.starts(with: head) else { return nil }
        let digits = line.dropFirst(head.count).prefix { (0x30...0x39).contains($0) }
        guard let sequence = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (sequence, line[digits.endIndex...])
    }
}
