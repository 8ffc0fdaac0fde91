internal import Dispatch
internal import Glibc

/// Rings for SIGHUP: `systemctl reload`, or `kill -HUP`.
///
/// `@unchecked Sendable`: the source is made before anybody else sees the object and only let go of after; it is thread-safe
/// itself.
final class HangupWatch: @unchecked Sendable {
    private let source: any DispatchSourceSignal
    let bell = ReloadBell()

    init() {
        // A terminal that goes away must not end the daemon, nor a reload that comes before it is ready.
        signal(SIGHUP, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "sluice.hangup"))
        source.setEventHandler { [bell] in bell.hangup() }
        source.resume()
    }
}
