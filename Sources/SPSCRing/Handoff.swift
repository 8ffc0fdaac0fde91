internal import Synchronization

/// Carries a value that can't be copied (an ``Inlet``, an ``Outlet``, a decoder) to the thread that will own it.
///
/// A closure can't consume what it captures; it can capture this and take the value out, once.
///
/// ```swift
/// let handoff = Handoff(conduit.inlet)
/// let thread = WorkerThread.start(name: "ingest") {
///     guard var inlet = handoff.take() else { return }
///     …
/// }
/// ```
public final class Handoff<Value: ~Copyable & Sendable>: Sendable {
    private let value: Mutex<Value?>

    public init(_ value: consuming Value) { self.value = Mutex(value) }

    /// The value for the first caller, nil for any other.
    public func take() -> Value? { value.withLock { $0.take() } }
}
