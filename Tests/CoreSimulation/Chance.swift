/// Everything that is left to chance, from one seed.
///
/// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        // Neighbouring seeds shall not begin alike.
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of the range. The bias of the remainder is far below what a simulation could notice.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// True in `percent` of a hundred cases.
    mutating func happens(_ percent: Int) -> Bool { number(0...99) < percent }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

    /// The index of one weight, chosen in proportion to it.
    ///
    /// - Precondition: one of them is above 0.
    mutating func choice(among weights: [Int]) -> Int {
        var left = number(0...weights.reduce(0, +) - 1)
        for (index, weight) in weights.enumerated() {
            if left < weight { return index }
            left -= weight
        }
        preconditionFailure("no weight is above 0: \(weights)")
    }
}
