/// What is known to have happened at one sensor: one interval of one event.
public struct Label: Sendable, Equatable {
    public enum Class: String, Sendable, Codable, CaseIterable {
        /// Must raise an incident of the street.
        case event
        /// Must raise an incident of the sensor, and none of the street.
        case fault
        /// Looks like an event and is none: an incident here is false.
        case benign
        /// Not scored: nobody can tell.
        case ignore
    }

    /// Its sensor's place in ``LabelledSet/sensors``.
    public var sensor: Int
    public var `class`: Class
    /// What it was: `leak_abrupt`, `overflow`, `stuck` …
    public var type: String
    /// Joins the labels of one event that several sensors see.
    public var eventID: String
    /// Event times, both included.
    public var startMs: Int64
    public var endMs: Int64
    /// How much before the start and after the end an incident still belongs to it, ms.
    public var preMs: Int64
    public var postMs: Int64
    /// Incidents this long after the end are not counted, ms: a street does not recover at once.
    public var graceAfterMs: Int64
    /// When the event as a whole began, which is what delays are counted from.
    public var eventStartMs: Int64
    /// Below the noise at this sensor: a hit is fine, a miss costs nothing.
    public var isOptional: Bool
    /// The window in which the Numenta Anomaly Benchmark wants the event found; both ends are readings.
    public var nabWindowMs: ClosedRange<Int64>?

    public init(
        sensor: Int, class: Class, type: String, eventID: String, startMs: Int64, endMs: Int64, preMs: Int64 = 0,
        postMs: Int64 = 0, graceAfterMs: Int64 = 0, eventStartMs: Int64? = nil, isOptional: Bool = false,
        nabWindowMs: ClosedRange<Int64>? = nil
    ) {
        self.sensor = sensor
        self.class = `class`
        self.type = type
        self.eventID = eventID
        self.startMs = startMs
        self.endMs = endMs
        self.preMs = preMs
        self.postMs = postMs
        self.graceAfterMs = graceAfterMs
        self.eventStartMs = eventStartMs ?? startMs
        self.isOptional = isOptional
        self.nabWindowMs = nabWindowMs
    }

    /// Whether an incident that opened then is one of this label.
    func covers(_ ms: Int64) -> Bool { startMs - preMs <= ms && ms <= endMs + postMs }

    /// Whether an incident that opened then falls into the time of recovery behind it.
    func excuses(_ ms: Int64) -> Bool { endMs < ms && ms <= endMs + graceAfterMs }
}
