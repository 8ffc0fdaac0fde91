internal import Synchronization

/// Wakes one sleeping task. A ring while nobody sleeps ends the next sleep at once.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var sleeper: Task<Void, Never>?
    }
    private let state = Mutex(State())

    /// Cheap: a lock, from any thread.
    func ring() {
        state.withLock { state in
            state.isRung = true
            state.sleeper?.cancel()
        }
    }

    /// Returns when it is rung, when the time is over or when the task is cancelled.
    func wait(atMost limit: Duration) async {
        // Its own task, so that a ring ends this sleep and nothing else of ours.
        let sleeper = Task { _ = try? await Task.sleep(for: limit) }
        state.withLock { state in
            state.sleeper = sleeper
            if state.isRung { sleeper.cancel() }
        }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        state.withLock { $0 = State() }
    }
}
