/// Bytes eight at a time: what the decoders compare and search.
extension Span<UInt8> {
    /// Eight bytes, the first in the lowest place.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index <= count - 8, "a word lies beyond the end")
        // Sound: the bounds have just been checked, and any eight bytes are a number.
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// The at most eight bytes from `index` to the end, zeros above them.
    @inline(__always)
    func lastWord(from index: Int) -> UInt64 {
        let left = count - index
        if left <= 0 { return 0 }
        // From within where there is room: one load, and what came before is shifted out.
        if count >= 8 { return word(at: count - 8) &>> UInt64((8 - left) * 8) }
        if left >= 4 {
            return UInt64(half(at: index)) | UInt64(half(at: count - 4)) &<< UInt64((left - 4) * 8)
        }
        let (middle, last) = (left / 2, left - 1)
        return UInt64(self[index]) | UInt64(self[index + middle]) &<< UInt64(middle * 8)
            | UInt64(self[index + last]) &<< UInt64(last * 8)
    }

    /// The last eight bytes, the very last in the highest place; of fewer bytes, zeros below them.
    @inline(__always)
    var tail: UInt64 {
        if count >= 8 { return word(at: count - 8) }
        return count == 0 ? 0 : lastWord(from: 0) &<< UInt64((8 - count) * 8)
    }

    /// Four bytes, the first in the lowest place.
    @inline(__always)
    private func half(at index: Int) -> UInt32 {
        precondition(index >= 0 && index <= count - 4, "half a word lies beyond the end")
        // Sound: as above.
        return UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt32.self))
    }

    @inline(__always)
    func hasSameBytes(as other: borrowing Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var at = 0
        while at <= count - 8 {
            if word(at: at) != other.word(at: at) { return false }
            at += 8
        }
        return lastWord(from: at) == other.lastWord(from: at)
    }

    /// Where the byte stands first, from `start` on; `count` where it does not.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int {
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var at = start
        while at <= count - 8 {
            let difference = word(at: at) ^ pattern
            let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if zeros != 0 { return at + zeros.trailingZeroBitCount >> 3 }
            at += 8
        }
        if at == count { return count }
        // Zeros above what is left: a zero byte itself is looked for one by one.
        guard byte != 0 else {
            while at < count, self[at] != byte { at += 1 }
            return at
        }
        let difference = lastWord(from: at) ^ pattern
        let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
        return zeros == 0 ? count : at + zeros.trailingZeroBitCount >> 3
    }

    /// Whether every byte is printable ASCII.
    @inline(__always)
    var isPrintableASCII: Bool {
        var odd: UInt64 = 0
        var at = 0
        while at <= count - 8 {
            odd |= Self.unprintable(word(at: at))
            at += 8
        }
        if at < count {
            // Spaces above what is left.
            let left = UInt64(count - at) * 8
            odd |= Self.unprintable(lastWord(from: at) | 0x2020_2020_2020_2020 &<< left)
        }
        return odd == 0
    }

    /// Marks bytes below the space, DEL, and those beyond ASCII. A byte above a marked one may be marked, too.
    @inline(__always)
    private static func unprintable(_ word: UInt64) -> UInt64 {
        let below = word &- 0x2020_2020_2020_2020
        let isDelete = (word ^ 0x7F7F_7F7F_7F7F_7F7F) &- 0x0101_0101_0101_0101
        return (below | word | (isDelete & ~(word ^ 0x7F7F_7F7F_7F7F_7F7F))) & 0x8080_8080_8080_8080
    }
}

extension [UInt8] {
    func hasSameBytes(as other: borrowing Span<UInt8>) -> Bool { span.hasSameBytes(as: other) }
}
