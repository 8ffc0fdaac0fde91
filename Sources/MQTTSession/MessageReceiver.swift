/// Takes the messages of a ``BrokerSession``, on the session's thread, while it reads.
public protocol MessageReceiver: AnyObject {
    /// One message. The spans are the library's memory and end with the call.
    ///
    /// Its acknowledgement is queued, and leaves with the session's next write.
    func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery)
}

/// How a message came.
public struct Delivery: Sendable, BitwiseCopyable {
    /// Whether the broker had kept it, and sends it because we subscribed.
    public var isRetained: Bool
    /// Whether it is acknowledged, and so delivered again when it was not: QoS 1 or 2. At QoS 0 the broker forgets it.
    public var isAcknowledged: Bool

    public init(isRetained: Bool = false, isAcknowledged: Bool = true) {
        (self.isRetained, self.isAcknowledged) = (isRetained, isAcknowledged)
    }
}
