/// Cuts a stream's entries into chunks of a good size.
enum ChunkCutter {
    /// Bytes of a new chunk: four share a page.
    static let full = 960
    /// Bytes up to which a chunk may grow by what comes late.
    static let overfull = 1400
    /// Most entries, however well they pack: a chunk is decoded and written whole.
    static let mostEntries = 1024
    /// Entries of one moment stay together up to here.
    static let mostTied = 4096

    struct Piece {
        var firstMs: Int64
        var lastMs: Int64
        var bytes: [UInt8]
    }

    /// All of `entries`, which are in order, in as few pieces as `limit` bytes allow. The last is as small as it comes.
    static func cut<Entry: HistoryEntry>(_ entries: [Entry], limit: Int) -> [Piece] {
        var pieces: [Piece] = []
        var rest = entries[...]
        while let first = rest.first {
            var count = min(rest.count, mostEntries)
            var piece = encode(rest, &count)
            while piece.count > limit, count > 1 {
                // Entries don't all take the same, so this is a guess, a little below.
                var fewer = max(1, min(count - 1, count * limit * 31 / (piece.count * 32)))
                let smaller = encode(rest, &fewer)
                // Entries of one moment are not to be parted, even if they are too many.
                guard fewer < count else { break }
                (count, piece) = (fewer, smaller)
            }
            let last = rest[rest.startIndex + count - 1]
            pieces.append(Piece(firstMs: first.orderMs, lastMs: last.orderMs, bytes: piece))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// Encodes the first `count` entries; fewer or more if that would part entries of one moment.
    private static func encode<Entry: HistoryEntry>(_ entries: ArraySlice<Entry>, _ count: inout Int) -> [UInt8] {
        count = borderNear(count, entries)
        return Entry.encode(Array(entries.prefix(count)))
    }

    /// The next border between two moments, before `count` or else behind it.
    private static func borderNear<Entry: HistoryEntry>(_ count: Int, _ entries: ArraySlice<Entry>) -> Int {
        let start = entries.startIndex
        func isBorder(_ count: Int) -> Bool {
            count == entries.count || entries[start + count].orderMs != entries[start + count - 1].orderMs
        }
        if let before = (1...count).last(where: isBorder) { return before }
        return (count...min(mostTied, entries.count)).first(where: isBorder) ?? min(mostTied, entries.count)
    }
}
