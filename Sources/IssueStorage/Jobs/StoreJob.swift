internal import GRDB

/// Work for the store thread that belongs to no batch, with somebody who waits for its outcome.
struct StoreJob: Sendable {
    /// Does the work inside a transaction that others share, and returns what tells the waiter, for after the COMMIT.
    ///
    /// The job's own failure takes back what the job wrote, and is told like a result.
    /// - Throws: what concerns the whole transaction.
    let run: @Sendable (Database) throws -> @Sendable () -> Void
    /// Tells the waiter that nothing was written. Instead of what ``run`` returns, never as well.
    let fail: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value, waiter: CheckedContinuation<Value, any Error>
    ) {
        run = { db in
            do {
                var result: Value?
                try db.inSavepoint {
                    result = try work(db)
                    return .commit
                }
                guard let result else { preconditionFailure("a savepoint ran its body and has no result") }
                return { waiter.resume(returning: result) }
            } catch let error where Self.concernsTransaction(error) {
                throw error
            } catch {
                return { waiter.resume(throwing: error) }
            }
        }
        fail = { waiter.resume(throwing: $0) }
    }

    /// SQLite may have rolled back everything already, or can't go on.
    private static func concernsTransaction(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return switch error.resultCode {
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_MISUSE: false
        default: true
        }
    }
}
