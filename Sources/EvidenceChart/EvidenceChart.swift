public import Detection

/// What a chart of a request's evidence shows: the readings, what is usual, where the rule fires, and when it did.
///
/// A plain value; ``png(width:)`` draws it.
public struct EvidenceChart: Sendable {
    /// A reading: event time and value.
    public struct Point: Sendable, Equatable {
        public var atMs: Int64
        public var value: Double

        public init(atMs: Int64, value: Double) { (self.atMs, self.value) = (atMs, value) }
    }

    /// What was usual at an instant, and where the rule would fire.
    public struct Usual: Sendable, Equatable {
        public var atMs: Int64
        public var level: Double
        public var low: Double
        public var high: Double
        public var threshold: Double?

        public init(atMs: Int64, level: Double, low: Double, high: Double, threshold: Double? = nil) {
            (self.atMs, self.level, self.low, self.high) = (atMs, level, low, high)
            self.threshold = threshold
        }
    }

    /// An instant that is marked, with a word or two beside it.
    public struct Moment: Sendable, Equatable {
        public enum Kind: Sendable { case opened, changed, closed }

        public var atMs: Int64
        public var kind: Kind
        public var label: String

        public init(atMs: Int64, kind: Kind, label: String) { (self.atMs, self.kind, self.label) = (atMs, kind, label) }
    }

    /// When the trouble is expected, and the bounds of that.
    public struct Forecast: Sendable, Equatable {
        public var atMs: Int64
        public var lowMs: Int64
        public var highMs: Int64
        public var label: String

        public init(atMs: Int64, lowMs: Int64, highMs: Int64, label: String) {
            (self.atMs, self.lowMs, self.highMs, self.label) = (atMs, lowMs, highMs, label)
        }
    }

    /// What and where, in words.
    public var title = ""
    /// What was seen, in a sentence or two.
    public var subtitle = ""
    /// The quantity and its unit: `Flow, m³/h`.
    public var axis = ""
    /// Whose readings they are, for the legend.
    public var sensor = ""
    /// The rule and the request, at the foot.
    public var footnote = ""
    /// Event times between which it is drawn.
    public var fromMs: Int64
    public var toMs: Int64
    public var readings: [Point] = []
    /// Other sensors that agree, in the same quantity, and how many there are.
    public var others: [[Point]] = []
    public var usual: [Usual] = []
    /// Where the rule fires, if that does not change with the time of week.
    public var threshold: Double?
    /// Whether a threshold is where a mean opens at once, of a rule that adds small excesses up.
    public var isThresholdOfMeans = false
    public var moments: [Moment] = []
    public var forecast: Forecast?
    /// The clock of the axis, and its name: `Europe/London`.
    public var zone: ZoneTable
    public var zoneName: String

    /// `Fri 1 May 02:10`, by the clock of the axis.
    public func timeLabel(_ ms: Int64) -> String { TimeAxis.moment(ms, zone) }

    public init(fromMs: Int64, toMs: Int64, zone: ZoneTable = .utc, zoneName: String = "UTC") {
        (self.fromMs, self.toMs) = (fromMs, max(toMs, fromMs + 60_000))
        (self.zone, self.zoneName) = (zone, zoneName)
    }
}
