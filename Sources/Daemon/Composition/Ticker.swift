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
        // Looked at in real time: a city's clock runs at another rate than ours.
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(200)) }
            let now = clock.nowMs()
            // A clock that was set back is followed: ticks go on from there.
            guard now - last >= Self.stepMs || now < last else { continue }
            last = now
            mailbox.post(.tick(atMs: now))
        }
    }
}
