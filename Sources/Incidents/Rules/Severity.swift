internal import Detection

// How grave a request is: 1 look at it some day, 2 this week, 3 today, 4 at once.
extension Verdict {
    /// The rule's severity, one higher when the incident is large of its kind.
    func severity(base: Int) -> Int { isLarge ? min(base + 1, 4) : base }

    private var isLarge: Bool {
        switch rule {
        // A half more than usual through a zone's inlet is a main, not a service pipe.
        case .burst, .nightFlow: observed > 1.5 * expected
        // Under a third of the usual speed nothing moves.
        case .congestion: observed < expected / 3
        // Rubbish lies beside it.
        case .binFull: observed >= 98
        default: false
        }
    }
}
