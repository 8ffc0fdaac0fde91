internal import IssueStorage

/// A way to one destination.
protocol DeliveryChannel: Sendable {
    /// Changes of different requests that may be under way at once.
    var concurrency: Int { get }

    /// Delivers one change, or says why not. Always comes to an end.
    func deliver(_ item: OutboxItem) async -> DeliveryOutcome

    /// Does what is due beside deliveries, when there is time.
    /// - Parameter destination: its row's number.
    func tidy(_ destination: Int64) async throws -> [OutboxChange]

    /// Whether a change that may have arrived must not simply be sent again.
    var mustNotRepeat: Bool { get }

    /// Lets go of connections. Nothing is delivered afterwards.
    func close() async
}

extension DeliveryChannel {
    func tidy(_ destination: Int64) async throws -> [OutboxChange] { [] }

    var mustNotRepeat: Bool { false }
}
