internal import TimeBase

/// How finely a stretch of history is kept. Stored; never renumber.
enum HistoryTier: Int64, CaseIterable {
    case raw = 0
    case minutes = 1
    case hours = 2
    case days = 3

    /// What a damaged chunk's tier is lowered by: nobody looks for it there, and nothing is deleted.
    static let setAside = 16

    /// Milliseconds of one bucket; 1 for readings, which stand at their own time.
    var widthMs: Int64 {
        switch self {
        case .raw: 1
        case .minutes: 60_000
        case .hours: 3_600_000
        case .days: 86_400_000
        }
    }

    /// What its oldest entries become, or nil when they go.
    var coarser: HistoryTier? { HistoryTier(rawValue: rawValue + 1) }

    /// Its row in table `progress`: the time from which on this tier is kept.
    var task: Int64 { rawValue + 2 }

    /// As a metric's label and in the log.
    var name: String {
        switch self {
        case .raw: "raw"
        case .minutes: "minutes"
        case .hours: "hours"
        case .days: "days"
        }
    }

    /// The start of the bucket that holds `ms`.
    func start(of ms: Int64) -> Int64 { ms.roundedDown(toMultipleOf: widthMs) }
}

extension Int64 {
    /// The greatest multiple of `width` that is not above, also below 0; the least number there is, if that lies outside.
    func roundedDown(toMultipleOf width: Int64) -> Int64 {
        let (start, isOutside) = subtractingReportingOverflow(floorModulo(self, width))
        return isOutside ? .min : start
    }
}
