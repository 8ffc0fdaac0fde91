import Readings

/// Finds values that physics rules out, three in a row.
///
/// - Complexity: O(1). Memory: 16 bytes.
struct ImplausibleDetector: Sendable, Equatable, StateCodable {
    private let quantity: Quantity
    private var count: Int32 = 0
    private var sinceMs: Int64 = 0

    init(_ quantity: Quantity) { self.quantity = quantity }

    /// Values that are possible, in the quantity's unit.
    private var possible: ClosedRange<Double> { Self.possible(quantity) }

    func isPossible(_ value: Double) -> Bool { possible.contains(value) }

    /// Folds in a value; `isContradicted`: another quantity of the same moment rules it out.
    mutating func observe(_ value: Double, atMs: Int64, isContradicted: Bool = false) -> Finding {
        let isOff = isContradicted || !isPossible(value)
        if isOff, count == 0 { sinceMs = atMs }
        count = isOff ? min(count + 1, 1_000_000) : 0
        let possible = self.possible
        let nearest = min(max(value, possible.lowerBound), possible.upperBound)
        return Finding(
            condition: count >= 3 ? .abnormal : count > 0 ? .between : .normal, onsetMs: count > 0 ? sinceMs : atMs,
            score: Double(count), observed: value, expected: nearest, threshold: nearest)
    }

    static func possible(_ quantity: Quantity) -> ClosedRange<Double> {
        switch quantity {
        case .flow: -5_000...50_000  // a trunk main of 2 m at 4 m/s; reversed where zones feed each other
        case .pressure: -10.4...250  // below a vacuum there is nothing; PN 25 pipes end at 250 m
        case .noise: -20...160
        case .meterFlow: -1_000...250_000  // ISO 4064 Q₄ of a DN 150 meter
        case .wetness, .tilt: 0...1
        case .vehicleFlow: 0...40_000  // sixteen lanes of 2 400 veh/h (Highway Capacity Manual), rounded up
        case .occupancy, .battery: 0...100
        case .speed: 0...300
        case .fill: -5...110  // heaped above the brim
        case .temperature: -60...400  // a burning bin is hot
        case .volume: 0...1e9
        case .generic, .vehicleFlowPart, .speedPart: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
        }
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&count)
        coder.code(&sinceMs)
    }
}
