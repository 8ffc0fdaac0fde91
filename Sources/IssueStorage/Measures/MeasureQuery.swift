public import Open311

/// Which requests to measure, and by what to tell them apart.
public struct MeasureQuery: Sendable, Equatable {
    public enum Grouping: String, Sendable, CaseIterable { case ward, week }

    /// nil: all that have requests.
    public var services: [ServiceCode]?
    /// nil: all, and those without.
    public var wards: [String]?
    /// Raised from this moment on, in milliseconds since the Unix epoch.
    public var fromMs: Int64
    /// Raised before this moment.
    public var toMs: Int64
    /// nil: totals only.
    public var grouping: Grouping?
    /// What is open and was to be closed before this moment is late.
    public var nowMs: Int64

    public init(fromMs: Int64, toMs: Int64, nowMs: Int64) {
        (self.fromMs, self.toMs, self.nowMs) = (fromMs, toMs, nowMs)
    }
}

/// What the store says to a ``MeasureQuery``.
public struct MeasureReport: Sendable, Equatable {
    /// The figures of one service.
    public struct OfService: Sendable, Equatable {
        public var service: String
        public var total = MeasureSums()
        /// By ward, or by week; those without requests are absent. In the order of their keys.
        public var groups: [(key: Key, sums: MeasureSums)] = []
        /// By rule's name; rules of which nothing was reviewed are absent.
        public var findings: [DetectorFindings] = []

        /// Without requests.
        public init(service: String) { self.service = service }

        public static func == (a: Self, b: Self) -> Bool {
            a.service == b.service && a.total == b.total && a.findings == b.findings
                && a.groups.elementsEqual(b.groups) { $0.key == $1.key && $0.sums == $1.sums }
        }
    }

    public enum Key: Sendable, Hashable, Comparable {
        /// Empty for none.
        case ward(String)
        case week(ISOWeek)
    }

    /// When the first sensor was heard that serves a service (event time); of weeks before nothing can be said. Empty unless by
    /// week; services that no sensor serves are absent.
    public var listeningSinceMs: [String: Int64] = [:]
    /// When a service's first request was raised, whatever the query's wards and time frame: of weeks before it nothing is
    /// known where no sensor serves it. Empty unless by week.
    public var firstRequestMs: [String: Int64] = [:]
    /// By service code; services without requests are absent.
    public var services: [OfService] = []
    /// Requests that changed and are not counted yet: more than a few only after a migration.
    public var pending = 0

    public init() {}
}
