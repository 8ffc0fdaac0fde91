internal import Readings
internal import Synchronization
internal import Settings

/// A value that a reload replaces and that many read.
final class LiveValue<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) { stored = Mutex(value) }

    var value: Value {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}

/// What a reload changes, for those who look it up each time.
struct Live: Sendable {
    var configuration: Configuration
    /// How level sensors are mounted, by the registry.
    var mountings: Mountings
}
