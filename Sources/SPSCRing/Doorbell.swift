internal import CPlatform
internal import Glibc
internal import Synchronization
internal import TimeBase

/// Wakes a thread that waits for its rings to fill, or to drain.
///
/// ```
///   waiter                           ringer
///   arm()       armed ← true         publish to the ring
///   look once more at the rings      ring()      was armed ← false true? then write the eventfd
///   sleep in poll(eventfd)
///   disarm()    armed ← false
/// ```
/// No wake is lost. Every change of `armed` is a read-modify-write that acquires and releases, so all of them form one
/// order in which each sees what came before the earlier ones. In that order either `ring()` follows `arm()`: it finds
/// the bell armed and signals; or `arm()` follows `ring()`: the waiter's second look sees what was published.
/// Two short cuts would break this. A plain load in `ring()` before the exchange may be satisfied before the publishing
/// store is visible, while the waiter's look misses it: both sides pass each other. A plain store in `disarm()` cuts the
/// chain: the next `arm()` would read that store, and see nothing of a ring before it.
///
/// A sleep and wake costs about 50 µs, so ``wait(timeoutMs:spins:unless:)`` spins briefly first, where that has paid lately.
public final class Doorbell: Sendable {
    /// Readable when the bell was rung: to be put beside a socket in `poll`.
    public let fileDescriptor: Int32
    private let armed = Atomic<Bool>(false)
    /// Waits in a row that spun in vain: the waiter's own, and so relaxed.
    private let vain = Atomic<Int>(0)

    /// A sleep that lasts longer than this would have outlasted the spins.
    private static let longNs: Int64 = 100_000
    /// After so many waits in vain a sleep is preceded by a few looks only.
    private static let mostVain = 6

    /// - Precondition: the process has a file descriptor left.
    public init() {
        fileDescriptor = cplatform_eventfd()
        precondition(fileDescriptor >= 0, "no file descriptor left for an eventfd, errno \(errno)")
    }

    deinit { close(fileDescriptor) }

    /// Wakes the waiter if it sleeps, after something was published for it. Any thread may call it.
    /// Cheap when nobody sleeps: one atomic exchange, no system call.
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

    /// Takes back ``arm()`` and forgets rings so far. The owner looks at its rings after this.
    public func disarm() {
        _ = armed.exchange(false, ordering: .acquiringAndReleasing)
        var count: UInt64 = 0
        _ = unsafe read(fileDescriptor, &count, 8)
    }

    /// Returns as soon as `ready` is true, somebody rang, or the time is over.
    ///
    /// Each wait that spins in vain and then sleeps for long halves the spins of the next one, and one that need not have slept
    /// brings them all back. At 10,000 messages a second spinning had been a seventh of the daemon's processor time.
    ///
    /// - Parameter spins: how often to look before sleeping, at most. A spin is 40 to 100 ns: the default is about one sleep and
    ///   wake, so that waiting never costs more than twice what the best choice would.
    public func wait(timeoutMs: Int32, spins: Int = 500, unless ready: () -> Bool) {
        let fruitless = vain.load(ordering: .relaxed)
        for _ in 0..<(spins >> fruitless) {
            if ready() {
                vain.store(0, ordering: .relaxed)
                return
            }
            cplatform_pause()
        }
        arm()
        if !ready() {
            let before = MonotonicClock.nowNs()
            var descriptor = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&descriptor, 1, timeoutMs)
            let isLong = MonotonicClock.nowNs() - before > Self.longNs
            vain.store(isLong ? min(fruitless + 1, Self.mostVain) : 0, ordering: .relaxed)
        }
        disarm()
    }
}
