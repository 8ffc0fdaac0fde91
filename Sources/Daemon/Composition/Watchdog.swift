internal import Logging
internal import ServiceLifecycle
internal import TimeBase

/// Tells systemd that the data path goes round, as long as it does: a daemon whose threads are stuck is restarted, which loses
/// nothing that was acknowledged.
///
/// It runs on the cooperative pool, so a pool that is stuck starves it, too. Without `WatchdogSec` it does nothing.
struct Watchdog: Service, CustomStringConvertible {
    let notifier: SystemdNotifier
    /// Asked each time: connections come while the daemon starts.
    let threads: @Sendable () -> [WatchedThread]
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
                stuck = look(known: stuck)
                if stuck.isEmpty { notifier.alive() }
                // A quarter: one that comes late is still in time.
                try? await Task.sleep(for: interval / 4)
            }
        }
    }

    /// The threads that have not gone round for too long; says so when that is news.
    private func look(known: Set<String>) -> Set<String> {
        var stuck: Set<String> = []
        for thread in threads() {
            guard let age = thread.stuckFor else { continue }
            stuck.insert(thread.name)
            guard !known.contains(thread.name) else { continue }
            logger.critical(
                "watchdog.stuck",
                metadata: [
                    "thread": "\(thread.name)", "since_ms": .stringConvertible(age.milliseconds),
                    "effect": "systemd is no longer told that all is well, and restarts the daemon",
                ])
        }
        for name in known.subtracting(stuck).sorted() {
            logger.notice("watchdog.recovered", metadata: ["thread": "\(name)"])
        }
        return stuck
    }
}
