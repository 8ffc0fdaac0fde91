internal import Glibc
internal import Synchronization

/// The last events, numbered and kept in files beside the data, so that who follows them misses none and sees none twice,
/// also over a restart of the daemon.
///
/// ```
///   events/id                              a random word: positions of another tape mean nothing here
///   events/00000000000000000001.ndjson     one JSON object a line, "seq" first; the name is the first one's number
///   events/00000000000000020417.ndjson     the newest file grows; the oldest goes when all are too much
/// ```
/// Written without a sync: what a power cut takes was never acknowledged to anybody. A process's own death takes nothing.
/// A line that could not be written is counted, and leaves a hole in the numbers.
public final class EventTape: Sendable {
    /// A file is ended beyond this, in bytes.
    private let segmentBytes: Int
    /// Files that are kept.
    private static let segments = 8

    public let directory: String
    private let state: Mutex<State>
    private let newest: Atomic<Int64>
    private let lost = Atomic<Int>(0)

    private struct State: ~Copyable {
        var file: TapeFile?
        /// The first numbers of the files, ascending.
        var segments: [Int64]
        var sequence: Int64
    }

    /// Opens the tape in `directory`, which is made when it is not there; goes on behind its last whole line.
    ///
    /// - Parameter capacityBytes: about how much all files together may take.
    /// - Throws: ``EventTapeError`` when it can't be made or written.
    public init(directory: String, capacityBytes: Int = 64 << 20) throws(EventTapeError) {
        precondition(capacityBytes >= 4096, "room for a few lines at least, was \(capacityBytes)")
        self.directory = directory
        segmentBytes = capacityBytes / Self.segments
        if unsafe mkdir(directory, 0o750) != 0, errno != EEXIST { throw EventTapeError(directory, errno: errno) }
        let files = TapeFiles(directory: directory)
        try files.makeIdentity()
        let segments = files.segments
        var sequence: Int64 = 0
        var file: TapeFile?
        if let last = segments.last {
            let found = try TapeFile(files.path(of: last), isNew: false)
            // A file without a line says by its name where the numbers stand.
            sequence = max(last - 1, try found.mend())
            file = found
        }
        newest = Atomic(sequence)
        state = Mutex(State(file: file, segments: segments, sequence: sequence))
    }

    /// The newest line's number; 0 before the first.
    public var lastSequence: Int64 { newest.load(ordering: .acquiring) }

    /// Lines that could not be written.
    public var lostLines: Int { lost.load(ordering: .relaxed) }

    func append(_ line: LogLine) {
        state.withLock { state in
            state.sequence += 1
            let bytes = Array(line.json(sequence: state.sequence).utf8)
            if state.file.map({ $0.size + bytes.count > segmentBytes }) ?? true { turn(&state) }
            if state.file?.append(bytes) != true { lost.wrappingAdd(1, ordering: .relaxed) }
            newest.store(state.sequence, ordering: .releasing)
        }
    }

    /// Begins a new file, and lets go of the oldest.
    private func turn(_ state: inout State) {
        let files = TapeFiles(directory: directory)
        guard let file = try? TapeFile(files.path(of: state.sequence), isNew: true) else { return }
        state.file = file
        state.segments.append(state.sequence)
        while state.segments.count > Self.segments { unsafe unlink(files.path(of: state.segments.removeFirst())) }
    }
}

/// Why a tape can't be kept.
public struct EventTapeError: Error, Equatable, CustomStringConvertible {
    public var description: String

    init(_ path: String, errno: Int32) {
        description = "\(path): " + (unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "errno \(errno)")
    }
}
