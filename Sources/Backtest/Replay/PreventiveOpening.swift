/// A request that was raised because a bin will be full, before it is: a forecast, and no incident yet.
public struct PreventiveOpening: Sendable, Equatable {
    public enum Ending: String, Sendable, CaseIterable {
        /// It got full all the same, and the request became the overflow's.
        case overflow
        /// It was emptied first.
        case prevented
    }

    public var sensorID: String
    /// When the replay knew.
    public var openedAtMs: Int64
    /// When the bin was forecast to be full.
    public var forecastMs: Int64
    /// How it ended and when; nil while open.
    public var ending: Ending?
    public var endedAtMs: Int64?

    public init(
        sensorID: String, openedAtMs: Int64, forecastMs: Int64, ending: Ending? = nil, endedAtMs: Int64? = nil
    ) {
        self.sensorID = sensorID
        self.openedAtMs = openedAtMs
        self.forecastMs = forecastMs
        self.ending = ending
        self.endedAtMs = endedAtMs
    }
}
