// Arrays of numbers. Their lengths follow from configuration or from a list's own count, which is checked before anything
// is allocated: no saved length is believed.
extension StateCoder {
    /// Times and other numbers that lie near each other: each as its distance from the one before.
    public mutating func code(_ values: inout [Int64]) {
        guard codeLength(values.count) else { return }
        var before: Int64 = 0
        if !isReading {
            reserve(values.count * Self.longestVarint)
            for value in values {
                writeVarint(Self.folded(value &- before))
                before = value
            }
            return
        }
        for index in values.indices {
            guard let step = readVarint() else { return }
            before = before &+ Self.unfolded(step)
            values[index] = before
        }
    }

    public mutating func code(_ values: inout [Int]) {
        var wide = values.map { Int64($0) }
        code(&wide)
        if isReading, problem == nil { values = wide.map { Int($0) } }
    }

    public mutating func code(_ values: inout [Double]) { codeRaw(&values) }
    public mutating func code(_ values: inout [Float]) { codeRaw(&values) }
    public mutating func code(_ values: inout [SIMD4<Float>]) { codeRaw(&values) }
    public mutating func code(_ values: inout [UInt16]) { codeRaw(&values) }
    public mutating func code(_ values: inout [UInt8]) { codeRaw(&values) }

    /// The first `count` of the array.
    public mutating func code(_ values: inout [Double], first count: Int) {
        require(count >= 0 && count <= values.count, .otherLength, "a list of numbers")
        guard problem == nil else { return }
        for index in 0..<count { code(&values[index]) }
    }

    /// How many elements a list has, to be written or read one after the other.
    ///
    /// - Parameter leastBytes: what one element takes at least, so that a wrong count is found before anything is made.
    public mutating func codeCount(_ count: Int, leastBytes: Int = 1) -> Int {
        var stated = UInt64(count)
        code(&stated)
        guard isReading else { return count }
        require(problem == nil && stated <= UInt64(remaining / leastBytes), .truncated, "a list")
        return problem == nil ? Int(stated) : 0
    }

    /// Writes an array's length, or checks that the saved one is the same.
    private mutating func codeLength(_ count: Int) -> Bool {
        var stated = UInt64(count)
        code(&stated)
        if problem == nil { require(stated == UInt64(count), .otherLength, "a window") }
        return problem == nil
    }

    /// Numbers without padding, as they stand in memory: this is meant for little-endian machines, as all that Swift runs
    /// on are.
    private mutating func codeRaw<Number: BitwiseCopyable>(_ values: inout [Number]) {
        guard codeLength(values.count) else { return }
        guard isReading else {
            reserve(values.count * MemoryLayout<Number>.stride)
            unsafe values.withUnsafeBytes { numbers in
                unsafe buffer.withUnsafeMutableBytes {
                    unsafe $0[position..<(position + numbers.count)].copyBytes(from: numbers)
                }
                position += numbers.count
            }
            return
        }
        let size = values.count * MemoryLayout<Number>.stride
        guard let at = take(size, "a window") else { return }
        // `take` has made sure that these bytes are there, and every bit pattern is a number.
        unsafe buffer.withUnsafeBytes { saved in
            unsafe values.withUnsafeMutableBytes {
                unsafe $0.copyMemory(from: .init(rebasing: saved[at..<(at + size)]))
            }
        }
    }
}
