internal import ArgumentParser

/// The executable: one subcommand a file, under `Commands`.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "Street sensors in, service requests out.",
        discussion: """
            Sluice subscribes over MQTT to a city's street sensors, watches every reading for leaks, congestion, full \
            bins and faults, and files one service request for each incident into an Open311 issue store.

            Try it without any configuration:
              sluice demo
            """,
        version: "sluice \(Version.current)",
        subcommands: [
            RunCommand.self, DemoCommand.self, SimulateCommand.self, ReplayCommand.self, BacktestCommand.self,
            CheckCommand.self, DecodeCommand.self, RoutesCommand.self, RequestsCommand.self, ExplainCommand.self,
            BudgetCommand.self, SensorsCommand.self, AssetsCommand.self, KeysCommand.self, PrivacyCommand.self,
            OutboxCommand.self, TailCommand.self, EventsCommand.self, MetricsCommand.self, QuarantineCommand.self,
            TopCommand.self, BackupCommand.self, RestoreCommand.self, VerifyCommand.self,
        ])
}

/// The version that `--version`, `/metrics` and logs report.
enum Version {
    static let current = "0.1.0"
}
