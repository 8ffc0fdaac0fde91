internal import Glibc

/// Reads an ``EventTape``, also one that is being written, or was by a daemon that has ended. Blocks on the disk.
public struct EventTapeReader: Sendable {
    /// Between two lines of a tape: where a reader stands.
    ///
    /// Written as one word, `tape.sequence.segment.offset`, for those who only hand it back.
    public struct Position: Sendable, Equatable {
        /// The tape's name.
        public var tape: String
        /// The number of the last line that was looked at.
        public var sequence: Int64
        /// The file that the next line is looked for in, by its first line's number, and where in it.
        var segment: Int64
        var offset: Int64
    }

    /// Where to begin.
    public enum Start: Sendable, Equatable {
        /// Behind what there is.
        case end
        /// With the first line of this time, in milliseconds since the Unix epoch, or of a later one.
        case time(ms: Int64)
        /// Behind what was read before.
        case behind(Position)
    }

    /// Some lines, and where to go on.
    public struct Page: Sendable, Equatable, Codable {
        /// JSON, as the tape has them, without line feeds.
        public var lines: [String]
        public var position: Position
        /// Lines between the last reading and this one that nobody can read any more: the tape was too short, or could
        /// not be written.
        public var lost: Int64
        /// Whether everything that is there has been looked at.
        public var isEnd: Bool
    }

    /// Bytes that are looked through for one page, so that nobody waits long for an answer.
    private static let pageBytes = 4 << 20

    private let files: TapeFiles

    public init(directory: String) { files = TapeFiles(directory: directory) }

    /// The next lines for which `matches` holds.
    ///
    /// - Parameter limit: at most so many.
    /// - Returns: nil where there is no tape.
    public func page(
        _ start: Start, limit: Int = 500, where matches: (String) -> Bool = { _ in true }
    ) -> Page? {
        guard let tape = files.identity else { return nil }
        let segments = files.segments
        var position = Position(tape: tape, sequence: 0, segment: segments.first ?? 1, offset: 0)
        var sinceTime: String?
        var isFollowing = false
        switch start {
        case .end:
            guard let last = segments.last else { break }
            let (sequence, offset) = end(of: last)
            position = Position(tape: tape, sequence: sequence, segment: last, offset: offset)
            return Page(lines: [], position: position, lost: 0, isEnd: true)
        case .time(let ms):
            sinceTime = LogTime.iso8601(ms: ms)
            // The last file that begins before that time, or the first of all.
            let before = segments.last { segment in firstTime(of: segment).map { $0 < sinceTime! } ?? false }
            position.segment = before ?? position.segment
            position.sequence = position.segment - 1
        case .behind(let known) where known.tape == tape:
            isFollowing = true
            position = known
            // The file may have gone, or been another before a restore.
            if !segments.contains(known.segment) || known.offset > size(of: known.segment) {
                position.segment = segments.last { $0 <= known.sequence + 1 } ?? segments.first ?? known.segment
                position.offset = 0
            }
        case .behind:
            // Another tape: all of this one is news.
            position.sequence = position.segment - 1
        }
        var page = Page(lines: [], position: position, lost: 0, isEnd: false)
        read(into: &page, segments, sinceTime: sinceTime, countsLost: isFollowing, limit: limit, where: matches)
        return page
    }

    private func read(
        into page: inout Page, _ segments: [Int64], sinceTime: String?, countsLost: Bool, limit: Int,
        where matches: (String) -> Bool
    ) {
        var budget = Self.pageBytes
        while true {
            let bytes = piece(of: page.position, atMost: 256 << 10)
            var begin = bytes.startIndex
            while let end = bytes[begin...].firstIndex(of: 0x0A) {
                let line = bytes[begin..<end]
                begin = end + 1
                page.position.offset += Int64(line.count + 1)
                // A piece of a line that did not fit on the disk is none.
                guard line.last == UInt8(ascii: "}"), let sequence = TapeLine.sequence(line),
                    sequence > page.position.sequence
                else { continue }
                if countsLost { page.lost += sequence - page.position.sequence - 1 }
                page.position.sequence = sequence
                if let sinceTime, let time = TapeLine.time(line), time < sinceTime { continue }
                let text = String(decoding: line, as: UTF8.self)
                guard matches(text) else { continue }
                page.lines.append(text)
                if page.lines.count >= limit { return }
            }
            budget -= bytes.count
            if begin == bytes.startIndex {
                // No whole line more in this file: on to the next, if there is one.
                guard let next = segments.first(where: { $0 > page.position.segment }) else {
                    page.isEnd = true
                    return
                }
                (page.position.segment, page.position.offset) = (next, 0)
            }
            if budget <= 0 { return }
        }
    }

    // MARK: Files

    private func piece(of position: Position, atMost count: Int) -> [UInt8] {
        bytes(of: position.segment, from: position.offset, count)
    }

    private func bytes(of segment: Int64, from offset: Int64, _ count: Int) -> [UInt8] {
        let descriptor = unsafe open(files.path(of: segment), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe pread(descriptor, &bytes, count, off_t(offset))
        return Array(bytes.prefix(max(0, got)))
    }

    private func size(of segment: Int64) -> Int64 {
        var status = stat()
        return unsafe stat(files.path(of: segment), &status) == 0 ? Int64(status.st_size) : 0
    }

    private func firstTime(of segment: Int64) -> String? { TapeLine.time(bytes(of: segment, from: 0, 128)) }

    /// The number of the last whole line, and where it ends.
    private func end(of segment: Int64) -> (sequence: Int64, offset: Int64) {
        let size = size(of: segment)
        let start = max(0, size - 1 << 20)
        let bytes = bytes(of: segment, from: start, Int(size - start))
        guard let end = bytes.lastIndex(of: 0x0A) else { return (segment - 1, start) }
        let begin = bytes[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (TapeLine.sequence(bytes[begin..<end]) ?? segment - 1, start + Int64(end) + 1)
    }
}

extension EventTapeReader.Position: Codable, LosslessStringConvertible {
    public var description: String { "\(tape).\(sequence).\(segment).\(offset)" }

    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, !parts[0].isEmpty, let sequence = Int64(parts[1]), let segment = Int64(parts[2]),
            let offset = Int64(parts[3]), (0..<Int64.max).contains(sequence), segment >= 0, offset >= 0
        else { return nil }
        self.init(tape: String(parts[0]), sequence: sequence, segment: segment, offset: offset)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let position = Self(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(text) is no position on a tape"))
        }
        self = position
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
