/// SipHash-1-3: a keyed hash whose collisions can't be made without the key.
///
/// One round a word and three at the end, as in the hash tables of Rust and Swift.
/// - Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
struct SipHash: Sendable, BitwiseCopyable {
    private var v0, v1, v2, v3: UInt64

    private init(key: (UInt64, UInt64)) {
        v0 = key.0 ^ 0x736F_6D65_7073_6575
        v1 = key.1 ^ 0x646F_7261_6E64_6F6D
        v2 = key.0 ^ 0x6C79_6765_6E65_7261
        v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    static func hash(_ bytes: borrowing Span<UInt8>, key: (UInt64, UInt64)) -> UInt64 {
        var state = SipHash(key: key)
        let whole = bytes.count & ~7
        var at = 0
        while at < whole {
            state.absorb(bytes.word(at: at))
            at += 8
        }
        // The last word carries the length, so that a trailing zero byte counts.
        state.absorb(bytes.lastWord(from: whole) | UInt64(truncatingIfNeeded: bytes.count) << 56)
        return state.finish()
    }

    @inline(__always)
    private mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    @inline(__always)
    private mutating func finish() -> UInt64 {
        v2 ^= 0xFF
        round()
        round()
        round()
        return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 = v2 &+ v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 = v0 &+ v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 = v2 &+ v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
