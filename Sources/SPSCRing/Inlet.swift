/// The source's end of a ``Conduit``. Owned by the source's thread.
@frozen public struct Inlet<Element: BitwiseCopyable & Sendable, Reply: BitwiseCopyable & Sendable>: ~Copyable, Sendable
{
    @usableFromInline var elements: RingProducer<Element>
    @usableFromInline var bytes: RingProducer<UInt8>
    @usableFromInline var replies: RingConsumer<Reply>
    /// How far the store has committed what this source has pushed.
    public let cursor: CommitCursor
    /// Wakes the pipeline thread.
    @usableFromInline let pipeline: Doorbell

    init(
        elements: consuming RingProducer<Element>, bytes: consuming RingProducer<UInt8>,
        replies: consuming RingConsumer<Reply>, cursor: CommitCursor, pipeline: Doorbell
    ) {
        self.elements = elements
        self.bytes = bytes
        self.replies = replies
        self.cursor = cursor
        self.pipeline = pipeline
    }

    /// Stages one element; false when the ring is full. The pipeline sees it after ``flush()``.
    ///
    /// Whoever is refused flushes before trying again: the pipeline can't take what it does not see.
    @inlinable @inline(__always)
    public mutating func push(_ element: Element) -> Bool { elements.stage(element) }

    /// Stages an element and the bytes that it refers to, or nothing and returns false when either ring is full.
    ///
    /// - Precondition: the bytes fit an empty ring.
    @inlinable public mutating func push(_ element: Element, bytes payload: Span<UInt8>) -> Bool {
        precondition(payload.count <= bytes.capacity, "\(payload.count) bytes never fit a ring of \(bytes.capacity)")
        guard elements.room(for: 1), bytes.stage(contentsOf: payload) else { return false }
        // Bytes first: whoever sees the element sees its bytes.
        bytes.publish()
        return elements.stage(element)
    }

    /// Shows the pipeline everything staged and wakes it if it sleeps.
    @inlinable public mutating func flush() {
        elements.publish()
        pipeline.ring()
    }

    /// The pipeline's next answer, or nil if there is none yet.
    @inlinable public mutating func reply() -> Reply? { replies.pop() }

    /// Whether there is an answer.
    @inlinable public var hasReply: Bool {
        mutating get { !replies.isEmpty }
    }

    /// Elements that the pipeline has not taken yet.
    @inlinable public var backlog: Int { elements.backlog }

    /// Elements that can be under way.
    @inlinable public var capacity: Int { elements.capacity }
}
