internal import Dispatch
internal import Glibc
internal import Synchronization

/// Sees to it that a person who wants to leave can: the first signal shuts down in order, a second one leaves at once,
/// and so does an orderly shutdown that does not end.
///
/// A signal within ``echo`` of the first is the same wish: `timeout` and some shells send it to the process and to its group.
/// Leaving at once loses nothing that was acknowledged: it is what `kill -9` does, and that is provided for.
///
/// `@unchecked Sendable`: the sources are made before anybody else sees the object and only let go of after; they are
/// thread-safe themselves.
final class ShutdownWatch: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]
    private static let echo = Duration.milliseconds(300)
    /// Raised at the first signal, for what runs before the service group listens to signals.
    let stop: StopFlag

    /// - Parameters:
    ///   - patience: how long an orderly shutdown may take.
    ///   - onFirst: called at the first signal, off the threads that shut down.
    init(patience: Duration = .seconds(15), onFirst: @escaping @Sendable () -> Void = {}) {
        let queue = DispatchQueue(label: "sluice.shutdown")
        let first = FirstSignal()
        let seconds = Int(patience.components.seconds)
        let stop = StopFlag()
        self.stop = stop
        sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if let since = first.elapsed {
                    if since > Self.echo { _exit(128 + number) }
                    return
                }
                stop.raise()
                onFirst()
                queue.asyncAfter(deadline: .now() + .seconds(seconds)) {
                    Terminal.complain("sluice: the shutdown did not end within \(seconds) s; leaving without it")
                    _exit(128 + number)
                }
            }
            source.resume()
            return source
        }
    }
}

/// When the first signal came.
private final class FirstSignal: Sendable {
    private let at = Mutex<ContinuousClock.Instant?>(nil)

    /// How long ago the first one was; nil for the first, which is noted.
    var elapsed: Duration? {
        at.withLock { at in
            guard let first = at else {
                at = .now
                return nil
            }
            return .now - first
        }
    }
}
