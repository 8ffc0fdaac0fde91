/// The pipeline's end of a ``Conduit``. Owned by the pipeline thread.
@frozen
public struct Outlet<Element: BitwiseCopyable & Sendable, Reply: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
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

    /// Appends up to `limit` elements to `out`, with one releasing store for all. Returns how many.
    @inlinable public mutating func pop(into out: inout [Element], limit: Int) -> Int {
        elements.pop(into: &out, limit: limit)
    }

    /// Appends the `count` bytes that an element refers to: once for each such element, in the elements' order.
    @inlinable public mutating func pop(bytes count: Int, into out: inout [UInt8]) {
        let taken = bytes.pop(into: &out, limit: count)
        precondition(taken == count, "\(count) bytes were announced, \(taken) are there")
    }

    /// Whether no element is there.
    @inlinable public var isEmpty: Bool {
        mutating get { elements.isEmpty }
    }

    /// How many elements wait, and how many fit.
    @inlinable public var count: Int {
        mutating get { elements.count }
    }
    @inlinable public var capacity: Int { elements.capacity }

    /// Answers the source.
    ///
    /// - Precondition: fewer than 64 answers are under way. A source asks one thing at a time, so there is room.
    @inlinable public mutating func reply(_ reply: Reply) {
        let sent = replies.push(reply)
        precondition(sent, "the source asked faster than it took its answers")
    }
}
