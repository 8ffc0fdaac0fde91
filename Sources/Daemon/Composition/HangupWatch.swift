internal import Dispatch
internal import Glibc

/// SIGHUP as something to wait for: `systemctl reload`, or `kill -HUP`. Several that come while one is dealt with are one.
///
/// `@unchecked Sendable`: the source is made before anybody else sees the object and only let go of after; it is thread-safe
/// itself.
final class HangupWatch: @unchecked Sendable {
    private let source: any DispatchSourceSignal
    /// For one waiter.
    let signals: AsyncStream<Void>

    init() {
        // A terminal that goes away must not end the daemon, nor a reload that comes before it is ready.
        signal(SIGHUP, SIG_IGN)
        let (signals, news) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "sluice.hangup"))
        source.setEventHandler { news.yield() }
        source.resume()
    }
}
