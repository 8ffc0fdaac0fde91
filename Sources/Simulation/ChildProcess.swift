internal import Dispatch
internal import Glibc
internal import Synchronization

/// A child and the thread that waits for it.
///
/// The thread starts the child and stays: the kernel's "your parent died" signal goes by the parent's *thread*.
final class ChildProcess: Sendable {
    private struct State {
        var pid: Int32 = 0
        /// As `waitpid` tells it, once the child has been reaped.
        var status: Int32?
        var startError: Int32 = 0
    }

    private let arguments: [String]
    private let output: String
    private let state = Mutex(State())
    private let started = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter output: file that its words are appended to.
    init(_ arguments: [String], output: String) throws {
        self.arguments = arguments
        self.output = output
        // The thread takes this reference over: balanced by `takeRetainedValue` below.
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let error = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ChildProcess>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        precondition(error == 0, "cannot start a thread, errno \(error)")
        pthread_detach(thread)
        started.wait()
        let failure = state.withLock { $0.startError }
        if failure != 0 { throw LocalBroker.Failure("can't run \(arguments[0]): error \(failure)") }
    }

    var pid: Int32? { state.withLock { $0.status == nil ? $0.pid : nil } }
    var hasExited: Bool { state.withLock { $0.status != nil } }
    /// 0 after success.
    var exitStatus: Int32? { state.withLock { $0.status } }

    /// Never hits another process: the child is reaped only under the same lock.
    func send(_ signal: Int32) {
        state.withLock { state in
            if state.status == nil, state.pid > 0 { _ = Glibc.kill(state.pid, signal) }
        }
    }

    func end(with signal: Int32) {
        send(signal)
        _ = waitForExit(ms: 10_000)
    }

    func waitForExit(ms: Int) -> Bool {
        if hasExited { return true }
        guard ended.wait(timeout: .now() + .milliseconds(ms)) == .success else { return false }
        ended.signal()  // for the next one who asks
        return true
    }

    private func run() {
        let (pid, error) = spawn()
        state.withLock { ($0.pid, $0.startError) = (pid, error) }
        if error != 0 { state.withLock { $0.status = -1 } }
        started.signal()
        if error == 0 {
            var info = unsafe siginfo_t()
            while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
            state.withLock { state in
                var status: Int32 = 0
                unsafe waitpid(pid, &status, 0)
                state.status = status
            }
        }
        ended.signal()
    }

    private func spawn() -> (pid: Int32, error: Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The starting thread may block signals and ignore SIGPIPE, and a terminal's Ctrl-C goes to a whole group.
        var none = sigset_t()
        var reset = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigemptyset(&reset)
        unsafe sigaddset(&reset, SIGPIPE)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &reset)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var pid: Int32 = 0
        let error = unsafe posix_spawn(&pid, arguments[0], &actions, &attributes, &words, environ)
        return (pid, error)
    }
}
