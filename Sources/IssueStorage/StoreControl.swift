internal import Incidents
internal import SPSCRing
internal import Synchronization
internal import Telemetry

/// What other threads share with the store thread: requests to it, and its status.
final class StoreControl: Sendable {
    private let stopping = Atomic<Bool>(false)
    /// Whether the upkeep that is due is done before the end.
    private let settling = Atomic<Bool>(false)
    /// 0 for no limit.
    private let byteLimit = Atomic<Int>(0)
    /// Whether the log holds pages of what has been erased since.
    private let holdsErased = Atomic<Bool>(false)
    private let upkeepPaused = Atomic<Bool>(false)
    private let status = Mutex(StoreStatus.initial)
    /// When the store thread last went round; its calls of the disk may take minutes when that stalls.
    let pulse = ThreadPulse()
    /// What wakes the store thread, once it runs.
    private let doorbell = Mutex<Doorbell?>(nil)

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    var maximumBytes: Int { byteLimit.load(ordering: .relaxed) }

    func limit(toBytes bytes: Int) {
        byteLimit.store(bytes, ordering: .relaxed)
        wake()
    }

    /// What ``stop(settled:)`` was told.
    var settlesFirst: Bool { settling.load(ordering: .relaxed) }

    func stop(settled: Bool) {
        settling.store(settled, ordering: .relaxed)
        stopping.store(true, ordering: .releasing)
        wake()
    }

    var isUpkeepPaused: Bool { upkeepPaused.load(ordering: .relaxed) }

    func pauseUpkeep(_ isPaused: Bool) {
        upkeepPaused.store(isPaused, ordering: .relaxed)
        wake()
    }

    var wantsEmptyLog: Bool { holdsErased.load(ordering: .acquiring) }

    func wantEmptyLog(_ wanted: Bool) {
        holdsErased.store(wanted, ordering: .releasing)
        if wanted { wake() }
    }

    func attach(_ bell: Doorbell) { doorbell.withLock { $0 = bell } }

    func read() -> StoreStatus { status.withLock { $0 } }

    func update(_ change: (inout StoreStatus) -> Void) { status.withLock { change(&$0) } }

    /// Wakes the store thread, if it runs.
    func wake() { doorbell.withLock { $0 }?.signal() }
}
