/// The pipeline's end of a ``Conduit``. Owned by the pipeline thread.
@frozen public struct Outlet<Element: BitwiseCopyable & Sendable, Reply: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    @usableFromInline var elements: RingConsumer<Element>
    @usableFromInline var bytes: RingConsumer<UInt8>
    @usableFromInline var replies: RingProducer<Reply>
    /// To be advanced by the store thread when it has committed this source's batches.
    public let cursor: CommitCursor

    init(
        elements: consuming RingConsumer<Element>, bytes: consuming RingConsumer<UInt8>,
        replies: consuming RingProducer<Reply>, cursor: CommitCursor
    ) {
        self.elements = elements
        self.bytes = bytes
        self.replies = replies
        self.cursor = cursor
    }

    /// The next element, or nil.
    @inlinable @inline(__always)
    public mutating func pop() -> Element? { elements.pop() }

    /// Appends the `count` bytes that the element just popped refers to.
    @inlinable public mutating func pop(bytes count: Int, into out: inout [UInt8]) {
        let taken = bytes.pop(into: &out, limit: count)
        precondition(taken == count, "\(count) bytes were announced, \(taken) are there")
    }

    @inlinable public var isEmpty: Bool {
        mutating get { elements.isEmpty }
    }

    /// Answers the source. It asks one thing at a time, so there is always room.
    @inlinable public mutating func reply(_ reply: Reply) {
        let sent = replies.push(reply)
        precondition(sent, "the source asked faster than it took its answers")
    }
}
