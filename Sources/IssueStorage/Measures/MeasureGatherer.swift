internal import Open311

/// Sums rows and facts by service, and by what was asked for.
struct MeasureGatherer {
    private let query: MeasureQuery
    private let services: Set<String>?
    private let wards: Set<String>?
    private var totals: [String: MeasureSums] = [:]
    private var groups: [String: [MeasureReport.Key: MeasureSums]] = [:]
    private var findings: [String: [DetectorFindings]] = [:]

    init(_ query: MeasureQuery) {
        self.query = query
        services = query.services.map { Set($0.map(\.rawValue)) }
        wards = query.wards.map(Set.init)
    }

    /// Whether requests like this were asked for.
    func wants(service: String, ward: String) -> Bool {
        wants(service: service) && wards?.contains(ward) ?? true
    }

    func wants(service: String) -> Bool { services?.contains(service) ?? true }

    mutating func add(service: String, ward: String, week: ISOWeek, _ add: (inout MeasureSums) throws -> Void) rethrows
    {
        // Only the finest sums: totals are those of the groups.
        switch query.grouping {
        case nil: try add(&totals[service, default: MeasureSums()])
        case .ward: try add(&groups[service, default: [:]][.ward(ward), default: MeasureSums()])
        case .week: try add(&groups[service, default: [:]][.week(week), default: MeasureSums()])
        }
    }

    /// Takes in findings, by service and within that by detector.
    mutating func add(service: String, detector: String, verdict: String, count: Int) {
        var known = findings[service] ?? []
        if known.last?.detector != detector { known.append(DetectorFindings(detector: detector)) }
        known[known.count - 1].add(verdict, count)
        findings[service] = known
    }

    func report(pending: Int) -> MeasureReport {
        var report = MeasureReport()
        report.pending = pending
        for service in Set(totals.keys).union(groups.keys).sorted() {
            var found = MeasureReport.OfService(service: service)
            if let total = totals[service] { found.total = total }
            found.groups = (groups[service] ?? [:]).map { (key: $0.key, sums: $0.value) }.sorted { $0.key < $1.key }
            for group in found.groups { found.total.add(group.sums) }
            found.findings = findings[service] ?? []
            report.services.append(found)
        }
        return report
    }
}
