/// Which quarantined messages are meant. What is nil does not matter.
public struct QuarantineSelection: Sendable, Equatable, Codable {
    public var ids: [Int64]?
    /// ``Readings/QuarantineReason/label``.
    public var reason: String?
    /// A piece of the topic.
    public var topic: String?
    /// Arrived before this time, in milliseconds since the Unix epoch.
    public var beforeMs: Int64?

    public init() {}
}
