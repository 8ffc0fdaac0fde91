internal import Glibc
internal import Simulation

/// A real mosquitto in a temporary directory, with one user, for one test. Gone when the test lets go of it.
public final class TestBroker: Sendable {
    private let broker: LocalBroker
    public let directory: String
    public let username = "tester"
    public let password: String

    /// - Parameter lines: more of mosquitto.conf; `DIR` in them stands for the broker's directory.
    /// - Parameter prepare: puts files into the directory before the broker starts.
    public init(lines: [String] = [], prepare: (String) throws -> Void = { _ in }) throws {
        let directory = try TestBroker.makeDirectory()
        self.directory = directory
        password = String(UInt64.random(in: .min ... .max), radix: 36)
        try prepare(directory)
        var configuration = LocalBroker.Configuration(users: [username: password])
        // Every packet in the log, so that a test can see what the broker received and when.
        configuration.lines = ["log_type all"]
        configuration.lines += lines.map { line in
            line.split(separator: " ", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("DIR/") ? directory + $0.dropFirst(3) : String($0) }.joined(separator: " ")
        }
        broker = try LocalBroker.start(in: directory, configuration)
    }

    deinit {
        broker.kill()
        TestBroker.run(["rm", "-rf", directory])
    }

    public var port: Int { broker.port }
    public var isRunning: Bool { broker.isRunning }
    public var processID: Int32? { broker.processID }

    /// Ends it in order: its state is on disk.
    public func stop() { broker.stop() }
    /// Kills it: its state is lost.
    public func kill() { broker.kill() }
    /// Starts it again on the same port.
    public func restart() throws { try broker.restart() }

    /// How many lines of the broker's log contain `text`.
    public func logCount(_ text: String) -> Int {
        guard let file = unsafe fopen(broker.logFile, "r") else { return 0 }
        defer { unsafe fclose(file) }
        var count = 0
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        while unsafe getline(&line, &size, file) >= 0 {
            if let line = unsafe line, unsafe strstr(line, text) != nil { count += 1 }
        }
        unsafe free(line)
        return count
    }

    /// A new directory inside the broker's own, which goes with it.
    public func makeDirectory(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        guard unsafe mkdir(path, 0o700) == 0 else { throw BrokerFailure("can't make \(path), errno \(errno)") }
        return path
    }

    private static func makeDirectory() throws -> String {
        var template = Array("/tmp/sluice-test-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw BrokerFailure("no temporary directory, errno \(errno)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An authority, and a certificate of its making for `name`, as `ca.pem`, `server.pem` and `server.key`.
    public static func makeCertificates(for name: String, in directory: String) throws {
        let kind = name.first?.isNumber == true ? "IP" : "DNS"
        let script = """
            set -e
            cd \(directory)
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                -subj /CN=test-authority -keyout ca.key -out ca.pem
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) \
                -keyout server.key -out server.csr
            echo "subjectAltName=\(kind):\(name)" > san
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
                -extfile san -out server.pem
            """
        guard run(["sh", "-c", "( \(script)\n) > \(directory)/openssl.log 2>&1"]) == 0 else {
            throw BrokerFailure("openssl failed, see \(directory)/openssl.log")
        }
    }

    @discardableResult
    private static func run(_ arguments: [String]) -> Int32 {
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var pid: Int32 = 0
        guard unsafe posix_spawnp(&pid, arguments[0], nil, nil, &words, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}

/// Why a test has no broker.
public struct BrokerFailure: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
