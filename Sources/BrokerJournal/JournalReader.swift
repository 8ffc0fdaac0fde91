public import Readings

/// Reads a broker's journal, record by record, while the broker writes it. Writes nothing.
///
/// ```
///   open(after:) ──▶ next() ──▶ .record     topic and payload: withMessage
///                      ▲    ──▶ .nothing    nothing more yet: ask again later
///                      └──────  .trouble    something is missing or damaged; the next call goes on behind it
/// ```
/// Not thread-safe. In the steady state nothing is allocated; memory is one buffer, of the largest record or 256 KiB.
public final class JournalReader {
    public enum Step: Sendable, Equatable {
        case record
        case nothing
        case trouble(JournalTrouble)
    }

    /// The record that ``next()`` came to last.
    public struct Record: Sendable, Equatable {
        /// Where it begins.
        public var start: JournalPosition
        /// When the broker took it, by the broker's clock, in milliseconds since the Unix epoch.
        public var writtenAtMs: Int64 = 0
        public var qos: UInt8 = 0
        /// Whether it was published with the retain flag.
        public var isRetained = false
        fileprivate var message = 0..<0
        fileprivate var topicBytes = 0
    }

    public let directory: String
    /// Where the next record begins: everything before it has been read. Nil while there is no journal.
    public private(set) var position: JournalPosition?
    public private(set) var record = Record(start: JournalPosition(journal: 0, segment: 0, offset: 0))

    /// What ``open(after:)`` was given, for a journal that appears later.
    private var known: [JournalPosition] = []
    private var segment: Segment?
    /// Whether a later segment has been seen, so that this one grows no more.
    private var isSealed = false
    private var pending: JournalTrouble?
    private var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    /// What the buffer holds of the segment: from this offset, so many bytes.
    private var bufferStart: UInt64 = 0
    private var bufferCount = 0

    public init(directory: String) { self.directory = directory }

    // MARK: - Places

    /// Begins behind what was read before, or, with a journal that none of `positions` is of, at its beginning.
    ///
    /// A journal that does not exist yet is no error: ``next()`` looks again.
    public func open(after positions: [JournalPosition]) throws(JournalError) {
        (known, position, segment, pending) = (positions, nil, nil, nil)
        let numbers = try segmentNumbers()
        guard let first = numbers.first, let newest = numbers.last else { return }
        guard let journal = try journal(of: numbers) else { return }
        let beginning = JournalPosition.beginning(of: first, journal: journal)
        guard let known = positions.last(where: { $0.journal == journal }), known.segment <= newest else {
            try seek(to: beginning)
            if let other = positions.last { pending = JournalTrouble(.begunAnew, at: other, next: beginning) }
            return
        }
        if let next = numbers.first(where: { $0 >= known.segment }), next != known.segment {
            let goOn = JournalPosition.beginning(of: next, journal: journal)
            try seek(to: goOn)
            pending = JournalTrouble(.missing, at: known, next: goOn)
        } else {
            try seek(to: known)
        }
    }

    /// Goes to a place where a record begins, or a segment ends. ``next()`` reports if its segment is gone.
    public func seek(to place: JournalPosition) throws(JournalError) {
        if segment?.number != place.segment || position?.journal != place.journal {
            segment = try Segment(place.segment, in: directory)
            isSealed = false
            bufferCount = 0
        }
        position = place
    }

    /// Where the journal ends now, and how many bytes of records lie between `place`, of this journal, and there.
    ///
    /// - Complexity: lists the directory.
    public func end(after place: JournalPosition) throws(JournalError) -> (
        position: JournalPosition, bytesAhead: UInt64
    ) {
        var end = place
        var ahead: UInt64 = 0
        for number in try segmentNumbers() where number >= place.segment {
            guard let size = SystemCall.size(of: path(of: number)) else { continue }
            let from = number == place.segment ? place.offset : UInt64(JournalFormat.segmentHeaderBytes)
            if size > from { ahead += size - from }
            end = JournalPosition(journal: place.journal, segment: number, offset: max(size, from))
        }
        return (end, ahead)
    }

    /// The beginning of the nearest segment that lies at least `byBytes` before `place`, or of the earliest one from which on
    /// none is missing.
    public func beginning(before place: JournalPosition, byBytes: UInt64) -> JournalPosition {
        var segment = place.segment
        var between = place.offset
        while between < byBytes, segment > 1, let size = SystemCall.size(of: path(of: segment - 1)) {
            segment -= 1
            between += size
        }
        return .beginning(of: segment, journal: place.journal)
    }

    // MARK: - Records

    /// Goes to the next record.
    public func next() throws(JournalError) -> Step {
        if let trouble = pending {
            pending = nil
            return .trouble(trouble)
        }
        if position == nil {
            try open(after: known)
            return position == nil ? .nothing : try next()
        }
        while true {
            if try readRecord() { return .record }
            if let step = try leaveSegment() { return step }
        }
    }

    /// The topic and the payload of ``record``, while `body` runs.
    public func withMessage<Result>(_ body: (_ topic: Span<UInt8>, _ payload: Span<UInt8>) -> Result) -> Result {
        let (bytes, message) = (buffer, record.message)
        let topicEnd = message.lowerBound + record.topicBytes
        return body(
            bytes.span.extracting(message.lowerBound..<topicEnd), bytes.span.extracting(topicEnd..<message.upperBound))
    }

    /// Whether there was a whole record at ``position``; then it is the one in hand.
    private func readRecord() throws(JournalError) -> Bool {
        guard let segment, let start = position else { return false }
        guard try hold(JournalFormat.recordHeaderBytes, of: segment, from: start.offset),
            let layout = RecordLayout(buffer.span, at: Int(start.offset - bufferStart)),
            try hold(layout.length, of: segment, from: start.offset),
            take(layout, from: start)
        else {
            // Perhaps read while it was being written: to be read again.
            bufferCount = 0
            return false
        }
        position?.offset += UInt64(layout.length)
        return true
    }

    /// Whether the record that the buffer holds is sound; then it is taken in hand.
    private func take(_ layout: RecordLayout, from start: JournalPosition) -> Bool {
        let at = Int(start.offset - bufferStart)
        let bytes = buffer
        guard layout.isSound(bytes.span, at: at) else { return false }
        record = Record(
            start: start, writtenAtMs: Int64(bitPattern: bytes.span.number64(at: at + 8)), qos: bytes[at + 22],
            isRetained: bytes[at + 23] & 1 == 1, message: at + JournalFormat.recordHeaderBytes..<at + layout.length,
            topicBytes: layout.topicBytes)
        return true
    }

    /// Makes the buffer hold `count` bytes of the segment from `offset` on. False when there are not so many.
    private func hold(_ count: Int, of segment: Segment, from offset: UInt64) throws(JournalError) -> Bool {
        if offset >= bufferStart, offset + UInt64(count) <= bufferStart + UInt64(bufferCount) { return true }
        if count > buffer.count {
            // A length that is no length must not make us allocate.
            guard try segment.status().size >= offset + UInt64(count) else { return false }
            buffer = [UInt8](repeating: 0, count: count)
        }
        bufferStart = offset
        bufferCount = try segment.read(into: &buffer, from: offset)
        return bufferCount >= count
    }

    // MARK: - Segments

    /// Where no record follows: goes to the next segment and returns nil, or says why not.
    private func leaveSegment() throws(JournalError) -> Step? {
        guard let here = position else { return .nothing }
        guard let next = try successor(of: here) else { return .nothing }
        guard next.journal == here.journal else {
            // Other segments stand where ours stood.
            segment = nil
            try seek(to: next)
            return .trouble(JournalTrouble(.begunAnew, at: here, next: next))
        }
        if !isSealed, segment != nil {
            // What was appended between our last look and the next segment's beginning is still to be read.
            isSealed = true
            bufferCount = 0
            return nil
        }
        let rest = try segment.map { (segment) throws(JournalError) in try segment.status().size }
        let wasThere = segment != nil
        try seek(to: next)
        if let rest, rest > here.offset {
            return .trouble(JournalTrouble(.damaged, at: here, next: next, skippedBytes: rest - here.offset))
        }
        let isNeighbour = next.segment == here.segment + 1
        return wasThere && isNeighbour ? nil : .trouble(JournalTrouble(.missing, at: here, next: next))
    }

    /// The beginning of the segment behind `here`, if there is one with a sound header.
    private func successor(of here: JournalPosition) throws(JournalError) -> JournalPosition? {
        if let next = try Segment(here.segment + 1, in: directory), let journal = try next.journal() {
            if journal == here.journal { return .beginning(of: next.number, journal: journal) }
            // Begun anew. The directory may have been emptied between the two looks.
            return try segmentNumbers().first.map { .beginning(of: $0, journal: journal) }
        }
        // The usual case: we stand at the end of the newest. A look at the directory is needed only when that is gone, or
        // when its neighbour is there and has no sound header.
        let isGone = try segment?.status().isRemoved ?? true
        let hasUnsoundNeighbour = SystemCall.size(of: path(of: here.segment + 1)) != nil
        guard isGone || hasUnsoundNeighbour else { return nil }
        let numbers = try segmentNumbers()
        for number in numbers where number > here.segment {
            if let journal = try Segment(number, in: directory)?.journal() {
                return .beginning(of: number, journal: journal)
            }
        }
        // Begun anew, with lower numbers.
        guard isGone, let first = numbers.first, let journal = try Segment(first, in: directory)?.journal(),
            journal != here.journal
        else { return nil }
        return .beginning(of: first, journal: journal)
    }

    private func path(of number: UInt64) -> String { "\(directory)/\(JournalFormat.name(of: number))" }

    /// Numbers of the segments that are there, in order.
    private func segmentNumbers() throws(JournalError) -> [UInt64] {
        try SystemCall.names(in: directory).compactMap(JournalFormat.segment(named:)).sorted()
    }

    /// The journal's number, from the newest segment that has a sound header.
    private func journal(of numbers: [UInt64]) throws(JournalError) -> UInt64? {
        for number in numbers.reversed() {
            if let journal = try Segment(number, in: directory)?.journal() { return journal }
        }
        return nil
    }
}

extension JournalPosition {
    static func beginning(of segment: UInt64, journal: UInt64) -> JournalPosition {
        JournalPosition(journal: journal, segment: segment, offset: UInt64(JournalFormat.segmentHeaderBytes))
    }
}
