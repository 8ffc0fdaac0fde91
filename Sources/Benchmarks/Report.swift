internal import Foundation

/// Figures as people and machines read them.
struct Report: Codable {
    struct Section: Codable {
        var benchmark: String
        var figures: [Figure]
        /// Why nothing was measured.
        var skipped: String?
    }

    var machine = Machine()
    var command: String
    var rounds: Int
    var sections: [Section] = []

    /// One line for a terminal.
    static func line(_ figure: Figure) -> String {
        let value = Spread(figure.ours)
        var text = "  \(figure.name): \(number(value.median)) \(figure.unit)"
        if !figure.ratios.isEmpty, let reference = figure.reference {
            let ratio = Spread(figure.ratios)
            text +=
                ", \(number(ratio.median)) × \(reference.name) (\(number(ratio.least))–\(number(ratio.greatest)))"
        } else {
            text += " (\(number(value.least))–\(number(value.greatest)))"
        }
        if let met = figure.isMet, let goal = figure.goal {
            text += "; goal \(figure.better == .higher ? "≥" : "≤") \(number(goal.bound))"
            text += met ? ", met" : ", MISSED"
        }
        if let note = figure.note { text += "\n    \(note)" }
        return text
    }

    var markdown: String {
        var lines = [
            "# Benchmarks", "", "`\(command)`, \(rounds) rounds in turns, medians with the least and the greatest.", "",
            machine.markdown, "", "| figure | ours | reference | ratio | goal |", "|---|---|---|---|---|",
        ]
        for section in sections {
            if let reason = section.skipped { lines.append("| \(section.benchmark) | skipped: \(reason) | | | |") }
            for figure in section.figures { lines.append(Self.row(figure)) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ figure: Figure) -> String {
        let ours = Spread(figure.ours)
        let reference = figure.reference.map { "\(number(Spread($0.values).median)) (\($0.name))" } ?? "–"
        var ratio = "–"
        if !figure.ratios.isEmpty {
            let spread = Spread(figure.ratios)
            ratio = "\(number(spread.median)) (\(number(spread.least))–\(number(spread.greatest)))"
        }
        var goal = "–"
        if let wanted = figure.goal {
            let sign = figure.better == .higher ? "≥" : "≤"
            goal = "\(sign) \(number(wanted.bound)): \(figure.isMet.map { $0 ? "met" : "missed" } ?? "not measured")"
        }
        return "| \(figure.name) | \(number(ours.median)) \(figure.unit) | \(reference) | \(ratio) | \(goal) |"
    }

    /// Three digits that count.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        if value.magnitude >= 10_000 {
            return Int(value).formatted(.number.locale(Locale(identifier: "en_GB")))
        }
        let digits = max(0, 2 - Int(log10(value.magnitude).rounded(.down)))
        return String(format: "%.\(digits)f", value)
    }
}

/// On what it was measured.
struct Machine: Codable {
    var processor: String
    var cores: Int
    var kernel: String
    var swift: String
    var date: String

    init() {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        processor =
            model.flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? "unknown processor"
        cores = ProcessInfo.processInfo.activeProcessorCount
        kernel =
            (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        #if compiler(>=6.4)
            swift = "6.4 or later"
        #else
            swift = "6.3"
        #endif
        date = ISO8601DateFormatter().string(from: Date())
    }

    var markdown: String { "\(processor), \(cores) cores, Linux \(kernel), Swift \(swift), release, \(date)." }
}
