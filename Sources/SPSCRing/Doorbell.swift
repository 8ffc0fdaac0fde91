internal import CPlatform
internal import Glibc
internal import Synchronization

/// Wakes a thread that waits for its rings to fill, or to drain.
///
/// The waiter arms the bell, looks once more, then sleeps; whoever has published rings. Both are read-modify-writes of
/// one flag, so one comes first: either the ringer sees the bell armed and signals, or the waiter's second look sees
/// what the ringer had published. No wake is lost.
/// A sleep and wake costs about 50 µs, so ``wait(timeoutMs:unless:)`` spins briefly first.
public final class Doorbell: Sendable {
    /// Readable when the bell was rung: to be put beside a socket in `poll`.
    public let fileDescriptor: Int32
    private let armed = Atomic<Bool>(false)

    /// - Precondition: the process has a file descriptor left.
    public init() {
        fileDescriptor = cplatform_eventfd()
        precondition(fileDescriptor >= 0, "no file descriptor left for an eventfd, errno \(errno)")
    }

    deinit { close(fileDescriptor) }

    /// Wakes the waiter if it sleeps. Cheap when it does not: one atomic exchange, no system call.
    public func ring() {
        guard armed.exchange(false, ordering: .acquiringAndReleasing) else { return }
        signal()
    }

    /// Wakes the waiter in any case, also before it next sleeps. For shutdown.
    public func signal() {
        var one: UInt64 = 1
        _ = unsafe write(fileDescriptor, &one, 8)
    }

    /// Says that the owner is about to sleep. It must look at its rings once more before it does.
    public func arm() {
        _ = armed.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// Takes back ``arm()`` and forgets rings so far.
    public func disarm() {
        armed.store(false, ordering: .relaxed)
        var count: UInt64 = 0
        _ = unsafe read(fileDescriptor, &count, 8)
    }

    /// Returns as soon as `ready` is true, somebody rang, or the time is over.
    ///
    /// - Parameter spins: how often to look before sleeping; a spin is some 10 ns.
    public func wait(timeoutMs: Int32, spins: Int = 2000, unless ready: () -> Bool) {
        for _ in 0..<spins {
            if ready() { return }
            cplatform_pause()
        }
        arm()
        if !ready() {
            var descriptor = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&descriptor, 1, timeoutMs)
        }
        disarm()
    }
}
