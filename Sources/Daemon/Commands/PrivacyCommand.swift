internal import ArgumentParser
internal import IssueStorage
internal import Readings
internal import Settings

/// `sluice privacy`: personal data of those who report.
struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "Erase the personal data of people who reported.",
        discussion: """
            Names, addresses and numbers of reporters stand in rows of their own and are never shown. They are erased \
            after privacy.erase_reporters, and at once by this command; the requests stay. With --request, --email \
            and --phone the photos of the requests that were reported go as well, those of staff's updates among them; \
            other photos go privacy.photos after their request was closed. Backups and the file system's own copies \
            are not ours to reach.

            Examples:
              sluice privacy erase --request 17
              sluice privacy erase --email mary@example.org
              sluice privacy erase --older-than 7d
            """,
        subcommands: [Erase.self])

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase what is known of reporters.",
            discussion: "Example:\n  sluice privacy erase --email mary@example.org")

        @OptionGroup var data: DataOptions

        @Option(help: "Who reported this request.")
        var request: Int64?

        @Option(help: "Who gave this e-mail address, in any case.")
        var email: String?

        @Option(help: "Who gave this phone number, as it was written.")
        var phone: String?

        @Option(help: ArgumentHelp("Who reported longer ago than this: 7d.", valueName: "duration"))
        var olderThan: String?

        func run() async throws {
            try await Failure.report {
                var wanted = LocalCommands.Erasure(request: request, email: email, phone: phone)
                if let olderThan {
                    guard let age = DurationText.parse(olderThan) else {
                        throw Failure("--older-than must be a duration such as 7d or 12h, found \(olderThan)", .usage)
                    }
                    wanted.beforeMs = WallClock.system.nowMs() - age.components.seconds * 1000
                }
                guard !wanted.selections.isEmpty else {
                    throw Failure("say whose data: --request, --email, --phone or --older-than", .usage)
                }
                let erased = try await data.client()
                    .ask("privacy.erase", wanted, for: LocalCommands.Erased.self)
                let photos = erased.photos == 0 ? "" : ", and \(erased.photos) photo\(erased.photos == 1 ? "" : "s")"
                Terminal.say("\(erased.reporters) reporter\(erased.reporters == 1 ? "" : "s") erased\(photos)")
            }
        }
    }
}
