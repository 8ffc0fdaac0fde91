internal import ArgumentParser

/// `sluice metrics`: the catalogue of what `/metrics` shows.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "List every metric that /metrics shows.",
        discussion: "Examples:\n  sluice metrics sluice_mqtt\n  sluice metrics --markdown > metrics.md")

    @Argument(help: "Only metrics whose names begin so.")
    var name: String?

    @Flag(help: "The reference page.")
    var markdown = false

    func run() async throws {
        try await Failure.report {
            guard !markdown else {
                Terminal.write(MetricCatalog.markdown, to: 1)
                return
            }
            let entries = MetricCatalog.entries.filter { $0.name.hasPrefix(name ?? "") }
            guard !entries.isEmpty else { throw Failure("no metric's name begins with \(name ?? "")", .noInput) }
            for entry in entries {
                let labels = entry.labels.isEmpty ? "" : "{\(entry.labels.joined(separator: ","))}"
                Terminal.say(
                    "\((entry.name + labels).padded(to: 52)) \(entry.kind.rawValue.padded(to: 10)) \(entry.meaning)")
            }
        }
    }
}
