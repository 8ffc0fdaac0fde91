public import Detection
public import Open311

/// From which score on each rule may open, so that a department gets no more requests a day than it can take.
///
/// Reckoned from the scores of requests that were raised: of each rule the same share is kept, its highest scores. Rules of
/// one service measure in scales of their own, so that no score of one can be set against another's. What tells changes
/// only (silence) has no score to go by, and what is grave at once (a fire) is never cut: both count, and are kept.
///
/// - Complexity: O(n log n).
public struct AlarmBudget: Sendable, Equatable {
    /// A request that sensors raised.
    public struct Scored: Sendable, Equatable {
        /// The rule that opened it, and the highest score that it came to.
        public var rule: Rule
        public var score: Double
        /// What staff found.
        public var verdict: StaffVerdict

        public init(rule: Rule, score: Double, verdict: StaffVerdict = .unreviewed) {
            (self.rule, self.score, self.verdict) = (rule, score, verdict)
        }
    }

    /// What becomes of one rule's requests.
    public struct Line: Sendable, Equatable {
        public var rule: Rule
        public var requests: Int
        public var kept: Int
        /// For `rules.<name>.least_score`; 0 keeps all, nil for what is not cut.
        public var leastScore: Double?
        /// Of those that would not have been raised: found to be real, and found to be false.
        public var realLost: Int
        public var falseLost: Int
    }

    /// By rule, in the order of their numbers.
    public let lines: [Line]
    public var requests: Int { lines.reduce(0) { $0 + $1.requests } }
    public var kept: Int { lines.reduce(0) { $0 + $1.kept } }

    /// - Parameters:
    ///   - found: requests of one service.
    ///   - days: in how many days they were raised; above 0.
    ///   - perDay: how many a day can be taken.
    public init(_ found: [Scored], days: Double, perDay: Double) {
        precondition(days > 0 && perDay >= 0, "a budget needs days and must not be negative: \(days), \(perDay)")
        let fixed = found.count { !$0.rule.isCut }
        let free = Double(found.count - fixed)
        let share = free > 0 ? min(1, max(0, perDay * days - Double(fixed)) / free) : 1
        lines = Rule.allCases.compactMap { rule in
            let own = found.filter { $0.rule == rule }
            return own.isEmpty ? nil : Self.line(rule, own, share: share)
        }
    }

    private static func line(_ rule: Rule, _ found: [Scored], share: Double) -> Line {
        let scores = found.map(\.score).sorted(by: >)
        // A thousandth more than the share, so that a third of three is one.
        let most = Int(Double(scores.count) * share + 1e-3)
        guard rule.isCut, most < scores.count else {
            return Line(
                rule: rule, requests: scores.count, kept: scores.count, leastScore: rule.isCut ? 0 : nil, realLost: 0,
                falseLost: 0)
        }
        let least = threshold(scores, keeping: most)
        let lost = found.filter { $0.score < least }
        return Line(
            rule: rule, requests: scores.count, kept: scores.count - lost.count, leastScore: least,
            realLost: lost.count { $0.verdict == .confirmed || $0.verdict == .fixed },
            falseLost: lost.count { $0.verdict == .falseAlarm })
    }

    /// Half-way between the last score that is kept and the first that is not; of equal ones all or none are kept.
    private static func threshold(_ scores: [Double], keeping most: Int) -> Double {
        let first = scores[most]
        guard let last = scores[..<most].last(where: { $0 > first }) else {
            // Nothing lies above: twice the highest is out of reach of what was seen.
            return max(2 * first, 1)
        }
        return rounded(between: first, and: last)
    }

    /// The shortest decimal above `low` and not above `high`.
    private static func rounded(between low: Double, and high: Double) -> Double {
        let middle = low + (high - low) / 2
        var scale = 1.0
        for _ in 0..<9 {
            let short = (middle * scale).rounded() / scale
            if short > low, short <= high { return short }
            scale *= 10
        }
        return high
    }
}

extension Rule {
    /// Whether a budget may leave some of its incidents out.
    fileprivate var isCut: Bool { !tellsChangesOnly && severity < 4 }
}
