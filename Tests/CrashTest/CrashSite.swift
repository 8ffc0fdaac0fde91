internal import FaultSupport
internal import Foundation
internal import MQTTSession
internal import Simulation
internal import TestSupport

/// Broker, proxy, data directory and configuration of a crash test.
final class CrashSite: Sendable {
    let broker: LocalBroker
    let proxy: FaultProxy
    let data: String
    let folder: String
    private let executable: URL?
    private let configuration: String
    private static let user = "crash"
    private static let password = "test"

    init(folder: String, journal: String?, sluice: URL?, killsBroker: Bool) throws {
        self.folder = folder
        executable = sluice
        data = "\(folder)/data"
        let brokerFolder = "\(folder)/broker"
        try FileManager.default.createDirectory(atPath: brokerFolder, withIntermediateDirectories: true)
        var settings = LocalBroker.Configuration(users: [Self.user: Self.password])
        // As deploy/broker/mosquitto.conf has it.
        settings.lines = ["max_queued_bytes 0", "set_tcp_nodelay true"]
        var extra = ""
        if let journal {
            let journalFolder = "\(folder)/journal"
            try FileManager.default.createDirectory(atPath: journalFolder, withIntermediateDirectories: true)
            settings.lines += ["plugin \(journal)", "plugin_opt_journal_directory \(journalFolder)"]
            extra = "  journal: \(journalFolder)\n"
        }
        broker = try LocalBroker.start(in: brokerFolder, settings)
        proxy = try FaultProxy(to: broker.port)
        configuration = "\(folder)/sluice.yaml"
        try Self.text(data: data, brokerPort: proxy.port, extra: extra)
            .write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// Shipped settings, but for these: silence is judged by the clock on the wall and not by the stream; and a broker that is killed
    /// every other second must not be waited for like one that is down.
    private static func text(data: String, brokerPort: Int, extra: String) -> String {
        """
        data:
          directory: \(data)
        mqtt:
          host: 127.0.0.1
          port: \(brokerPort)
          username: \(user)
          password_env: BROKER_PASSWORD
          reconnect_max: 1s
        \(extra)http:
          port: 0
        rules:
          silence: {enabled: false}
          gateway-silence: {enabled: false}
        """
    }

    /// - Parameter isDiskSlow: whether each write of a page takes 2 ms longer.
    func startDaemon(isDiskSlow: Bool = false) throws -> SluiceProcess {
        try SluiceProcess(
            ["run", "--config", configuration], environment: ["BROKER_PASSWORD": Self.password], executable: executable,
            wrapper: isDiskSlow ? SystemCallFault.wrapper("pwrite64", "delay_enter=2000") : [])
    }

    /// Runs the recording straight into the pipeline, without a broker and without a kill.
    func replay(_ file: String, into directory: String) async throws {
        let process = try SluiceProcess(
            ["replay", "--config", configuration, "--data", directory, file],
            environment: ["BROKER_PASSWORD": Self.password], executable: executable)
        let code = try await process.exitCode(within: .seconds(300))
        guard code == 0 else { throw TestTimeout(description: "replay ended with \(code): \(process.output)") }
    }

    /// What publishes beside the proxy, as sensors do.
    var publisher: SessionConfiguration {
        var session = SessionConfiguration()
        session.name = "publisher"
        session.host = "127.0.0.1"
        session.port = broker.port
        session.clientID = "crash-publisher"
        session.username = Self.user
        session.password = Self.password
        session.isClean = true
        session.reconnectMs = 50...500
        return session
    }
}
