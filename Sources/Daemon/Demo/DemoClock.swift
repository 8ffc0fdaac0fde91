internal import Readings
internal import Simulation
internal import Synchronization

/// The city's clock. It stands still until the demo goes live, so that nobody misses what begins then.
final class DemoClock: Sendable {
    /// Where it stands, in milliseconds since the Unix epoch.
    let originMs: Int64
    private let rate: Int64
    private let running = Mutex<CityClock?>(nil)

    init(originMs: Int64, rate: Int64) { (self.originMs, self.rate) = (originMs, rate) }

    /// Starts it and returns it.
    func start() -> CityClock {
        let clock = CityClock(startedAtMs: WallClock.system.nowMs(), originMs: originMs, rate: rate)
        running.withLock { $0 = clock }
        return clock
    }

    var wallClock: WallClock {
        WallClock(rate: Int(rate)) { [self] in
            running.withLock { $0 }?.cityMs(atRealMs: WallClock.system.nowMs()) ?? originMs
        }
    }
}
