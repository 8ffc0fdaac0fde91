public import Open311

/// What a place's count says.
public struct Hotspot: Sendable, Equatable {
    /// Whether anything is claimed of the place.
    public enum Claim: String, Sendable {
        case tested
        /// Nothing listens there: that nothing is heard means nothing.
        case noCoverage = "no_coverage"
        /// It has been listened to for too short a time to know what is usual.
        case noHistory = "no_history"
    }

    public enum Trend: String, Sendable { case new, worse, steady, better }

    public var kind: PlaceKind
    /// The ward's name, or the cell's.
    public var place: String
    public var service: String
    public var count: Int
    /// In as many days before.
    public var previous: Int
    public var claim: Claim
    /// Sensors for this service that were heard there.
    public var sensors: Int
    /// Windows of history behind what is expected.
    public var basis = 0
    public var expected: Double?
    /// Where 95 of 100 such counts lie when nothing is out of the ordinary.
    public var expectedRange: ClosedRange<Int>?
    /// How likely at least such a count is when nothing is out of the ordinary.
    public var pValue: Double?
    /// The same, in view of how many places were looked at.
    public var qValue: Double?
    public var isHot = false
    /// nil when it neither is a hotspot nor was one.
    public var trend: Trend?
}

/// Where to look for hotspots, and in which days.
public struct HotspotQuery: Sendable, Equatable {
    /// nil: all that have requests.
    public var services: [ServiceCode]?
    public var kinds: [PlaceKind] = [.ward, .cell]
    /// The last so many days, today included; 1–91.
    public var days = 7
    /// The end, in milliseconds since the Unix epoch.
    public var toMs: Int64
    /// Of those that are called hotspots, so many may be expected not to be.
    public var falseDiscoveryRate = 0.05

    public init(toMs: Int64) { self.toMs = toMs }

    /// Where the first day begins.
    public var fromMs: Int64 { Int64(HotspotWindows(days: days, toMs: toMs).startDay(0)) * 86_400_000 }
}
