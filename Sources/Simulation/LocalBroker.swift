internal import Dispatch
internal import Glibc
internal import Synchronization

/// A mosquitto of our own on a loopback port, for the demo and for tests.
///
/// It asks for passwords, holds a million messages for an absent subscriber, keeps its files in one directory and dies
/// with this process, even when that is killed. Every method may be called from any thread, and blocks.
public final class LocalBroker: Sendable {
    /// What a broker is started with.
    public struct Configuration: Sendable {
        /// Passwords by user name, made up by the caller. The broker's file keeps only hashes of them.
        public var users: [String: String]
        /// TCP port on 127.0.0.1, or nil for one that is free.
        public var port: Int?
        /// More lines of mosquitto.conf, for its one listener or in general.
        public var lines: [String] = []

        public init(users: [String: String]) { self.users = users }
    }

    /// Why no broker runs.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
        init(_ description: String) { self.description = description }
    }

    public let port: Int
    public let directory: String
    /// What the broker says; also that clients came and went.
    public var logFile: String { "\(directory)/mosquitto.log" }

    private let child: Mutex<ChildProcess?>

    private init(port: Int, directory: String, child: ChildProcess) {
        self.port = port
        self.directory = directory
        self.child = Mutex(child)
    }

    deinit { child.withLock { $0 }?.end(with: SIGKILL) }

    /// Starts a broker and waits until it takes connections.
    ///
    /// - Parameter directory: exists, is writable, and is the broker's alone.
    /// - Throws: a sentence; when mosquitto is not installed it names the Debian package.
    public static func start(in directory: String, _ configuration: Configuration) throws -> LocalBroker {
        let hasher = try Executable.find("mosquitto_passwd", package: "mosquitto")
        try writePasswords(configuration.users, in: directory, hasher: hasher)
        var attempts = 0
        while true {
            attempts += 1
            let port = try configuration.port ?? FreePort.find()
            try writeConfiguration(configuration, port: port, in: directory)
            do {
                let child = try launch(port: port, directory: directory)
                return LocalBroker(port: port, directory: directory, child: child)
            } catch {
                // Somebody else may have taken the port since we saw it free.
                if configuration.port != nil || attempts == 3 { throw error }
            }
        }
    }

    /// Asks the broker to end, which saves its state, and waits; after 3 s it is killed.
    public func stop() {
        guard let child = take() else { return }
        child.send(SIGTERM)
        if !child.waitForExit(ms: 3000) { child.end(with: SIGKILL) }
    }

    /// Kills the broker: it saves nothing.
    public func kill() { take()?.end(with: SIGKILL) }

    /// Starts it again after ``stop()`` or ``kill()``, on the same port and with the same files.
    public func restart() throws {
        stop()
        let started = try Self.launch(port: port, directory: directory)
        child.withLock { $0 = started }
    }

    public var isRunning: Bool { child.withLock { $0 }?.hasExited == false }

    /// The broker's process id while it runs.
    public var processID: Int32? { child.withLock { $0 }?.pid }

    private func take() -> ChildProcess? {
        child.withLock { current in
            defer { current = nil }
            return current
        }
    }

    // MARK: - Files

    private static func writePasswords(_ users: [String: String], in directory: String, hasher: String) throws {
        var text = ""
        for (name, password) in users.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, !name.contains(":"), !(name + password).contains(where: \.isNewline) else {
                throw Failure("a broker's user name is one line without a colon, and so is the password: “\(name)”")
            }
            text += "\(name):\(password)\n"
        }
        let file = "\(directory)/passwords"
        try SmallFile.write(text, to: file)
        guard !users.isEmpty else { return }
        // Hashed in place; so no password stands on a command line.
        let child = try ChildProcess([hasher, "-U", file], output: "\(directory)/mosquitto.log")
        guard child.waitForExit(ms: 10_000), child.exitStatus == 0 else {
            child.end(with: SIGKILL)
            throw Failure("mosquitto_passwd could not hash \(file); see \(directory)/mosquitto.log")
        }
    }

    private static func writeConfiguration(_ configuration: Configuration, port: Int, in directory: String) throws {
        var lines = [
            "listener \(port) 127.0.0.1",
            "allow_anonymous false",
            "password_file \(directory)/passwords",
            "persistence true",
            "persistence_location \(directory)/",
            // The defaults drop in silence: 1000 queued for an absent subscriber, then nothing more.
            "max_queued_messages 1000000",
            "max_inflight_messages 2000",
            "message_size_limit 262144",
        ]
        // Started by root, mosquitto would give up its rights and then lack those to its own directory.
        if geteuid() == 0 { lines.append("user root") }
        lines += configuration.lines
        try SmallFile.write(lines.joined(separator: "\n") + "\n", to: "\(directory)/mosquitto.conf")
    }

    private static func launch(port: Int, directory: String) throws -> ChildProcess {
        let log = "\(directory)/mosquitto.log"
        let child = try ChildProcess(
            [
                Executable.find("setpriv", package: "util-linux"), "--pdeathsig", "TERM",
                Executable.find("mosquitto", package: "mosquitto"), "-c", "\(directory)/mosquitto.conf",
            ], output: log)
        for _ in 0..<2000 {
            if FreePort.answers(port) && !child.hasExited { return child }
            if child.waitForExit(ms: 5) { break }
        }
        child.end(with: SIGKILL)
        throw Failure("mosquitto did not start on port \(port): \(SmallFile.lastLine(of: log) ?? "it said nothing")")
    }
}

// MARK: - Processes

private enum Executable {
    /// Where `name` is, looked for where shells and Debian put it.
    static func find(_ name: String, package: String) throws -> String {
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin", "/usr/bin"]
        for folder in folders where unsafe access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw LocalBroker.Failure("\(name) is not installed; on Debian: apt install \(package)")
    }
}

/// A child and the thread that waits for it.
///
/// The thread starts the child and stays: the kernel's "your parent died" signal goes by the parent's *thread*.
private final class ChildProcess: Sendable {
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

// MARK: - Ports and files

private enum FreePort {
    /// A TCP port on 127.0.0.1 that nobody uses now.
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                var length = size
                return unsafe bind(descriptor, name, size) == 0 && getsockname(descriptor, name, &length) == 0
            }
        }
        guard isBound else { throw LocalBroker.Failure("no free TCP port on 127.0.0.1, errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether somebody takes connections there.
    static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe connect(descriptor, name, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

private enum SmallFile {
    /// Writes a file that only its owner reads.
    static func write(_ text: String, to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LocalBroker.Failure("can't write \(path), errno \(errno)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw LocalBroker.Failure("can't write \(path), errno \(errno)")
        }
    }

    static func lastLine(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        lseek(descriptor, max(0, lseek(descriptor, 0, SEEK_END) - 1000), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = unsafe read(descriptor, &bytes, 1000)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .split(separator: "\n").last.map(String.init)
    }
}
