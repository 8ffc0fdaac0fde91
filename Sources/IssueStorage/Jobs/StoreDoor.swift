internal import Dispatch
package import GRDB

/// Where store jobs are handed in: the store of a daemon that runs, or one that a command has opened for itself.
package protocol StoreDoor: Sendable {
    /// Does `job` in a transaction of its own and returns when it is committed. As ``IssueStore/perform(_:)``.
    func write<Value: Sendable>(_ job: @escaping @Sendable (Database) throws -> Value) async throws -> Value

    /// Empties the write-ahead log as soon as no reader needs it: after something was erased that must not be found there.
    func emptyLog()
}

extension IssueStore: StoreDoor {
    package func write<Value: Sendable>(
        _ job: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value { try await perform(job) }

    package func emptyLog() { control.wantEmptyLog(true) }
}

/// A store that no daemon holds, opened for a command.
package final class OfflineStore: StoreDoor {
    private let store: IssueStore
    private let queue = DispatchQueue(label: "sluice.offline")

    /// - Parameter store: not started, and not to be.
    package init(_ store: IssueStore) { self.store = store }

    package func write<Value: Sendable>(
        _ job: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { waiter in
            queue.async { [store] in waiter.resume(with: Result { try store.performNow(job) }) }
        }
    }

    /// Closing does it.
    package func emptyLog() {}

    /// Closes the database and lets go of the directory.
    package func close() { store.stop() }
}
