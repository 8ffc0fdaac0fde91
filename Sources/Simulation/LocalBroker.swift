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
        /// Keeps a journal in the broker's directory, below `journal`.
        public var journal: JournalPlugin?
        /// A program and its arguments that starts mosquitto, its words coming behind: one that sets limits, for example.
        public var launcher: [String] = []

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
    /// Where the journal is, if it keeps one.
    public var journal: String { "\(directory)/journal" }

    private let launcher: [String]
    private let child: Mutex<ChildProcess?>

    private init(port: Int, directory: String, launcher: [String], child: ChildProcess) {
        self.port = port
        self.directory = directory
        self.launcher = launcher
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
                let child = try launch(port: port, directory: directory, launcher: configuration.launcher)
                return LocalBroker(port: port, directory: directory, launcher: configuration.launcher, child: child)
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
        let started = try Self.launch(port: port, directory: directory, launcher: launcher)
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
        lines += configuration.journal?.lines(directory: "\(directory)/journal") ?? []
        lines += configuration.lines
        try SmallFile.write(lines.joined(separator: "\n") + "\n", to: "\(directory)/mosquitto.conf")
    }

    private static func launch(port: Int, directory: String, launcher: [String]) throws -> ChildProcess {
        let log = "\(directory)/mosquitto.log"
        let child = try ChildProcess(
            [Executable.find("setpriv", package: "util-linux"), "--pdeathsig", "TERM"] + launcher + [
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

// MARK: - Files

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
