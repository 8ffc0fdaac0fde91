/// Takes the messages of a ``BrokerSession``, on the session's thread, while it reads.
public protocol MessageReceiver: AnyObject {
    /// One message. The spans are the library's memory and end with the call.
    ///
    /// Its acknowledgement is queued, and leaves with the session's next write.
    func receive(topic: Span<UInt8>, payload: Span<UInt8>, isRetained: Bool)
}
