internal import ServiceLifecycle

/// A part of the daemon that runs on threads of its own, as a member of the service group.
///
/// It is started when the group runs it and stopped, off the cooperative pool, when the group shuts down in order.
struct ThreadService: Service, CustomStringConvertible {
    let description: String
    let start: @Sendable () -> Void
    let stop: @Sendable () -> Void

    init(_ name: String, start: @escaping @Sendable () -> Void, stop: @escaping @Sendable () -> Void) {
        description = name
        self.start = start
        self.stop = stop
    }

    func run() async throws {
        start()
        // Cancellation is how the group ends everything when another member has failed: then, too, stop in order.
        try? await gracefulShutdown()
        try await offPool("sluice-stop") { stop() }
    }
}
