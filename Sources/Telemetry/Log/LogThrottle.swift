internal import Logging

/// Holds back lines of one level and event beyond so many a second, and says later how many there were.
///
/// ```
/// lines    ││││││││││││││││││││ ××××××××××× │ …
/// second   └─ 20 pass ──────┘  └─ held ──┘ └ the last one held, "repeated": 11, then what comes
/// ```
/// Pure: the time is passed in. Decisions (`request.…`) always pass.
struct LogThrottle: Sendable {
    /// Kinds of line kept track of. Event names are few by convention; beyond this, lines pass unthrottled.
    private static let maxKinds = 512
    private static let windowMs: Int64 = 1000

    private struct Kind: Hashable {
        var level: Logger.Level
        var event: String
    }

    private struct Window {
        var startedMs: Int64
        var passed = 0
        /// The last line held back; it stands for all of them.
        var held: LogLine?
    }

    let linesPerSecond: Int
    private var windows: [Kind: Window] = [:]
    /// No window with a held line ends before this: most lines need no search.
    private var nextReleaseMs = Int64.max

    init(linesPerSecond: Int) { self.linesPerSecond = linesPerSecond }

    /// The lines to be written now, oldest first: those held whose second is over, then `line` if it passes.
    mutating func admit(_ line: LogLine, nowMs: Int64) -> [LogLine] {
        var written = release(nowMs: nowMs)
        if pass(line, nowMs: nowMs) { written.append(line) }
        return written
    }

    /// The lines held whose second is over; with `all`, every line held.
    mutating func release(nowMs: Int64, all: Bool = false) -> [LogLine] {
        guard all || nowMs >= nextReleaseMs else { return [] }
        var released: [(startedMs: Int64, line: LogLine)] = []
        nextReleaseMs = .max
        for (kind, window) in windows {
            guard let held = window.held else { continue }
            if all || nowMs - window.startedMs >= Self.windowMs {
                released.append((window.startedMs, held))
                windows[kind]?.held = nil
            } else {
                nextReleaseMs = min(nextReleaseMs, window.startedMs + Self.windowMs)
            }
        }
        return released.sorted { ($0.startedMs, $0.line.event) < ($1.startedMs, $1.line.event) }.map(\.line)
    }

    /// Whether `line` may be written; if not, it is held.
    private mutating func pass(_ line: LogLine, nowMs: Int64) -> Bool {
        if line.event.hasPrefix("request.") { return true }
        let kind = Kind(level: line.level, event: line.event)
        var window = windows[kind] ?? Window(startedMs: nowMs)
        if windows[kind] == nil, !makeRoom(nowMs: nowMs) { return true }
        if nowMs - window.startedMs >= Self.windowMs { window = Window(startedMs: nowMs) }
        defer { windows[kind] = window }
        guard window.passed >= linesPerSecond else {
            window.passed += 1
            return true
        }
        var last = line
        last.standsFor = (window.held?.standsFor ?? 0) + 1
        window.held = last
        nextReleaseMs = min(nextReleaseMs, window.startedMs + Self.windowMs)
        return false
    }

    /// Forgets kinds whose second is over when there are too many. False when none could go.
    private mutating func makeRoom(nowMs: Int64) -> Bool {
        guard windows.count >= Self.maxKinds else { return true }
        windows = windows.filter { $0.value.held != nil || nowMs - $0.value.startedMs < Self.windowMs }
        return windows.count < Self.maxKinds
    }
}
