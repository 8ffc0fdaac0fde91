internal import Foundation
public import TestSupport

/// Makes system calls of a running process fail or wait, from outside, for as long as somebody holds on to it.
///
/// It is strace that attaches itself (Debian: strace), so the process must be one that we may trace.
public final class SystemCallFault: Sendable {
    private let process: Process
    private let log: String

    /// Whether this machine has strace and lets us trace. A container may forbid it.
    public static let isPossible: Bool = {
        let probe = Process()
        probe.executableURL = URL(filePath: "/usr/bin/strace")
        probe.arguments = ["-f", "-qq", "-o", "/dev/null", "true"]
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()

    /// The command before a daemon's own that makes its system calls fail or wait from its beginning. The child is the daemon:
    /// strace works behind its back, and ends with it.
    public static func wrapper(_ calls: String, _ effect: String) -> [String] {
        [
            "/usr/bin/strace", "-D", "-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
            "inject=\(calls):\(effect)",
        ]
    }

    /// - Parameters:
    ///   - calls: names of system calls, separated by commas.
    ///   - effect: as strace's `inject` has it: `error=EIO`, `delay_enter=2000000` (microseconds).
    ///   - folder: takes strace's notes.
    /// - Throws: when it is not attached within ten seconds.
    public convenience init(
        in daemon: SluiceProcess, _ calls: String, _ effect: String, folder: String
    ) async throws {
        try await self.init(attaching: ["-f", "-p", "\(daemon.processID)"], calls, effect, folder: folder)
    }

    /// The same for one thread alone, by the kernel's number.
    public convenience init(
        inThread thread: Int32, _ calls: String, _ effect: String, folder: String
    ) async throws {
        try await self.init(attaching: ["-p", "\(thread)"], calls, effect, folder: folder)
    }

    private init(attaching target: [String], _ calls: String, _ effect: String, folder: String) async throws {
        let log = "\(folder)/strace-\(UUID().uuidString).log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/strace")
        process.arguments =
            ["-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(calls):\(effect)"] + target
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        (self.process, self.log) = (process, log)
        try await eventually("strace is attached") {
            try String(contentsOfFile: log, encoding: .utf8).contains("attached")
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Lets the process go on as before.
    ///
    /// A tracer that is killed lets go of what it traces. (A gentler signal might be blocked: strace has inherited our mask.)
    public func end() async throws {
        kill(process.processIdentifier, SIGKILL)
        try await eventually("strace has ended") { !process.isRunning }
    }
}
