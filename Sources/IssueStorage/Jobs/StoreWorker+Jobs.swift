internal import GRDB

extension StoreWorker {
    /// Jobs that share one commit.
    private static let jobsAtATime = 64

    /// Does some of the jobs that wait, in one transaction, and tells those who wait for them.
    ///
    /// - Returns: what the transaction failed with, or nil.
    func doJobs(_ committer: BatchCommitter) -> (any Error)? {
        let jobs = parts.jobs.take(Self.jobsAtATime)
        guard !jobs.isEmpty else { return nil }
        if let error = perform(jobs, committer) {
            guard jobs.count > 1 else {
                fail(jobs, with: error)
                return error
            }
            // It may have been one's fault alone, that of the one that asks for too much space.
            for (number, job) in jobs.enumerated() {
                guard let error = perform([job], committer) else { continue }
                fail([job], with: error)
                // Then the connection may be in doubt, and the others shall not add to that.
                guard Self.isFull(error) else {
                    fail(jobs.dropFirst(number + 1), with: error)
                    return error
                }
            }
        }
        return nil
    }

    /// Refuses the jobs that wait, because commits fail.
    func refuseJobs(because reason: String) {
        for job in parts.jobs.take() { job.fail(StoreJobError.stalled(reason: reason)) }
    }

    private func perform(_ jobs: [StoreJob], _ committer: BatchCommitter) -> (any Error)? {
        var outcomes: [@Sendable () -> Void] = []
        do {
            try committer.transact { db in outcomes = try jobs.map { try $0.run(db) } }
        } catch {
            return error
        }
        // Only from here on is it safe to tell anyone.
        for tell in outcomes { tell() }
        return nil
    }

    private func fail(_ jobs: some Sequence<StoreJob>, with error: any Error) {
        let error = StorageError(error, path: parts.database.path, doing: "a store job")
        for job in jobs { job.fail(error) }
    }
}
