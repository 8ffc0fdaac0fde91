/// Walks through bytes that somebody sent, never beyond their end.
struct ByteCursor {
    enum Order { case big, little }

    private let bytes: [UInt8]
    /// Of the next byte.
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// The next `count` bytes; nil, and nothing is taken, when there are not so many.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func byte() -> UInt8? { take(1)?.first }

    /// A whole number of `size` bytes, 1 to 4.
    mutating func number(_ size: Int, _ order: Order = .big) -> Int? {
        guard let taken = take(size) else { return nil }
        return order == .big
            ? taken.reduce(0) { $0 << 8 | Int($1) } : taken.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    /// Back to a place that was passed, or on to another.
    mutating func move(to place: Int) -> Bool {
        guard (0...bytes.count).contains(place) else { return false }
        position = place
        return true
    }
}
