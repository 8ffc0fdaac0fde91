internal import Pipeline
internal import Readings
internal import ServiceLifecycle

/// Tells the stream what time it is, so that silence can be judged.
struct Ticker: Service {
    /// Steps of the daemon's clock between two ticks.
    static let stepMs: Int64 = 10_000

    let clock: WallClock
    let mailbox: CommandMailbox

    func run() async throws {
        var last = clock.nowMs()
        // At once: a step of the clock is known by the tick before it.
        mailbox.post(.tick(atMs: last))
        // Looked at in real time, of which a minute of a city's clock may take a fraction of a second: ticks that lie minutes
        // apart would be taken for a pause.
        let look = Duration.milliseconds(max(10, min(200, 15_000 / clock.rate)))
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: look) }
            let now = clock.nowMs()
            // A clock that was set back is followed: ticks go on from there.
            guard now - last >= Self.stepMs || now < last else { continue }
            last = now
            mailbox.post(.tick(atMs: now))
        }
    }
}
