import Daemon
import Logging
import Synchronization
import TestSupport
import Testing

@Suite struct StartProgressTests {
    /// What was logged, field by field.
    private final class Log: Sendable {
        private let entries = Mutex<[Logger.Metadata]>([])

        func contains(_ key: String, _ value: String) -> Bool {
            entries.withLock { $0.contains { $0[key]?.description == value } }
        }

        var count: Int { entries.withLock { $0.count } }
        var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

        private struct Handler: LogHandler {
            let log: Log
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace

            init(log: Log) { self.log = log }

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                guard event.message.description == "recovery.progress" else { return }
                log.entries.withLock { $0.append(event.metadata ?? [:]) }
            }
        }
    }

    @Test func whateverAStartDoesIsToldUntilItIsOver() async throws {
        let log = Log()
        let progress = StartProgress(every: .milliseconds(1), logger: log.logger)
        for stage in StartProgress.Stage.allCases {
            progress.enter(stage)
            try await eventually("\(stage) is told") { log.contains("stage", stage.rawValue) }
        }
        progress.count(sensors: 30, readings: 40)
        try await eventually("how far it is is told") {
            log.contains("sensors", "30") && log.contains("readings", "40")
        }
        progress.end()
        // The thread has ended: nothing is told behind this.
        let told = log.count
        progress.enter(.database)
        progress.end()
        #expect(log.count == told)
    }

    @Test func aShortStartSaysNothing() {
        let log = Log()
        StartProgress(every: .seconds(3600), logger: log.logger).end()
        #expect(log.count == 0)
    }
}
