internal import Synchronization

/// Jobs on their way to the store thread, oldest first.
final class JobQueue: Sendable {
    /// Each waits for a commit of a few milliseconds: a second's worth.
    static let capacity = 256

    private struct State {
        var jobs: [StoreJob] = []
        /// Why there is nobody to do jobs; nil while the store thread runs.
        var refusal: StoreJobError? = .notStarted
    }

    private let state = Mutex(State())
    /// `jobs.count`, for a look without the lock.
    private let count = Atomic<Int>(0)

    var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

    /// From now on jobs are taken.
    func open() { state.withLock { $0.refusal = nil } }

    /// Adds a job.
    /// - Returns: why not, or nil if it was added. The caller wakes the store thread.
    func push(_ job: StoreJob) -> StoreJobError? {
        state.withLock { state in
            if let refusal = state.refusal { return refusal }
            guard state.jobs.count < Self.capacity else { return .queueFull(waiting: state.jobs.count) }
            state.jobs.append(job)
            count.store(state.jobs.count, ordering: .releasing)
            return nil
        }
    }

    /// Removes and returns the oldest jobs, at most `most`.
    func take(_ most: Int = capacity) -> [StoreJob] {
        state.withLock { state in
            let taken = Array(state.jobs.prefix(most))
            state.jobs.removeFirst(taken.count)
            count.store(state.jobs.count, ordering: .releasing)
            return taken
        }
    }

    /// Fails all that wait, and whatever comes later.
    func close() {
        state.withLock { $0.refusal = .stopping }
        for job in take() { job.fail(StoreJobError.stopping) }
    }
}
