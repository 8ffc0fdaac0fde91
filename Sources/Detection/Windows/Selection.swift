/// Order statistics of values in a buffer that is used again and again: nothing is allocated, unlike by sorting a copy.
///
/// - Complexity: O(n) expected, whatever the order in which the values come, but for contrived ones.
/// - Source: Hoare, Algorithm 65: Find, Communications of the ACM 4 (1961).
extension [Double] {
    /// The value that would stand at `rank` if the buffer were sorted, which is reordered: before it stands nothing
    /// greater, behind it nothing less.
    ///
    /// - Parameter rank: 0 for the least; below the count. None of the values is NaN.
    package mutating func select(_ rank: Int) -> Double {
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[low + (high - low) / 2]
            var (i, j) = (low, high)
            while i <= j {
                while self[i] < pivot { i += 1 }
                while self[j] > pivot { j -= 1 }
                guard i <= j else { break }
                swapAt(i, j)
                i += 1
                j -= 1
            }
            if rank <= j { high = j } else if rank >= i { low = i } else { break }
        }
        return self[rank]
    }

    /// The median, between the two in the middle of an even count. The buffer is reordered; it has at least one value.
    package mutating func selectMedian() -> Double {
        let middle = count / 2
        let upper = select(middle)
        guard count.isMultiple(of: 2) else { return upper }
        var lower = self[0]
        for index in 1..<middle { lower = Swift.max(lower, self[index]) }
        return (lower + upper) / 2
    }
}
