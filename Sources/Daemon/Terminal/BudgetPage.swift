internal import Detection
internal import Foundation
internal import Incidents
internal import Open311

/// What `sluice budget` shows.
struct BudgetPage {
    let service: ServiceCode
    let budget: AlarmBudget
    /// In how many days the requests were raised.
    let days: Double
    let perDay: Double

    var lines: [String] {
        var lines = [
            "\(service.rawValue): \(budget.requests) request\(budget.requests == 1 ? "" : "s") in "
                + "\(days == 1 ? "a day" : String(format: "%.0f days", days)), "
                + "\(rate(budget.requests)) a day; with a budget of \(Self.short(perDay)) a day \(budget.kept) are left, "
                + "\(rate(budget.kept)) a day."
        ]
        lines += budget.lines.map(Self.line)
        let changed = budget.lines.filter { ($0.leastScore ?? 0) > 0 }
        guard !changed.isEmpty else { return lines + ["Nothing needs to be changed."] }
        lines += ["", "rules:"]
        for line in changed { lines.append("  \(line.rule.name): {least_score: \(Self.short(line.leastScore ?? 0))}") }
        return lines
    }

    private func rate(_ count: Int) -> String { String(format: "%.1f", Double(count) / days) }

    private static func line(_ line: AlarmBudget.Line) -> String {
        let cut =
            switch line.leastScore {
            case nil: "never cut"
            case 0?: "all of them"
            case let score?: "from score \(short(score))"
            }
        var text = "  \(line.rule.name): \(line.kept) of \(line.requests), \(cut)"
        if line.realLost + line.falseLost > 0 {
            text += "; of those left out staff had found \(line.realLost) real and \(line.falseLost) false"
        }
        return text
    }

    private static func short(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? String(value)
    }

    var json: String {
        get throws {
            let rules = budget.lines.map { line -> [String: Any] in
                [
                    "rule": line.rule.name, "requests": line.requests, "kept": line.kept,
                    "least_score": line.leastScore.map { $0 as Any } ?? NSNull(), "real_lost": line.realLost,
                    "false_lost": line.falseLost,
                ]
            }
            let document: [String: Any] = [
                "service": service.rawValue, "days": days, "per_day": perDay, "requests": budget.requests,
                "kept": budget.kept, "rules": rules,
            ]
            return String(
                decoding: try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys]), as: UTF8.self)
        }
    }
}
