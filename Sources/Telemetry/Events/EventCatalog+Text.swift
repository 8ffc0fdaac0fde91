internal import Logging

extension EventCatalog {
    /// The reference page, Markdown: what stands in deploy/reference/events.md.
    public static var markdown: String {
        var lines = [
            "# Events", "",
            "Every line that Sluice logs is one of these events. `sluice events --markdown` writes this page; a test holds it",
            "against the program. Fields in *italics* come with the part of the daemon that speaks.", "",
            "Every line has these fields:", "", "| field | |", "|---|---|",
        ]
        lines += lineFields.map { "| `\($0.name)` | \($0.meaning) |" }
        lines += ["", "| event | level | meaning | fields |", "|---|---|---|---|"]
        lines += events.map { event in
            let fields = event.fields.map { field in
                let name = field.isContext ? "*`\(field.name)`*" : "`\(field.name)`"
                return "\(name) (\(field.kind.rawValue)): \(field.meaning)"
            }
            let levels = event.levels.map(\.rawValue).joined(separator: ", ")
            return "| `\(event.name)` | \(levels) | \(event.meaning) | \(fields.joined(separator: "<br>")) |"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
