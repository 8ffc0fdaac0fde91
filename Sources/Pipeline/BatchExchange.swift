public import Incidents
public import SPSCRing

/// The two rings on which a fixed set of ``CommitBatch``es goes round between the pipeline and the store thread.
///
/// ```
///   pipeline ──filled──▶ store        numbers of batches to write
///            ◀──free────              numbers of batches to fill
/// ```
/// No free batch means that the store is behind: the pipeline waits, the rings before it fill, the network threads
/// stop reading their sockets, and the brokers hold the messages. All are free once the store has started and offered them.
@frozen public struct BatchExchange: ~Copyable {
    public let batches: [CommitBatch]
    /// The pipeline's ends.
    public var free: RingConsumer<UInt32>
    public var filled: RingProducer<UInt32>
    /// The store's ends.
    public var toWrite: RingConsumer<UInt32>
    public var written: RingProducer<UInt32>

    /// - Parameter count: batches in circulation, a power of two; at least 2, so that one is filled while one is written.
    public init(count: Int = 4) {
        precondition(count >= 2, "one batch is filled while another is written; there were \(count)")
        batches = (0..<count).map { _ in CommitBatch() }
        let filled = RingBuffer<UInt32>(capacity: count)
        let free = RingBuffer<UInt32>(capacity: count)
        self.filled = filled.producer
        toWrite = filled.consumer
        written = free.producer
        self.free = free.consumer
    }
}
