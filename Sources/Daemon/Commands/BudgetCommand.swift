internal import ArgumentParser
internal import Detection
internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Open311

/// `sluice budget`: which thresholds keep to what a department can take.
struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget",
        abstract: "Find the scores from which on rules may open, so that a department gets no more than it can take.",
        discussion: """
            Looks at the scores of the requests that were raised lately, keeps of each rule the same share with the highest
            scores, and prints what to write into the configuration. What is silent, or on fire, is never cut. It changes
            nothing by itself. Scores below the thresholds in force have not been seen: it can only make rules stricter.

            Examples:
              sluice budget --service water-leak --per-day 3
              sluice budget --service traffic-anomaly --per-day 20 --days 60 --json
            """)

    @OptionGroup var data: DataOptions

    @Option(help: "The service: water-leak, traffic-anomaly, bin-full or sensor-fault.")
    var service: ServiceCode

    @Option(help: "Requests a day that can be taken.")
    var perDay: Double

    @Option(help: "How many days of requests to look at, back from the newest.")
    var days = 30

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        guard perDay >= 0, perDay.isFinite else {
            throw ValidationError("--per-day must be 0 or more, found \(perDay)")
        }
        guard (1...3660).contains(days) else { throw ValidationError("--days must be 1–3660, found \(days)") }
    }

    func run() async throws {
        try await Failure.report {
            let found = try await data.reader().scores(of: service, fromMs: 0, toMs: .max)
            guard let newest = found.last?.raisedAtMs else {
                throw Failure("no sensor has raised a request of \(service.rawValue) yet", .noInput)
            }
            let recent = found.filter { $0.raisedAtMs > newest - Int64(days) * 86_400_000 }
            // A store that is younger than that has seen fewer days; at least one.
            let seen = Double(newest - (recent.first?.raisedAtMs ?? newest)) / 86_400_000
            let span = found.count > recent.count ? Double(days) : max(1, seen)
            let budget = AlarmBudget(recent.map(\.request), days: span, perDay: perDay)
            if json { try say(budget, span) } else { lines(budget, span).forEach(Terminal.say) }
        }
    }

    private func lines(_ budget: AlarmBudget, _ span: Double) -> [String] {
        let rate = { (count: Int) in String(format: "%.1f", Double(count) / span) }
        var lines = [
            "\(service.rawValue): \(budget.requests) requests in \(String(format: "%.0f", span)) days, "
                + "\(rate(budget.requests)) a day; with a budget of \(Self.short(perDay)) a day \(budget.kept) are left, "
                + "\(rate(budget.kept)) a day."
        ]
        for line in budget.lines {
            let cut =
                switch line.leastScore {
                case nil: "never cut"
                case 0?: "all of them"
                case let score?: "from score \(Self.short(score))"
                }
            var text = "  \(line.rule.name): \(line.kept) of \(line.requests), \(cut)"
            if line.realLost + line.falseLost > 0 {
                text += "; of those left out staff had found \(line.realLost) real and \(line.falseLost) false"
            }
            lines.append(text)
        }
        let changed = budget.lines.filter { ($0.leastScore ?? 0) > 0 }
        guard !changed.isEmpty else { return lines + ["Nothing needs to be changed."] }
        lines += ["", "rules:"]
        for line in changed { lines.append("  \(line.rule.name): {least_score: \(Self.short(line.leastScore ?? 0))}") }
        return lines
    }

    private static func short(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? String(value)
    }

    private func say(_ budget: AlarmBudget, _ span: Double) throws {
        let rules = budget.lines.map { line -> [String: Any] in
            [
                "rule": line.rule.name, "requests": line.requests, "kept": line.kept,
                "least_score": line.leastScore.map { $0 as Any } ?? NSNull(), "real_lost": line.realLost,
                "false_lost": line.falseLost,
            ]
        }
        let document: [String: Any] = [
            "service": service.rawValue, "days": span, "per_day": perDay, "requests": budget.requests,
            "kept": budget.kept, "rules": rules,
        ]
        let bytes = try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys])
        Terminal.say(String(decoding: bytes, as: UTF8.self))
    }
}
