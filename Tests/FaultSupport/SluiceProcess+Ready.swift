public import TestSupport

extension SluiceProcess {
    /// Waits until it serves HTTP and its session with the broker is subscribed.
    public func becomeReady(within limit: Duration = .patience) async throws {
        _ = try await line(within: limit) { $0.contains("mqtt.connected") }
        _ = try await line(within: limit) { $0.contains("daemon.ready") }
    }

    /// Waits for a line with this event.
    @discardableResult
    public func event(_ name: String, within limit: Duration = .patience) async throws -> String {
        try await line(within: limit) { $0.contains("\"\(name)\"") }
    }

    /// How often this event has been logged so far.
    public func count(ofEvent name: String) -> Int {
        output.split(separator: "\n").count { $0.contains("\"\(name)\"") }
    }
}
