internal import Glibc
public import Logging
internal import Synchronization
public import TimeBase

/// Where log lines go: a file descriptor or systemd's journal, whole line by whole line, with a limit on floods; and a tape
/// that remembers them, once there is one.
///
/// All handlers that write to one place share one output. A line that its reader does not take within 200 ms, or that
/// has no reader any more, is lost and counted in ``lostLines``: a log must never stop or end the daemon.
public final class LogOutput: Sendable {
    /// Standard output, 20 lines a second of each event.
    public static let standard = LogOutput(fileDescriptor: STDOUT_FILENO)

    /// How long a line waits for a reader, in milliseconds.
    private static let patienceMs: Int32 = 200

    /// Lines that wait for a tape.
    private static let mostEarly = 256

    /// Whether people read it.
    public let isTerminal: Bool
    /// Whether systemd's journal listens at the descriptor's other end.
    public let isJournal: Bool
    private let isColoured: Bool
    private let fileDescriptor: Int32
    private let uptimeMs: @Sendable () -> Int64
    private let state: Mutex<State>
    private let journal: JournalSocket
    private let lost = Atomic<Int>(0)
    /// The place of ``level`` among all levels.
    private let levelPlace = Atomic<Int>(0)

    private struct State {
        var tape: EventTape?
        /// What was said before there was a tape: a start says much before it holds its data directory.
        var early: [LogLine] = []
        var throttle: LogThrottle
        /// The last line did not get through: the next one does not wait long.
        var isStuck = false
        /// The last line got through in part: the next one starts on a line of its own.
        var isMidLine = false
    }

    /// - Parameters:
    ///   - fileDescriptor: stays the caller's to close.
    ///   - linesPerSecond: lines of one level and event that pass in a second; the rest are held back, and a later
    ///     line says how many. Events named `request.…` always pass.
    ///   - uptimeMs: real time for the limit, which must run evenly also when the clock of the lines does not.
    ///   - journal: where the journal listens.
    ///   - environment: whether it listens here: `JOURNAL_STREAM`, as systemd sets it.
    public init(
        fileDescriptor: Int32, linesPerSecond: Int = 20,
        uptimeMs: @escaping @Sendable () -> Int64 = MonotonicClock.nowMs,
        journal path: String = JournalSocket.standard,
        environment: [String: String] = LogOutput.environment
    ) {
        precondition(linesPerSecond >= 1, "at least one line a second must pass, was \(linesPerSecond)")
        self.fileDescriptor = fileDescriptor
        self.uptimeMs = uptimeMs
        state = Mutex(State(throttle: LogThrottle(linesPerSecond: linesPerSecond)))
        isTerminal = isatty(fileDescriptor) == 1
        isColoured = isTerminal && Self.wantsColour
        journal = JournalSocket(path: path)
        isJournal = JournalSocket.listens(at: fileDescriptor, stream: environment["JOURNAL_STREAM"])
    }

    /// Lines below this are not written, though the tape keeps them. At first all are that a logger lets through.
    public var level: Logger.Level {
        get { Logger.Level.allCases[levelPlace.load(ordering: .relaxed)] }
        set { levelPlace.store(newValue.place, ordering: .relaxed) }
    }

    /// From now on every line is kept on `tape` too, after the first ``mostEarly`` of those before.
    public func record(on tape: EventTape) {
        state.withLock { state in
            for line in state.early { tape.append(line) }
            state.early = []
            state.tape = tape
        }
    }

    /// Lines that could not be written.
    public var lostLines: Int { lost.load(ordering: .relaxed) }

    /// Writes what the limit holds back. To be called at shutdown, and now and then where little is logged.
    public func flush() {
        state.withLock { state in
            for held in state.throttle.release(nowMs: uptimeMs(), all: true) { put(held, &state) }
        }
    }

    /// Writes one line, after those held whose time has come. The lock keeps the lines of several threads apart.
    func write(_ line: LogLine) {
        state.withLock { state in
            for line in state.throttle.admit(line, nowMs: uptimeMs()) { put(line, &state) }
        }
    }

    private func put(_ line: LogLine, _ state: inout State) {
        if let tape = state.tape {
            tape.append(line)
        } else if state.early.count < Self.mostEarly {
            state.early.append(line)
        }
        guard line.level.place >= levelPlace.load(ordering: .relaxed) else { return }
        if line.form == .journal, journal.send(line.journalEntry) { return }
        let text = (state.isMidLine ? "\n" : "") + line.rendered(isColoured: isColoured)
        let bytes = Array(text.utf8)
        let written = LineWriter.write(bytes, to: fileDescriptor, patienceMs: state.isStuck ? 0 : Self.patienceMs)
        state.isStuck = written < bytes.count
        if state.isStuck { lost.add(1, ordering: .relaxed) }
        if written > 0 { state.isMidLine = state.isStuck }
    }

    private static var wantsColour: Bool { wantsColour(noColor: variable("NO_COLOR"), terminal: variable("TERM")) }

    /// What the process was started with, of what is looked at here.
    public static var environment: [String: String] {
        variable("JOURNAL_STREAM").map { ["JOURNAL_STREAM": $0] } ?? [:]
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Off when `NO_COLOR` is set and not empty (no-color.org), or the terminal is a dumb one.
    package static func wantsColour(noColor: String?, terminal: String?) -> Bool {
        (noColor ?? "").isEmpty && terminal != "dumb"
    }
}

extension Logger.Level {
    /// From 0, the most talkative.
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
