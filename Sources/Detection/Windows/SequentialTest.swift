public import Readings

/// Decides, value by value, between "nothing has changed" and "something has come that stays", and later whether it
/// has gone again.
///
/// Opening is Page's cumulative sum of standardised values, `S ← max(0, S + z − slack) ≥ limit`, or one value far out.
/// For independent standard normal values, slack 1 with limit 4 gives one false alarm in many thousand days, and a
/// shift of 2.5 is found in three to four. Clearing is the same sum turned round, against half of the size that has
/// been seen since: a large shift that ends clears with the first values, a small one needs as many as its opening did.
/// A size that has grown by a jump re-arms the test: a second shift on top of the first.
///
/// - Complexity: O(1). Memory: 80 bytes.
/// - Source: Page, Biometrika 41 (1954); the slack at half of the shift to be found: Moustakides, Annals of Statistics
///   14 (1986).
public struct SequentialTest: Sendable, Equatable, StateCodable, BitwiseCopyable {
    /// How the test is set; all in standard deviations.
    public struct Limits: Sendable, Equatable, BitwiseCopyable {
        /// Half of the smallest shift worth finding.
        public var slack = 1.0
        /// The sum that opens.
        public var limit = 5.0
        /// One value that opens by itself.
        public var atOnce = 4.5
        /// How far above the size two values must lie to be a second shift.
        public var rearms = 3.5
        /// Growth in a week below which a shift counts as settled.
        public var settles = 1.0
        /// The sum that clears, in standard deviations times days.
        public var clears = 3.0

        public init() {}
    }

    public let limits: Limits
    /// What speaks for a shift, and, while one is there, for its end.
    public private(set) var sum = 0.0, relief = 0.0
    /// The shift's size; meaningful while ``isOpen``.
    public private(set) var size = 0.0
    public private(set) var isOpen = false
    /// Days since it opened; every seventh, the size is compared with what it was.
    private var openDays = 0, checkedSize = 0.0, hasSettled = false
    /// What the size gains a day, and the last value.
    private var growth = 0.0, last = 0.0
    /// Whether the last value told of a second shift on top of the first. The next value starts anew.
    public private(set) var isRearmed = false

    public init(_ limits: Limits) { self.limits = limits }

    /// Whether the shift has lasted and has stopped growing: after `days`, and by less than one σ in a week.
    public func isSettled(after days: Int) -> Bool { isOpen && openDays >= days && hasSettled }

    /// Whether the shift has filled its window: what comes on top is another.
    public var isEstablished: Bool { isOpen && openDays > 3 }

    /// What is there now counts as a shift of its own, that begins today.
    public mutating func rearm() { (openDays, checkedSize, growth) = (0, size, 0) }

    /// Folds in the next independent value.
    public mutating func append(_ z: Double) {
        isRearmed = false
        guard isOpen else {
            sum = max(0, sum + min(max(z, -6), 6) - limits.slack)
            if sum >= limits.limit || z >= limits.atOnce { open(z) }
            return
        }
        openDays += 1
        if openDays % 7 == 0 {
            hasSettled = size - checkedSize < limits.settles
            checkedSize = size
        }
        // Two days in a row far above where the shift was going, once its own window has filled.
        let expected = size + growth
        let jump = expected + max(limits.rearms, size / 2)
        if isEstablished, min(z, last) >= jump {
            isRearmed = true
            (size, last) = (z, z)
            rearm()
        } else if z < jump || !isEstablished {
            // Follows a shift that grows; never below half, so that its end is not mistaken for a small one.
            let next = expected + 0.3 * (max(z, size / 2) - expected)
            if isEstablished { growth += 0.1 * (next - expected) }
            size = next
        }
        last = z
    }

    /// Looks at a value between the independent ones: only a far one counts, or one that speaks for the end.
    ///
    /// - Parameter days: Time since the last look.
    public mutating func look(_ z: Double, atOnce: Double, days: Double) {
        if isOpen {
            relief = max(0, relief + (size / 2 - z) * days)
            if relief >= limits.clears { reset() }
        } else if z >= atOnce {
            open(z)
        }
    }

    /// Back to nothing seen.
    public mutating func reset() { self = SequentialTest(limits) }

    private mutating func open(_ z: Double) {
        isOpen = true
        size = max(z, limits.slack + 0.5)
        last = z
    }

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&sum)
        coder.code(&relief)
        coder.code(&size)
        coder.code(&isOpen)
        coder.code(&openDays)
        coder.code(&checkedSize)
        coder.code(&hasSettled)
        coder.code(&growth)
        coder.code(&last)
        coder.code(&isRearmed)
    }
}
