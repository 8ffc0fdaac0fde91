internal import Open311

extension Goal {
    /// Keys of an item of `goals`.
    static let keys: [Key<Self>] = [
        .scalar("service", \.service, .goalService),
        .scalar("measure", \.measure, .word(GoalMeasure.allCases, \.rawValue)),
        .scalar("target", \.target, .goalTarget),
    ]
}

extension Configuration {
    /// Whether each goal is of a service of the city's, and its target of its measure's sort.
    func checkGoals(_ catalog: ServiceCatalog, in reader: inout ConfigurationReader) {
        for (index, goal) in goals.enumerated() {
            let path = "goals[\(index)]"
            if let service = goal.service { checkService(service, catalog, at: "\(path).service", in: &reader) }
            if goal.measure.isShare != (goal.target <= 1) {
                let sort = goal.measure.isShare ? "a share such as 90%" : "a duration such as 4h"
                reader.report("\(path).target", "must be \(sort) for \(goal.measure.rawValue)")
            }
            let isSetBefore = goals[..<index].contains { ($0.service, $0.measure) == (goal.service, goal.measure) }
            if isSetBefore { reader.warn(path, "sets a goal that stands above already; both are shown") }
        }
    }
}

extension Syntax where Value == ServiceCode? {
    fileprivate static let goalService = Syntax(
        expected: "all, or a service's code such as \(ServiceCode.waterLeak.rawValue)",
        parse: { text in text == "all" ? .some(nil) : ServiceCode(rawValue: text).map { .some($0) } },
        show: { $0?.rawValue ?? "all" })
}

extension Syntax where Value == Double {
    /// A share of 0 to 1, written in per cent; or seconds, written as a duration.
    fileprivate static let goalTarget = Syntax(
        expected: "a share from 0% to 100%, or a duration from 2s to 366d",
        parse: { text in
            if text.hasSuffix("%") {
                return Double(text.dropLast()).flatMap { (0...100).contains($0) ? $0 / 100 : nil }
            }
            guard let seconds = DurationText.parse(text)?.components.seconds, (2...366 * 86_400).contains(seconds)
            else { return nil }
            return Double(seconds)
        },
        show: { value in
            guard value <= 1 else { return DurationText.string(.seconds(Int64(value))) }
            let percent = (value * 1e6).rounded() / 1e4
            return (Int(exactly: percent).map { "\($0)" } ?? "\(percent)") + "%"
        })
}
