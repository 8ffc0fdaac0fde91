internal import ArgumentParser
internal import Settings

/// `sluice explain`: why a request exists, and whether it would exist today.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a request was opened, changed and closed.",
        discussion: """
            Shows the readings, what was usual, the threshold, and the rule with its version and parameters that \
            decided each step. Then it meets the stored readings again by the rules of the configuration, and says \
            whether they would decide otherwise today: by those of the running daemon, or of the file that --config \
            names. Asks the daemon that holds the data directory; where none runs it reads the store itself.

            Examples:
              sluice explain 12
              sluice explain 12 --config stricter.yaml --data /var/lib/sluice
              sluice explain 12 --json | jq .rule
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The request's id.")
    var request: Int64

    @Flag(help: "Leave out what today's rules would decide.")
    var noReplay = false

    @Flag(help: "As JSON, with all readings.")
    var json = false

    func run() async throws {
        try await Failure.report {
            var wanted = LocalCommands.ExplanationWanted(request: request, isReplayed: !noReplay, isJSON: json)
            if data.configuration.config != nil { wanted.rules = try data.configuration.load().ruleSet }
            let lines = try await data.look("requests.explain", wanted, for: [ExplanationPage.Line].self)
            for line in lines { Terminal.say(json ? line.text : Terminal.printable(line.text, isBold: line.isBold)) }
        }
    }
}

extension Terminal {
    /// A line of a page; its words may come from outside.
    fileprivate static func printable(_ text: String, isBold: Bool) -> String {
        isBold ? bold(printable(text)) : printable(text)
    }
}
