public import Detection
public import Incidents
public import Open311
public import Readings

/// Why a request exists: what decided each of its steps, and the readings around them.
public struct RequestEvidence: Sendable {
    public var requestID: Int64
    /// In order; never empty. The first is the opening.
    public var marks: [EvidenceMark]
    /// The one that the request speaks of comes first; at most eight.
    public var sensors: [SensorEvidence]
    /// Event times between which readings belong to it. Up to the last one seen while it is open.
    public var fromMs: Int64
    public var toMs: Int64

    /// One sensor's part.
    public struct SensorEvidence: Sendable {
        public var sensorID: String
        public var address: String?
        public var quantity: Quantity
        public var rule: Rule
        /// Whether its incident is firing.
        public var isFiring: Bool
        /// Event times.
        public var sinceMs: Int64
        public var untilMs: Int64?
        public var threshold: Double
        public var readings: [HistoryReading]
        /// What was usual, as its latest marks say.
        public var usual: [Usual]
    }

    /// What was usual at an instant: level, band (nine of ten), and where the rule would have fired.
    public struct Usual: Sendable, Equatable {
        public var atMs: Int64
        public var level: Double
        public var low: Double
        public var high: Double
        public var threshold: Double?
    }

    /// The mark that the request was opened by.
    public var opening: EvidenceMark { marks[0] }
    /// What the request speaks of: the latest mark by its own rule, closings apart, in the quantity that is shown first. Whoever
    /// joined it may go by another rule, and measure something else.
    public func mark(of request: ServiceRequest) -> EvidenceMark {
        let decided = marks.filter { $0.event != .closed }
        let shown = sensors.first?.quantity
        let own = decided.last {
            $0.verdict.rule.name == request.detector && $0.verdict.quantity == shown ?? $0.verdict.quantity
        }
        return own ?? decided.last ?? marks[0]
    }
    /// The latest closing, if nothing came after it.
    public var closing: EvidenceMark? { marks.last.flatMap { $0.event == .closed ? $0 : nil } }
}

extension RequestEvidence {
    /// The marks' baselines one behind the other; where two speak of one time, the later.
    ///
    /// The threshold lies as far from the usual as it did when the rule fired: a flow's follows the time of week.
    static func usual(_ marks: [EvidenceMark]) -> [Usual] {
        var points: [Usual] = []
        for mark in marks {
            guard let baseline = mark.baseline else { continue }
            let distance = mark.verdict.threshold - mark.verdict.expected
            // A mark corrects what was said of the time from itself on; of the time before it the earlier one knows more.
            let from = points.isEmpty ? Int64.min : mark.verdict.onsetMs
            points.removeAll { $0.atMs >= max(from, baseline.startMs) }
            for index in baseline.levels.indices {
                let atMs = baseline.startMs + Int64(index) * baseline.stepMs
                guard atMs >= from else { continue }
                let level = Double(baseline.levels[index])
                points.append(
                    Usual(
                        atMs: atMs, level: level, low: Double(baseline.lows[index]),
                        high: Double(baseline.highs[index]), threshold: distance.isFinite ? level + distance : nil))
            }
        }
        return points
    }
}
