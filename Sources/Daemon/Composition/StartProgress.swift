package import Logging
internal import SPSCRing
internal import Synchronization

/// Says in the log, second by second, what a start is doing and how far it is.
///
/// On a thread of its own: some of what takes long with a million sensors is one call, that of reading the registry or what was
/// saved, and nobody who waits is to wonder.
package final class StartProgress: Sendable {
    /// What a start does, in this order.
    package enum Stage: String, Sendable, CaseIterable {
        /// The database is opened, and checked if there was doubt.
        case database
        /// What the last run saved is read.
        case savedState = "saved_state"
        /// The registry is read.
        case registry
        /// What was saved is checked and taken apart.
        case takingOver = "taking_over"
        /// Sensors are known again, and what came behind the saved state is met again.
        case replay
        /// Rules and registry that have changed meanwhile are applied.
        case changes
    }

    private struct State {
        var stage = Stage.database
        var sensors = 0
        var readings = 0
    }

    private let state = Mutex(State())
    private let isOver = Atomic<Bool>(false)
    private let bell = Doorbell()
    private let logger: Logger
    private let thread = Mutex<WorkerThread?>(nil)

    /// Begins to tell, every `interval`, until ``end()``.
    package init(every interval: Duration = .seconds(1), logger: Logger) {
        self.logger = logger
        let intervalMs = Int32(clamping: Int64(interval / .milliseconds(1)))
        let teller = WorkerThread.start(name: "sluice-progress") { [self] in run(intervalMs) }
        thread.withLock { $0 = teller }
    }

    package func enter(_ stage: Stage) { state.withLock { $0.stage = stage } }

    /// How many sensors are known again, and how many readings were met again.
    package func count(sensors: Int, readings: Int) {
        state.withLock { ($0.sensors, $0.readings) = (sensors, readings) }
    }

    /// Says no more. Blocks until the thread has ended.
    package func end() {
        isOver.store(true, ordering: .releasing)
        bell.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run(_ intervalMs: Int32) {
        while true {
            bell.wait(timeoutMs: intervalMs, spins: 0) { isOver.load(ordering: .acquiring) }
            if isOver.load(ordering: .acquiring) { return }
            let state = self.state.withLock { $0 }
            logger.info(
                "recovery.progress",
                metadata: [
                    "stage": "\(state.stage.rawValue)", "sensors": .stringConvertible(state.sensors),
                    "readings": .stringConvertible(state.readings),
                ])
        }
    }
}
