internal import Foundation

/// What somebody would write instead: a script in `deploy/alternatives` that takes readings from a broker, keeps statistics of
/// a window of each sensor, and stores every reading in SQLite.
///
/// A script is called with `--port P --database FILE`. It says `ready` when it is subscribed, `committed N` after a commit, N being
/// all rows so far, and `anomaly SENSOR` after the commit of a reading that stands out.
struct Alternative: Sendable {
    var name: String
    var script: String
    /// Python modules that it needs.
    var modules: [String]
    /// The level of MQTT that it speaks: 5, or 4 for 3.1.1.
    var level: UInt8 = 5

    static let plain = Alternative(
        name: "paho + sqlite3", script: "paho_sqlite.py", modules: ["paho.mqtt", "orjson"])
    static let all = [
        plain,
        Alternative(name: "paho + river", script: "paho_river.py", modules: ["paho.mqtt", "orjson", "river"]),
        Alternative(name: "bytewax", script: "bytewax_sqlite.py", modules: ["paho.mqtt", "orjson", "bytewax"]),
        Alternative(name: "pathway", script: "pathway_sqlite.py", modules: ["pathway"], level: 4),
    ]

    /// - Throws: ``Unavailable`` when Python or a module is not on this machine.
    func start(_ tools: Tools, brokerPort: Int) throws -> Child {
        try require(tools)
        return try Child(self, tools, brokerPort: brokerPort)
    }

    func require(_ tools: Tools) throws {
        let path = "deploy/alternatives/\(script)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw Unavailable("\(path) is not here: run from the repository's top folder")
        }
        let probe = Process()
        probe.executableURL = URL(filePath: "/usr/bin/env")
        probe.arguments = [tools.python, "-c", "import \(modules.joined(separator: ", "))"]
        probe.standardOutput = FileHandle.nullDevice
        probe.standardError = FileHandle.nullDevice
        try probe.run()
        probe.waitUntilExit()
        guard probe.terminationStatus == 0 else {
            throw Unavailable(
                "\(tools.python) has not all of \(modules.joined(separator: ", ")); deploy/bench installs them")
        }
    }

    /// A script that runs.
    final class Child {
        let transcript: Transcript
        private let process = Process()

        fileprivate init(_ alternative: Alternative, _ tools: Tools, brokerPort: Int) throws {
            let database = "\(tools.scratch)/alternative.db"
            for file in [database, "\(database)-wal", "\(database)-shm"] {
                try? FileManager.default.removeItem(atPath: file)
            }
            let output = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                tools.python, "deploy/alternatives/\(alternative.script)", "--port", "\(brokerPort)", "--database",
                database,
            ]
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            transcript = Transcript(descriptor: dup(output.fileHandleForReading.fileDescriptor))
        }

        deinit { end() }

        var pid: Int32 { process.processIdentifier }
        var rows: Int { transcript.last("committed ").flatMap { Int($0) } ?? 0 }

        /// Waits until it has stored so many readings. Blocks.
        func commits(_ count: Int) throws {
            let deadline = ContinuousClock.now + .seconds(300)
            while rows < count {
                guard ContinuousClock.now < deadline, !transcript.isOver else {
                    throw WrongAnswer("the alternative stored \(rows) of \(count) readings")
                }
                usleep(1000)
            }
        }

        func end() {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}

/// Seconds of processor time that a process has used so far, in user and kernel mode.
func processorSeconds(of pid: Int32) -> Double {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    // The name, in brackets, may hold spaces: count from behind it (proc_pid_stat(5): utime is field 14, stime 15).
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
