internal import IssueStorage
internal import Logging
internal import MQTTIngest
internal import Pipeline
internal import ServiceLifecycle
internal import Telemetry

/// Tells systemd that the data path goes round, as long as it does: a daemon whose threads are stuck is restarted, which loses
/// nothing that was acknowledged.
///
/// It runs on the cooperative pool, so a pool that is stuck starves it, too. Without `WatchdogSec` it does nothing.
struct Watchdog: Service, CustomStringConvertible {
    /// A thread that is watched.
    struct Part: Sendable {
        var name: String
        var pulse: ThreadPulse
        /// How many of the watchdog's intervals a turn may take.
        var allowance: Double
    }

    let notifier: SystemdNotifier
    /// Asked each time: connections come while the daemon starts.
    let parts: @Sendable () -> [Part]
    let logger: Logger

    var description: String { "watchdog" }

    func run() async throws {
        guard let interval = notifier.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            var stuck: Set<String> = []
            while !Task.isCancelled {
                stuck = look(interval, known: stuck)
                if stuck.isEmpty { notifier.alive() }
                // A quarter: one that comes late is still in time.
                try? await Task.sleep(for: interval / 4)
            }
        }
    }

    /// The threads that have not gone round for too long; says so when that is news.
    private func look(_ interval: Duration, known: Set<String>) -> Set<String> {
        var stuck: Set<String> = []
        for part in parts() {
            guard let age = part.pulse.age, age > interval * part.allowance else { continue }
            stuck.insert(part.name)
            guard !known.contains(part.name) else { continue }
            logger.critical(
                "watchdog.stuck",
                metadata: [
                    "thread": "\(part.name)", "since_ms": .stringConvertible(age.milliseconds),
                    "effect": "systemd is no longer told that all is well, and restarts the daemon",
                ])
        }
        for name in known.subtracting(stuck).sorted() {
            logger.notice("watchdog.recovered", metadata: ["thread": "\(name)"])
        }
        return stuck
    }
}

extension Watchdog.Part {
    /// The data path's threads. A commit may stall with its disk for minutes, which no restart mends.
    static func dataPath(_ core: Core, _ connections: BrokerConnections) -> [Watchdog.Part] {
        [
            Watchdog.Part(name: "pipeline", pulse: core.pipeline.pulse, allowance: 0.5),
            Watchdog.Part(name: "store", pulse: core.store.pulse, allowance: 5),
        ]
            + connections.pulses.map { name, pulse in
                Watchdog.Part(name: "broker \(name)", pulse: pulse, allowance: 0.5)
            }
    }
}
