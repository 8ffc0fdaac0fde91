public import Foundation
internal import Synchronization

/// The real `sluice` executable as a child, with its output as it comes.
public final class SluiceProcess: Sendable {
    private let child: Mutex<Process>
    private let lines: OutputLines
    private let exit = ExitCode()

    /// Where the tests were built, the executable stands too.
    public static var executable: URL {
        get throws {
            var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                let candidate = folder.appending(path: "sluice")
                if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            }
            throw MissingExecutable()
        }
    }

    public struct MissingExecutable: Error, CustomStringConvertible {
        public var description: String { "no executable sluice beside the tests; build it: swift build -c release" }
    }

    /// Starts `sluice` with these arguments; standard output and error are read together.
    ///
    /// - Parameters:
    ///   - executable: another `sluice` than the one beside the tests.
    ///   - wrapper: a command that turns itself into the one behind it, `prlimit` for example; so the child is `sluice` still.
    public init(
        _ arguments: [String], environment: [String: String] = [:], executable: URL? = nil, wrapper: [String] = []
    ) throws {
        let process = Process()
        let command = wrapper + [try (executable ?? Self.executable).path] + arguments
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("SLUICE_") }.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let lines = OutputLines()
        self.lines = lines
        // A thread that reads to the end, because Foundation's readability handler can miss it on Linux.
        let output = pipe.fileHandleForReading
        Thread.detachNewThread {
            while true {
                let data = output.availableData
                if data.isEmpty { return lines.finish() }
                lines.append(data)
            }
        }
        let exit = exit
        process.terminationHandler = { ended in
            exit.set(ended.terminationReason == .exit ? ended.terminationStatus : -ended.terminationStatus)
        }
        try process.run()
        child = Mutex(process)
    }

    deinit {
        child.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
    }

    /// Everything it has said so far.
    public var output: String { lines.text }

    public var processID: Int32 { child.withLock { $0.processIdentifier } }

    /// Sends a signal; a child that has ended gets none.
    public func send(_ signal: Int32) { child.withLock { if $0.isRunning { kill($0.processIdentifier, signal) } } }

    /// The first line, from the start, for which `matches` holds.
    ///
    /// - Throws: ``TestTimeout`` with all output, when it has not come within the time, or the process has ended without it.
    public func line(within limit: Duration = .patience, where matches: @escaping @Sendable (String) -> Bool)
        async throws -> String
    {
        let lines = lines
        return try await withDeadline(limit, "a line of sluice's output", context: { lines.text }) {
            await lines.first(where: matches)
        }
    }

    /// The exit code; a signal's number, negative, when it was killed by one.
    public func exitCode(within limit: Duration = .patience) async throws -> Int32 {
        let (exit, lines) = (exit, lines)
        return try await withDeadline(limit, "sluice to end", context: { lines.text }) {
            await exit.value()
        }
    }

    /// Runs to the end and returns exit code and output.
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .patience
    )
        async throws -> (code: Int32, output: String)
    {
        let process = try SluiceProcess(arguments, environment: environment)
        let code = try await process.exitCode(within: limit)
        let lines = process.lines
        return try await withDeadline(.patience, "the end of sluice's output", context: { lines.text }) {
            await lines.finished()
            return (code, lines.text)
        }
    }
}

/// Something that a test waited for did not come.
public struct TestTimeout: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
}

/// What `work` comes to, unless it takes longer than `limit` or comes to nothing.
public func withDeadline<Value: Sendable>(
    _ limit: Duration, _ what: String, context: @escaping @Sendable () -> String = { "" },
    _ work: @escaping @Sendable () async throws -> Value?
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw TestTimeout(description: "waited for \(what) for \(limit); \(context())")
        }
        return value
    }
}

/// A child's exit code, for whoever waits for it, however often.
private final class ExitCode: Sendable {
    private struct State {
        var code: Int32?
        var waiting: [AsyncStream<Int32>.Continuation] = []
    }
    private let state = Mutex(State())

    func set(_ code: Int32) {
        let waiting = state.withLock { state in
            state.code = code
            return state.waiting
        }
        for continuation in waiting { continuation.yield(code) }
    }

    /// Nil only when the task was cancelled.
    func value() async -> Int32? {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let known = state.withLock { state in
            if state.code == nil { state.waiting.append(continuation) }
            return state.code
        }
        if let known { return known }
        for await code in stream { return code }
        return nil
    }
}

/// A child's output, line by line, for whoever waits for one.
private final class OutputLines: Sendable {
    private struct State {
        var whole: [String] = []
        /// The beginning of a line. In bytes: what an unbuffered stream writes may come in halves of characters.
        var rest: [UInt8] = []
        var isFinished = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }
    private let state = Mutex(State())

    var text: String {
        state.withLock { ($0.whole + [String(decoding: $0.rest, as: UTF8.self)]).joined(separator: "\n") }
    }

    func append(_ data: Data) {
        wake { state in
            state.rest += data
            var parts = state.rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let rest = Array(parts.removeLast())
            state.whole += parts.map { String(decoding: $0, as: UTF8.self) }
            state.rest = rest
        }
    }

    func finish() { wake { $0.isFinished = true } }

    func first(where matches: @Sendable (String) -> Bool) async -> String? {
        var looked = 0
        for await _ in news() {
            let (fresh, isFinished) = state.withLock { (Array($0.whole[looked...]), $0.isFinished) }
            if let line = fresh.first(where: matches) { return line }
            looked += fresh.count
            if isFinished { return nil }
        }
        return nil
    }

    func finished() async {
        for await _ in news() where state.withLock({ $0.isFinished }) { return }
    }

    /// One element now, and one after each change.
    private func news() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.waiting.append(continuation) }
        continuation.yield()
        return stream
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            return state.waiting
        }
        for continuation in waiting { continuation.yield() }
    }
}
