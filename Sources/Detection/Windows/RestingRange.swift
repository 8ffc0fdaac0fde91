package import Readings
internal import TimeBase

/// The last readings of a level, and whether they rest: all are equal but for the outermost twentieth at either end.
///
/// So much is asked of it, and not how wide the range is: nothing needs to be kept in order.
///
/// - Complexity: O(n) a reading. Nothing allocates after `init`.
/// - Memory: 8 bytes a reading, because a city has thousands of bins: levels in single precision, times in whole seconds.
package struct RestingRange: Sendable, Equatable {
    private var ring: [Entry]
    private var next = 0
    private var count = 0

    private struct Entry: Sendable, Equatable, BitwiseCopyable {
        var atS: UInt32 = 0
        var value: Float = 0
    }

    package init(capacity: Int) {
        precondition((3...40).contains(capacity), "three tell the middle of 3 to 40, capacity was \(capacity)")
        ring = Array(repeating: Entry(), count: capacity)
    }

    /// Adds a value, and drops the oldest when it is full. Event time is kept in whole seconds from 1970 to 2106.
    ///
    /// - Returns: Event time of the value that it dropped; nil while it was not full.
    package mutating func append(_ value: Double, atMs: Int64) -> Int64? {
        let droppedMs = isFull ? Int64(ring[next].atS) * 1000 : nil
        ring[next] = Entry(atS: UInt32(clamping: floorDivide(atMs, 1000)), value: Float(value))
        next = next + 1 == ring.count ? 0 : next + 1
        count = min(count + 1, ring.count)
        return droppedMs
    }

    private var isFull: Bool { count == ring.count }

    /// Whether it is full, and its 5 % and 95 % quantiles and all between them are one value.
    package var isResting: Bool {
        guard isFull else { return false }
        // At most one on each side. So if there is such a value, no three have two others on the same side of it: it is their
        // median.
        let outermost = Int(0.05 * Double(ring.count - 1))
        let (a, b, c) = (ring[0].value, ring[1].value, ring[2].value)
        let middle = max(min(a, b), min(max(a, b), c))
        var (below, above) = (0, 0)
        for entry in ring {
            if entry.value < middle { below += 1 }
            if entry.value > middle { above += 1 }
        }
        return below <= outermost && above <= outermost
    }

    /// Saved as it was when it was a sorted window with its times beside it: values first, ``codeTimes(_:)`` behind what follows.
    package mutating func codeValues(_ coder: inout StateCoder) {
        coder.code(&count, in: 0...ring.count)
        coder.code(&next, in: 0...(ring.count - 1))
        coder.require(isFull || next == count, .badValue, "a range")
        guard coder.problem == nil else { return }
        for index in 0..<count {
            var value = Double(ring[index].value)
            coder.code(&value)
            ring[index].value = Float(value)
        }
    }

    package mutating func codeTimes(_ coder: inout StateCoder) {
        var timesMs = ring.map { Int64($0.atS) * 1000 }
        coder.code(&timesMs)
        for index in ring.indices { ring[index].atS = UInt32(clamping: floorDivide(timesMs[index], 1000)) }
        coder.code(&next, in: 0...(ring.count - 1))
    }
}
