internal import Synchronization

/// Tells once that all doors of the daemon are open: its pages and its local socket.
///
/// Who waits for the word, systemd or a script, may use either the next moment.
package final class Readiness: Sendable {
    private struct Doors {
        var port: Int?
        var isSocketOpen = false
        var isSaid = false
    }

    private let doors = Mutex(Doors())
    private let onReady: @Sendable (Int) -> Void

    /// - Parameter onReady: called once with the bound HTTP port.
    package init(_ onReady: @escaping @Sendable (Int) -> Void) { self.onReady = onReady }

    /// The pages and the API are served on a port.
    package func pagesAreServed(on port: Int) { note { $0.port = port } }

    /// The local socket takes commands, or it has been said that it can't.
    package func socketIsOpen() { note { $0.isSocketOpen = true } }

    private func note(_ change: (inout sending Doors) -> Void) {
        let port: Int? = doors.withLock { doors in
            change(&doors)
            guard doors.isSocketOpen, !doors.isSaid, let port = doors.port else { return nil }
            doors.isSaid = true
            return port
        }
        if let port { onReady(port) }
    }
}
