internal import Glibc
internal import SPSCRing
internal import Synchronization

/// The lines that came out of a pipe or a socket, and when: read by a thread of its own until the end.
final class Transcript: Sendable {
    struct Line: Sendable {
        var at: ContinuousClock.Instant
        var text: String
    }

    private let lines: Lines
    private let thread: WorkerThread

    /// - Parameter descriptor: taken over, and closed at its end.
    init(descriptor: Int32) {
        let lines = Lines()
        self.lines = lines
        thread = WorkerThread.start(name: "transcript") {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var rest: [UInt8] = []
            while true {
                // Sound: the buffer lives as long as the call.
                let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                let now = ContinuousClock.now
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: 0x0A) {
                    lines.append(Line(at: now, text: String(decoding: rest[..<end], as: UTF8.self)))
                    rest.removeSubrange(...end)
                }
            }
            close(descriptor)
            lines.end()
        }
    }

    var all: [Line] { lines.all }
    var isOver: Bool { lines.isOver }

    /// The last line that begins with `prefix`, without it.
    func last(_ prefix: String) -> Substring? {
        all.last { $0.text.hasPrefix(prefix) }?.text.dropFirst(prefix.count)
    }

    /// When `text` was first said.
    func first(_ text: String) -> ContinuousClock.Instant? { all.first { $0.text.contains(text) }?.at }

    private final class Lines: Sendable {
        private let state = Mutex<(lines: [Line], isOver: Bool)>(([], false))

        var all: [Line] { state.withLock { $0.lines } }
        var isOver: Bool { state.withLock { $0.isOver } }
        func append(_ line: Line) { state.withLock { $0.lines.append(line) } }
        func end() { state.withLock { $0.isOver = true } }
    }
}
