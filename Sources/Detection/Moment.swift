internal import Readings

/// A reading and what was active when it came.
struct Moment {
    let reading: Reading
    let active: RuleSet
    let accepted: RuleSet
    let view: ZoneView

    var atMs: Int64 { reading.observedAtMs }
    var value: Double { reading.value }
    var quantity: Quantity { reading.quantity }
    /// Whether a rule that speaks of the street is active.
    var isStreetActive: Bool { !active.isDisjoint(with: .street) }
    /// Whether nothing odd is to be seen, or only what a person has called usual.
    var isLearning: Bool { active.subtracting(accepted).isDisjoint(with: .street) }
}

extension RuleSet {
    static let street: RuleSet = Rule.allCases.reduce(into: []) { if !$1.isFault { $0.insert(RuleSet($1)) } }
}
