public import Readings

/// Whether a confidence means what it says: of the incidents that were given 90 %, nine in ten should be real.
///
/// Judged at each incident's opening. An incident that comes again during one event is real; one of the wrong class is not;
/// what is not counted is left out.
///
/// - Source: reliability diagrams: Murphy & Winkler, Applied Statistics 26 (1977); Brier, Monthly Weather Review 78 (1950).
public struct ReliabilityTable: Sendable, Equatable {
    /// Incidents whose confidence lies in one range.
    public struct Row: Sendable, Equatable {
        public var from: Double
        public var to: Double
        public var incidents = 0
        public var real = 0
        fileprivate var sum = 0.0

        /// Mean of what was said, and the share that was real.
        public var said: Double { sum / Double(max(1, incidents)) }
        public var seen: Double { Double(real) / Double(max(1, incidents)) }
    }

    public private(set) var rows: [Row]
    /// Mean squared distance between what was said and what was: 0 is best, 0.25 is a coin's.
    public private(set) var brier = 0.0

    private static let bounds = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 1]

    /// - Parameter kind: only incidents of sensors of this kind; nil for all.
    public init(_ matchings: [Matching], kind: SensorKind? = nil) {
        rows = zip(Self.bounds, Self.bounds.dropFirst()).map { Row(from: $0, to: $1) }
        var count = 0
        for judged in matchings.flatMap(\.judged) {
            if let kind, judged.incident.kind != kind { continue }
            let isReal: Bool
            switch judged.verdict {
            case .hit, .duplicate: isReal = true
            case .falseAlarm, .wrongClass: isReal = false
            case .notCounted: continue
            }
            let confidence = judged.incident.confidence
            guard let place = rows.lastIndex(where: { $0.from <= confidence }) else { continue }
            rows[place].incidents += 1
            rows[place].real += isReal ? 1 : 0
            rows[place].sum += confidence
            count += 1
            brier += (confidence - (isReal ? 1 : 0)) * (confidence - (isReal ? 1 : 0))
        }
        brier /= Double(max(1, count))
    }

    public var incidents: Int { rows.reduce(0) { $0 + $1.incidents } }

    public func lines(_ name: String) -> [String] {
        var lines = ["\(name), confidence at opening    incidents   said   real"]
        for row in rows where row.incidents > 0 {
            let range = "  \(fixed(row.from, 2)) to \(fixed(row.to, 2))"
            let count = String(row.incidents)
            lines.append(
                range + String(repeating: " ", count: max(1, name.count + 32 - range.count - count.count)) + count
                    + "  " + fixed(row.said, 3) + "  " + fixed(row.seen, 3))
        }
        return lines + ["  Brier score \(fixed(brier, 4))"]
    }
}
