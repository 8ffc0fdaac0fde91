/// What the usual number of a field needs to become a measurement. Bitwise-copyable: a ``FieldPlan`` costs a counted reference for
/// each measurement, a tenth of the time that a message of four takes.
struct FieldCore: Sendable, BitwiseCopyable {
    let quantity: Quantity
    let ageMs: Int64
    /// Bytes of the field's path.
    let pathCount: Int
    /// Whether the sensor's id is the message's own.
    let isWhole: Bool
    /// Whether any number of a possible size will do: no distance, no contact.
    private let isFree: Bool
    private let conversion: MeasurementUnit.Conversion
    /// What most messages state where they state a unit, the field's own: keys of its symbols.
    private let ownSymbols: InlineArray<4, UInt64>
    private let ownConversion: MeasurementUnit.Conversion

    init(
        quantity: Quantity, ageMs: Int64, pathCount: Int, isWhole: Bool, isFree: Bool,
        conversion: MeasurementUnit.Conversion, own: MeasurementUnit, ownConversion: MeasurementUnit.Conversion?
    ) {
        (self.quantity, self.ageMs, self.pathCount) = (quantity, ageMs, pathCount)
        (self.isWhole, self.isFree, self.conversion) = (isWhole, isFree, conversion)
        var symbols = InlineArray<4, UInt64>(repeating: 0)
        if ownConversion != nil {
            for (index, symbol) in own.symbols.prefix(4).enumerated() {
                let bytes = Array(symbol.utf8)
                symbols[index] = Self.key(bytes.span)
            }
        }
        (ownSymbols, self.ownConversion) = (symbols, ownConversion ?? .identity)
    }

    /// The number in the quantity's unit. Nil where anything is odd about it: then ``FieldPlan`` says what, or reads it after all.
    @inline(__always)
    func value(_ number: Double) -> Double? { judge(conversion(number)) }

    /// The same for a number with a unit of its own; empty: none is stated.
    @inline(__always)
    func value(_ number: Double, stated symbol: borrowing Span<UInt8>) -> Double? {
        if symbol.isEmpty || quantity == .generic { return value(number) }
        let key = Self.key(symbol)
        if key == 0 { return nil }
        for index in ownSymbols.indices where ownSymbols[index] == key { return judge(ownConversion(number)) }
        return nil
    }

    /// NaN lies nowhere.
    @inline(__always)
    private func judge(_ converted: Double) -> Double? { isFree && converted.magnitude <= 1e12 ? converted : nil }

    /// A symbol of at most seven bytes and its length in one word; 0 for any other.
    @inline(__always)
    private static func key(_ symbol: borrowing Span<UInt8>) -> UInt64 {
        symbol.count < 8 ? symbol.lastWord(from: 0) | UInt64(symbol.count) << 56 : 0
    }
}
