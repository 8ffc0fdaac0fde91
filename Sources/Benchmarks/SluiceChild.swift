internal import Foundation
internal import FoundationNetworking

/// A `sluice run` of its own: configuration, data directory, process.
final class SluiceChild {
    let folder: String
    let httpPort: Int
    private let process: Process
    private let started: ContinuousClock.Instant

    /// - Parameters:
    ///   - folder: where its data lives; kept, so that a second start can go on there.
    ///   - mqtt: further lines for each broker.
    init(_ tools: Tools, folder: String, brokerPorts: [Int], httpPort: Int, mqtt: [String] = []) throws {
        guard FileManager.default.isExecutableFile(atPath: tools.sluice) else {
            throw Unavailable("there is no \(tools.sluice); build it: swift build -c release --product sluice")
        }
        self.folder = folder
        self.httpPort = httpPort
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let brokers = brokerPorts.enumerated().map { number, port in
            (["- name: broker-\(number + 1)", "  host: 127.0.0.1", "  port: \(port)"] + mqtt.map { "  \($0)" })
                .map { "    \($0)\n" }.joined()
        }
        let configuration = """
            data: {directory: \(folder)/data}
            mqtt:
              brokers:
            \(brokers.joined())
            http: {port: \(httpPort)}
            sensors: {max: 1000000}
            log: {level: warning}
            """
        try configuration.write(toFile: "\(folder)/sluice.yaml", atomically: true, encoding: .utf8)
        process = Process()
        process.executableURL = URL(filePath: tools.sluice)
        process.arguments = ["run", "--config", "\(folder)/sluice.yaml"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        started = .now
        try process.run()
    }

    deinit { end(with: SIGKILL) }

    var pid: Int32 { process.processIdentifier }

    /// What `/api/events` says from now on; returns once it says something.
    func events() throws -> Transcript {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(httpPort).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Sound: the pointers live as long as the calls.
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let request = "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        guard isConnected, unsafe send(descriptor, request, request.utf8.count, 0) == request.utf8.count else {
            throw WrongAnswer("no connection to port \(httpPort): errno \(errno)")
        }
        let transcript = Transcript(descriptor: descriptor)
        while transcript.all.isEmpty, !transcript.isOver { usleep(1000) }
        return transcript
    }

    /// Kills it or asks it to stop, and waits until it is gone.
    func end(with signal: Int32) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    /// Seconds from its start until `/health/ready` says yes.
    func secondsUntilReady() async throws -> Double {
        let deadline = started + .seconds(120)
        while ContinuousClock.now < deadline {
            if try await get("/health/ready")?.status == 200 { return (ContinuousClock.now - started) / .seconds(1) }
            guard process.isRunning else { throw WrongAnswer("sluice ended with \(process.terminationStatus)") }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw WrongAnswer("sluice was not ready within two minutes")
    }

    /// Readings that it has committed since it started.
    func committedReadings() async throws -> Int {
        let text = try await get("/metrics")?.text ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(#"sluice_store_rows_total{table="reading"}"#) }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }.map { Int($0) } ?? 0
    }

    /// Waits until it has committed so many readings that `brokers` send.
    func commits(_ count: Int, from brokers: [FakeBroker]) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while true {
            let found = try await committedReadings()
            if found >= count { return }
            for broker in brokers { try broker.check() }
            guard ContinuousClock.now < deadline, process.isRunning else {
                let state = process.isRunning ? "it runs" : "it ended with \(process.terminationStatus)"
                throw WrongAnswer("\(found) of \(count) readings are committed, and \(state)")
            }
            // Each look makes a page of metrics and reads it: every 5 ms that took half a core of the four that all share.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// What it holds in memory, in bytes, now: with the pages of program and libraries that it has looked at, and without those,
    /// which the kernel shares and takes back as it likes.
    var memory: (resident: Int, own: Int) {
        let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        func field(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0)
                * 1024
        }
        return (field("VmRSS:"), field("RssAnon:"))
    }

    /// A path's answer; nil while nobody answers.
    func get(_ path: String) async throws -> (status: Int, text: String)? {
        guard let url = URL(string: "http://127.0.0.1:\(httpPort)\(path)"),
            let (data, response) = try? await URLSession.shared.data(from: url),
            let status = (response as? HTTPURLResponse)?.statusCode
        else { return nil }
        return (status, String(decoding: data, as: UTF8.self))
    }
}
