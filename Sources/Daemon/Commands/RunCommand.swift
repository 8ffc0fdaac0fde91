internal import ArgumentParser
internal import CPlatform
internal import Foundation
internal import Glibc
internal import Logging
internal import Readings
internal import Telemetry
internal import Settings

/// `sluice run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the daemon.",
        discussion: """
            Subscribes to the configured brokers, files service requests, and serves them on http://127.0.0.1:8311. \
            Stop it with SIGTERM or Ctrl-C: what has been read is committed and acknowledged first.

            Examples:
              sluice run --config /etc/sluice/sluice.yaml
              SLUICE_MQTT_HOST=broker.example.org sluice run
            """)

    @OptionGroup var options: ConfigurationOptions

    /// How long a crash may write of itself before the process is gone, and systemd starts it again.
    private static let secondsToDie: Int32 = 10

    func run() async throws {
        cplatform_announce_crashes(Self.secondsToDie)
        cplatform_keep_heap_small()
        try await Failure.report {
            let loaded = try options.load().naming(
                zone: SystemZones.current(environment: ProcessInfo.processInfo.environment))
            let logger = loaded.configuration.log.logger(clock: .system)
            for warning in loaded.warnings {
                logger.warning("configuration.warning", metadata: ["problem": "\(warning)"])
            }
            logger.info(
                "daemon.starting",
                metadata: ["version": "\(Version.current)", "configuration": "\(loaded.source)"])
            if loaded.configuration.storage.durability == .crash {
                let effect = "a power cut loses readings that were acknowledged in its last moments; a kill loses none"
                logger.warning("store.durability_lowered", metadata: ["effect": "\(effect)"])
            }
            let hangups = HangupWatch()
            let notifier = SystemdNotifier(environment: ProcessInfo.processInfo.environment)
            let watch = ShutdownWatch { notifier.stopping(status: "committing what has been read") }
            defer { withExtendedLifetime((watch, hangups)) {} }
            let daemon = SluiceDaemon(
                configuration: loaded.configuration, clock: .system, metrics: MetricRegistry(version: Version.current),
                logger: logger)
            let options = options
            let reload = ReloadSource(
                loaded: loaded, load: { try options.load() }, bell: hangups.bell, notifier: notifier)
            try await daemon.run(stop: watch.stop, reload: reload, notifier: notifier) { port in
                logger.info("daemon.ready", metadata: ["http_port": .stringConvertible(port)])
                notifier.ready(status: "serving on port \(port)")
            }
            logger.info("daemon.stopped")
        }
    }
}
