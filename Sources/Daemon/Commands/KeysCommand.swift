public import ArgumentParser
internal import IssueStorage
internal import Open311
internal import Readings

/// `sluice keys`: who may write.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke the keys that writing needs.",
        discussion: """
            Reading is open; POST needs a key (`api_key`). A key is shown once, when it is made, and stored as a hash. \
            Changes hold at once: they go to the running daemon over its local socket.

            Examples:
              sluice keys add fixmystreet --role report --role update
              sluice keys add page --public
              sluice keys list
              sluice keys revoke fixmystreet
            """,
        subcommands: [Add.self, List.self, Revoke.self], defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key. It is shown once, on standard output.",
            discussion: "Example:\n  sluice keys add fixmystreet --role report --role update")

        @OptionGroup var data: DataOptions

        @Argument(help: "What you call it.")
        var name: String

        @Option(help: "What it may do: report, update or administer. May be repeated; default: report.")
        var role: [AccessRole] = []

        @Option(help: "Uses a minute; of a public key, by each address.")
        var rate: Int?

        @Flag(
            name: .customLong("public"),
            help: "For the page to give to everybody (http.public_key): it may only report.")
        var isPublic = false

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let wanted = LocalCommands.NewKey(
                    name: name, roles: role.isEmpty ? [.report] : role, ratePerMinute: rate ?? (isPublic ? 12 : 600),
                    isPublic: isPublic)
                let made = try await data.client()
                    .ask("keys.add", wanted, for: LocalCommands.MadeKey.self)
                guard !json else { return try Terminal.sayJSON(made) }
                Terminal.say(made.secret)
                Terminal.complain(
                    "Key \(made.key.name) may \(KeyLine.roles(made.key)). It is not stored and not shown again: keep it now."
                )
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys that hold.", discussion: "Example:\n  sluice keys list --all")

        @OptionGroup var data: DataOptions

        @Flag(help: "Revoked keys too.")
        var all = false

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let keys = try await data.client()
                    .ask("keys.list", LocalNothing(), for: [APIKey].self).filter { all || !$0.isRevoked }
                guard !json else { return try Terminal.sayJSON(keys) }
                for key in keys { Terminal.say(KeyLine(key).text) }
                Terminal.complain("\(keys.count) key\(keys.count == 1 ? "" : "s")")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key. What was written with it stays.", discussion: "Example:\n  sluice keys revoke page")

        @OptionGroup var data: DataOptions

        @Argument(help: "What it is called.")
        var name: String

        func run() async throws {
            try await Failure.report {
                _ = try await data.client()
                    .ask("keys.revoke", LocalCommands.Named(name: name), for: LocalNothing.self)
                Terminal.complain("Key \(Terminal.printable(name)) holds no more.")
            }
        }
    }
}

extension AccessRole: ExpressibleByArgument {}

/// One key in a list for people.
struct KeyLine {
    let text: String

    init(_ key: APIKey) {
        var parts = [
            Terminal.bold(Terminal.printable(key.name)), Terminal.dim(key.hint),
            "\(Self.roles(key))\(key.isPublic ? ", public" : "")", "\(key.ratePerMinute)/min",
            "made \(Timestamp.format(key.createdAtMs))",
            key.lastUsedAtMs.map { "used \(Timestamp.format($0))" } ?? "never used",
        ]
        if let revoked = key.revokedAtMs { parts.append("revoked \(Timestamp.format(revoked))") }
        text = parts.joined(separator: "  ")
    }

    static func roles(_ key: APIKey) -> String {
        AccessRole.allCases.filter(key.roles.contains).map(\.rawValue).joined(separator: ", ")
    }
}
