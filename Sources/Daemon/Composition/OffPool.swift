internal import SPSCRing
internal import Synchronization

/// Runs blocking work on a thread of its own and waits for it without blocking a thread of the cooperative pool.
///
/// - Parameter name: the thread's, at most 15 bytes.
func offPool<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let outcome = Outcome<Value>()
    await WorkerThread.start(name: name) { outcome.set(Result(catching: work)) }.finished()
    return try outcome.take()
}

/// Where the thread leaves what its work came to.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

    func take() throws -> Value {
        guard let result = result.withLock({ $0 }) else { preconditionFailure("the thread ended without an outcome") }
        return try result.get()
    }
}
