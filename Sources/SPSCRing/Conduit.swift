/// Everything that joins one source of the stream (a broker connection, a replay) to the pipeline thread.
///
/// ```
///             ── elements ──▶            fixed-size, in stream order
///   Inlet     ── bytes ─────▶  Outlet    what an element refers to: a new name, a quarantined payload
///             ◀── replies ───            what the pipeline answers: an index for a name
///             ◀── cursor ────            how far the store has committed
/// ```
/// Bytes travel in a ring of their own: whoever pushes an element that refers to `n` bytes has pushed the bytes before
/// it, and whoever pops such an element pops its bytes next. So everything is bounded and nothing is allocated.
@frozen public struct Conduit<Element: BitwiseCopyable & Sendable, Reply: BitwiseCopyable & Sendable>: ~Copyable {
    public var inlet: Inlet<Element, Reply>
    public var outlet: Outlet<Element, Reply>

    /// - Parameters:
    ///   - capacity: elements under way, a power of two.
    ///   - byteCapacity: bytes under way, a power of two; at least the longest single payload.
    ///   - doorbell: what wakes the pipeline thread; all its conduits share it.
    public init(capacity: Int, byteCapacity: Int, doorbell: Doorbell) {
        let elements = RingBuffer<Element>(capacity: capacity)
        let bytes = RingBuffer<UInt8>(capacity: byteCapacity)
        let replies = RingBuffer<Reply>(capacity: 64)
        let cursor = CommitCursor()
        inlet = Inlet(
            elements: elements.producer, bytes: bytes.producer, replies: replies.consumer, cursor: cursor,
            pipeline: doorbell)
        outlet = Outlet(
            elements: elements.consumer, bytes: bytes.consumer, replies: replies.producer, cursor: cursor)
    }
}
