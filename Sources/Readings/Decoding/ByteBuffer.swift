/// Bytes that are put together anew for every message, in memory that stays.
///
/// Emptying an array and appending to it makes six calls, 180 instructions for a short name; here a name is one copy.
struct ByteBuffer: Sendable, Equatable {
    /// Beyond ``count`` stands what is left over from before.
    private var memory: [UInt8]
    private(set) var count = 0

    /// - Parameter capacity: in bytes; more is made room for once it is needed.
    init(capacity: Int = 128) { memory = Array(repeating: 0, count: capacity) }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    mutating func clear() { count = 0 }

    @inline(__always)
    mutating func assign(_ bytes: borrowing Span<UInt8>) {
        count = 0
        append(bytes)
    }

    mutating func assign(_ bytes: [UInt8]) { assign(bytes.span) }

    @inline(__always)
    mutating func append(_ bytes: borrowing Span<UInt8>) {
        let (start, end) = (count, count + bytes.count)
        if end > memory.count { grow(to: end) }
        // Sound: there is room up to `end`, and nobody else has this memory.
        unsafe bytes.withUnsafeBytes { source in
            unsafe memory.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<end]).copyMemory(from: source)
            }
        }
        count = end
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == memory.count { grow(to: count + 1) }
        memory[count] = byte
        count += 1
    }

    @inline(__always)
    func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.upperBound <= count, "bytes that are left over from before")
        return try body(memory.span.extracting(range))
    }

    @inline(__always)
    func withBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withBytes(0..<count, body)
    }

    @inline(never)
    private mutating func grow(to size: Int) {
        memory += Array(repeating: 0, count: max(size, memory.count * 2) - memory.count)
    }

    static func == (a: ByteBuffer, b: ByteBuffer) -> Bool { a.memory[..<a.count] == b.memory[..<b.count] }
}
