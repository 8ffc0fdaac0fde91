internal import ArgumentParser
internal import Open311

/// `sluice budget`: which thresholds keep to what a department can take.
struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget",
        abstract: "Find the scores from which on rules may open, so that a department gets no more than it can take.",
        discussion: """
            Looks at the scores of the requests that were raised lately, keeps of each rule the same share with the \
            highest scores, and prints what to write into the configuration. What is silent, or on fire, is never cut. \
            It changes nothing by itself. Scores below the thresholds in force have not been seen: it can only make \
            rules stricter. Asks the daemon that holds the data directory; where none runs it reads the store itself.

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
        try check("--days", days, in: 1...3660)
    }

    func run() async throws {
        try await Failure.report {
            let wanted = LocalCommands.BudgetWanted(service: service, perDay: perDay, days: days, isJSON: json)
            try await data.show("requests.budget", wanted)
        }
    }
}
