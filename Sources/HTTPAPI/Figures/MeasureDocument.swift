import IssueStorage
import Open311

/// What `/api/measures` answers.
struct MeasureDocument {
    private let search: MeasureSearch
    private let report: MeasureReport
    private let catalog: ServiceCatalog
    private let goals: [Goal]

    private typealias Field = GeoReportDocument.Field
    private typealias Node = GeoReportDocument.Node

    init(_ search: MeasureSearch, _ report: MeasureReport, catalog: ServiceCatalog, goals: [Goal]) {
        (self.search, self.report, self.catalog, self.goals) = (search, report, catalog, goals)
    }

    var document: GeoReportDocument {
        GeoReportDocument(
            root: "measures",
            content: .fields([
                Field("from", .time(ms: search.fromMs)),
                Field("to", .time(ms: search.toMs)),
                Field("by", search.grouping.map { .text($0.rawValue) } ?? .absent),
                Field("confidence", .number(0.95)),
                Field("pending", .integer(Int64(report.pending))),
                Field("services", .list(of: "service", search.services.map(service))),
            ]))
    }

    /// Services without requests are there, too: with zeros.
    private func service(_ code: ServiceCode) -> Node {
        let found =
            report.services.first { $0.service == code.rawValue } ?? MeasureReport.OfService(service: code.rawValue)
        return .fields([
            Field("service_code", .text(code.rawValue)),
            Field("service_name", .text(catalog.named(code).name)),
            Field("listening_since", .time(ifAny: report.listeningSinceMs[code.rawValue])),
            Field("first_request_at", .time(ifAny: report.firstRequestMs[code.rawValue])),
            Field("goals", .list(of: "goal", goals.filter { applies($0, to: code) }.map { goal($0, found.total) })),
            Field("total", figures(found.total, code)),
            Field("findings", .list(of: "finding", found.findings.map(findings))),
            Field("groups", .list(of: "group", groups(found, code))),
        ])
    }

    private func findings(_ found: DetectorFindings) -> Node {
        .fields([
            Field("detector", .text(found.detector)), Field("confirmed", .integer(Int64(found.confirmed))),
            Field("false_alarms", .integer(Int64(found.falseAlarms))), Field("fixed", .integer(Int64(found.fixed))),
        ])
    }

    private func groups(_ found: MeasureReport.OfService, _ code: ServiceCode) -> [Node] {
        let sums = Dictionary(uniqueKeysWithValues: found.groups.map { ($0.key, $0.sums) })
        switch search.grouping {
        case nil: return []
        case .ward:
            return found.groups.map { group in
                guard case .ward(let name) = group.key else { return .absent }
                return .fields([
                    Field("key", .text(name)), Field("from", .absent), Field("to", .absent),
                    Field("figures", figures(group.sums, code)),
                ])
            }
        case .week:
            let weeks = ISOWeek(containing: search.fromMs).number...ISOWeek(containing: search.toMs - 1).number
            return weeks.map { number in
                let week = ISOWeek(number: number)
                return .fields([
                    Field("key", .text(week.description)), Field("from", .time(ms: week.startMs)),
                    Field("to", .time(ms: week.endMs)),
                    Field("figures", figures(sums[.week(week)] ?? MeasureSums(), code)),
                ])
            }
        }
    }

    // MARK: - Goals

    /// Of two goals for one measure, one for the service itself replaces the one for all.
    private func applies(_ goal: Goal, to code: ServiceCode) -> Bool {
        if goal.measure == .emptiedInTime, code != .binFull { return false }
        if let service = goal.service { return service == code }
        return !goals.contains { $0.service == code && $0.measure == goal.measure }
    }

    private func goal(_ goal: Goal, _ sums: MeasureSums) -> Node {
        let figure = goal.measure.figure(sums)
        return .fields([
            Field("measure", .text(goal.measure.rawValue)),
            Field("name", .text(goal.measure.title)),
            Field("direction", .text(goal.measure.isFloor ? "at_least" : "at_most")),
            Field("target", .number(goal.target)),
            Field("unit", .text(goal.measure.isShare ? "share" : "seconds")),
            Field("value", .rounded(figure.value)),
            Field("low", .rounded(figure.interval?.lowerBound)),
            Field("high", .rounded(figure.interval?.upperBound)),
            Field("of", .integer(Int64(figure.of))),
            Field("waiting", .integer(Int64(goal.measure.waiting(sums)))),
            Field("status", .text(goal.standing(sums).rawValue)),
        ])
    }

    // MARK: - Figures

    private func figures(_ sums: MeasureSums, _ code: ServiceCode) -> Node {
        .fields([
            Field("requests", .integer(Int64(sums.requests))),
            Field("open", .integer(Int64(sums.open))),
            Field("closed", .integer(Int64(sums.requests - sums.open))),
            Field("by_people", .integer(Int64(sums.byPeople))),
            Field("detected_before_reported", share(sums.detectedBeforeReported)),
            Field("lead_time", span(sums.leadTime)),
            Field("time_to_acknowledge", span(sums.timeToAcknowledge)),
            Field("time_to_close", span(sums.timeToClose)),
            Field("on_time", share(sums.onTime)),
            Field("false_alarms", share(sums.falseAlarms)),
            Field("emptied_in_time", code == .binFull ? share(sums.emptiedInTime) : .absent),
            Field("saved", .list(of: "amount", SavedUnit.allCases.compactMap { saved($0, sums) })),
        ])
    }

    private func share(_ share: Share) -> Node {
        .fields([
            Field("count", .integer(Int64(share.count))), Field("of", .integer(Int64(share.of))),
            Field("share", .rounded(share.value)),
            Field("low", .rounded(share.interval?.lowerBound)),
            Field("high", .rounded(share.interval?.upperBound)),
        ])
    }

    private func span(_ median: SpanMedian) -> Node {
        .fields([
            Field("count", .integer(Int64(median.ended))),
            Field("waiting", .integer(Int64(median.waiting))),
            Field("median_s", .rounded(median.seconds)),
            Field("low_s", .rounded(median.interval?.lowerBound)),
            Field("high_s", .rounded(median.interval?.upperBound)),
        ])
    }

    private func saved(_ unit: SavedUnit, _ sums: MeasureSums) -> Node? {
        let (amount, requests) = sums.saved(unit)
        guard requests > 0 else { return nil }
        return .fields([
            Field("unit", .text(unit.name)), Field("value", .rounded(amount.value)),
            Field("low", .rounded(amount.low)), Field("high", .rounded(amount.high)),
            Field("requests", .integer(Int64(requests))),
        ])
    }
}

extension GeoReportDocument.Node {
    /// With as many digits as mean anything; absent for nil, and for what is beyond all numbers.
    static func rounded(_ value: Double?) -> Self {
        guard let value, value.isFinite else { return .absent }
        return .number((value * 10_000).rounded() / 10_000)
    }
}
