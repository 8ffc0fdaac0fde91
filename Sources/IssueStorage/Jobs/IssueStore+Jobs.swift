package import GRDB

extension IssueStore {
    /// Does `job` on the store thread, between batches, and returns when it is committed.
    ///
    /// For what belongs to no batch: keys, reporters, assets, results of deliveries. Detection never sees it. A job is
    /// atomic: what it throws takes back what it wrote. Jobs that wait at the same time share one COMMIT. Batches wait
    /// meanwhile, so a job takes milliseconds, or says why not.
    ///
    /// After a ``StorageError`` a job may be in all the same, as its COMMIT may (``CommitMark``): doing it a second time
    /// must do no harm.
    ///
    /// - Throws: what `job` throws; ``StoreJobError`` when it was not tried, at once while commits fail;
    ///   ``StorageError`` when its transaction failed.
    package func perform<Value: Sendable>(_ job: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { waiter in
            let job = StoreJob(job, waiter: waiter)
            if let refusal = jobs.push(job) {
                job.fail(refusal)
            } else {
                control.wake()
            }
        }
    }

    /// Does `job` at once, in a transaction of its own, on the caller's thread, which it blocks. Only before the store is
    /// started, for commands that open the store themselves.
    package func performNow<Value>(_ job: (Database) throws -> Value) throws -> Value {
        try writeBeforeStart(job)
    }
}
