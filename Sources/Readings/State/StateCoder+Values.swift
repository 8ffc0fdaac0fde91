// Single values. What is generic is inlinable, so that it is specialized where the types are known: it halves the time.
extension StateCoder {
    public mutating func code(_ value: inout UInt64) {
        if isReading { value = readVarint() ?? value } else { writeVarint(value) }
    }

    public mutating func code(_ value: inout Int64) {
        if isReading { value = readVarint().map(Self.unfolded) ?? value } else { writeVarint(Self.folded(value)) }
    }

    /// A whole number that must lie in `range`.
    public mutating func code(_ value: inout Int, in range: ClosedRange<Int> = Int.min...Int.max) {
        var wide = Int64(value)
        code(&wide)
        guard isReading, problem == nil else { return }
        require(range.contains(Int(wide)), .badValue, "a number of \(range.lowerBound) to \(range.upperBound)")
        if problem == nil { value = Int(wide) }
    }

    public mutating func code(_ value: inout Int32) { codeNarrow(&value) }
    public mutating func code(_ value: inout UInt32) { codeNarrow(&value) }
    public mutating func code(_ value: inout UInt8) { codeNarrow(&value) }

    private mutating func codeNarrow<Number: FixedWidthInteger>(_ value: inout Number) {
        var wide = Int64(value)
        code(&wide)
        guard isReading, problem == nil else { return }
        require(Number(exactly: wide) != nil, .badValue, "a number of \(Number.bitWidth) bits")
        if problem == nil { value = Number(truncatingIfNeeded: wide) }
    }

    public mutating func code(_ value: inout Int128) {
        var (low, high) = (UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64))
        // Small numbers of either sign have a high word of zeros or ones.
        var isSmall = value >= 0 && high == 0
        code(&isSmall)
        code(&low)
        if isSmall { high = 0 } else { code(&high) }
        if problem == nil { value = Int128(truncatingIfNeeded: high) << 64 | Int128(low) }
    }

    public mutating func code(_ value: inout Bool) {
        var byte: UInt64 = value ? 1 : 0
        code(&byte)
        guard isReading else { return }
        require(byte <= 1, .badValue, "yes or no")
        if problem == nil { value = byte == 1 }
    }

    public mutating func code(_ value: inout Double) {
        if isReading { value = readRaw().map(Double.init(bitPattern:)) ?? value } else { writeRaw(value.bitPattern) }
    }

    public mutating func code(_ value: inout SIMD4<Double>) {
        for lane in 0..<4 { code(&value[lane]) }
    }

    /// An enumeration by its raw number.
    @inlinable public mutating func code<Case: RawRepresentable<UInt8>>(_ value: inout Case) {
        var raw = value.rawValue
        code(&raw)
        guard isReading, problem == nil else { return }
        let found = Case(rawValue: raw)
        require(found != nil, .badValue, "\(Case.self)")
        value = found ?? value
    }

    public mutating func code(_ value: inout String) {
        guard isReading else {
            writeVarint(UInt64(value.utf8.count))
            reserve(value.utf8.count)
            buffer.replaceSubrange(position..<(position + value.utf8.count), with: value.utf8)
            position += value.utf8.count
            return
        }
        guard let count = readVarint(), let at = take(Int(clamping: count), "a text") else { return }
        guard let text = String(validating: buffer[at..<(at + Int(count))], as: UTF8.self) else {
            return fail(.badValue, "a text")
        }
        value = text
    }

    @inlinable public mutating func code(_ value: inout some StateCodable) { value.code(&self) }

    // MARK: Values that may be missing

    /// A value that may be missing; `fresh` is what a saved one is read into.
    @inlinable public mutating func code<Value>(
        _ value: inout Value?, fresh: @autoclosure () -> Value, _ body: (inout StateCoder, inout Value) -> Void
    ) {
        var isThere = value != nil
        code(&isThere)
        guard problem == nil else { return }
        guard isThere else {
            value = nil
            return
        }
        var inner = isReading ? fresh() : value ?? fresh()
        body(&self, &inner)
        if isReading, problem == nil { value = inner }
    }

    public mutating func code(_ value: inout Int64?) { code(&value, fresh: 0) { $0.code(&$1) } }
    public mutating func code(_ value: inout Double?) { code(&value, fresh: 0) { $0.code(&$1) } }
    public mutating func code(_ value: inout String?) { code(&value, fresh: "") { $0.code(&$1) } }

    @inlinable public mutating func code<Part: StateCodable>(_ part: inout Part?, fresh: @autoclosure () -> Part) {
        code(&part, fresh: fresh()) { $1.code(&$0) }
    }

    /// A part that comes into being when it is first needed, kept in an array of none or one.
    @inlinable public mutating func code<Part: StateCodable>(_ parts: inout [Part], fresh: @autoclosure () -> Part) {
        var isThere = !parts.isEmpty
        code(&isThere)
        guard problem == nil else { return }
        if isReading { parts = isThere ? [fresh()] : [] }
        if isThere { parts[0].code(&self) }
    }
}
