internal import ArgumentParser
internal import Foundation
internal import IssueStorage
internal import MQTTSession
internal import Readings

/// `sluice assets`: bins, shelters, hydrants, chambers.
struct AssetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assets",
        abstract: "Import, list and export the things that requests are about, and name who looks after them.",
        discussion: """
            Assets come from a file (CSV or GeoJSON points) and from sensors whose registry row names one. A report \
            that says service_object_id stands at its asset. A steward is told before his asset fills and when it \
            needs care.

            Examples:
              sluice assets import bins.csv
              sluice assets list --kind bin
              sluice assets export > assets.csv
              sluice assets adopt bin-17 --name "Mary" --webhook https://example.org/hook
            """,
        subcommands: [Import.self, List.self, Export.self, Adopt.self, Release.self, Stewards.self],
        defaultSubcommand: List.self)

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import assets from CSV or GeoJSON: all or none.",
            discussion: """
                CSV columns: id, kind, lat, lon, and perhaps name, address, ward. GeoJSON: points with the same \
                properties. Assets of an id that is known are stored anew. One bad row, and nothing is imported; every \
                bad row is named.

                Example:
                  sluice assets import bins.csv --replace
                """)

        @OptionGroup var source: ImportFile

        @Flag(help: "Remove imported assets that are not in the file.")
        var replace = false

        func run() async throws {
            try await Failure.report {
                let table = try source.read({ AssetFile($0.span) }, problems: \.problems)
                _ = try await source.bring(
                    LocalCommands.WantedAssets(assets: table.assets, replaces: replace), to: "assets.import",
                    titled: "Assets", count: table.assets.count, for: LocalCommands.Imported.self)
            }
        }
    }

    /// What both reading commands are given.
    struct Selection: ParsableArguments {
        @OptionGroup var data: DataOptions

        @Option(help: "Only this kind. May be repeated.")
        var kind: [String] = []

        /// Hands on all that match, a page at a time.
        func forEach(_ body: ([Asset]) -> Void) async throws {
            var wanted = LocalCommands.AssetsPage(kinds: kind.isEmpty ? nil : kind)
            let length = AssetQuery().limit
            while true {
                let page = try await data.look("assets.list", wanted, for: [Asset].self)
                body(page)
                guard page.count == length else { return }
                wanted.offset += length
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List assets.", discussion: "Example:\n  sluice assets list --kind bin")

        @OptionGroup var selection: Selection

        func run() async throws {
            try await Failure.report {
                var count = 0
                try await selection.forEach { assets in
                    count += assets.count
                    for asset in assets {
                        let words = [asset.name, asset.address, asset.ward].compactMap { $0 }.map(Terminal.printable)
                        Terminal.say(
                            ([
                                Terminal.bold(Terminal.printable(asset.id)), asset.kind,
                                "\(asset.latitude), \(asset.longitude)",
                            ]
                                + words).joined(separator: "  "))
                    }
                }
                Terminal.complain("\(count) asset\(count == 1 ? "" : "s")")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write assets as CSV to standard output, as import reads it.",
            discussion: "Example:\n  sluice assets export > assets.csv")

        @OptionGroup var selection: Selection

        func run() async throws {
            try await Failure.report {
                var isFirst = true
                try await selection.forEach { assets in
                    let csv = AssetFile.csv(assets)
                    let rows = isFirst ? csv : String(csv.drop { $0 != "\n" }.dropFirst())
                    Terminal.write(rows, to: 1)
                    isFirst = false
                }
            }
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an asset its steward, in place of the one that it had.",
            discussion: "Example:\n  sluice assets adopt bin-17 --name Mary --mqtt stewards/mary")

        @OptionGroup var data: DataOptions

        @Argument(help: "The asset's id.")
        var id: String

        @Option(help: "What the steward calls himself. Never public.")
        var name: String

        @Option(help: "Tell him by POST to this URL.")
        var webhook: String?

        @Option(help: "Tell him under this MQTT topic.")
        var mqtt: String?

        @Option(help: .hidden)
        var email: String?

        func validate() throws {
            guard email == nil else { throw ValidationError(LocalCommands.sendsNoMail) }
            guard (webhook == nil) != (mqtt == nil) else { throw ValidationError("give one of --webhook and --mqtt") }
            if let webhook, !webhook.hasPrefix("https://"), !webhook.hasPrefix("http://") {
                throw ValidationError("--webhook must be an http:// or https:// URL")
            }
            if let mqtt, !TopicName.isValid(mqtt) {
                throw ValidationError("--mqtt must be a topic, without +, # and control characters")
            }
        }

        func run() async throws {
            try await Failure.report {
                let (means, contact): (Steward.Means, String) =
                    if let webhook { (.webhook, webhook) } else { (.mqtt, mqtt ?? "") }
                let wanted = LocalCommands.Adoption(assetID: id, name: name, means: means, contact: contact)
                _ = try await data.client()
                    .ask("assets.adopt", wanted, for: LocalNothing.self)
                Terminal.complain("\(Terminal.printable(name)) looks after \(Terminal.printable(id)) now.")
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an asset's steward away, with all that is known of him.",
            discussion: "Example:\n  sluice assets release bin-17")

        @OptionGroup var data: DataOptions

        @Argument(help: "The asset's id.")
        var id: String

        func run() async throws {
            try await Failure.report {
                _ = try await data.client()
                    .ask("assets.release", LocalCommands.Released(assetID: id), for: LocalNothing.self)
                Terminal.complain("\(Terminal.printable(id)) has no steward any more.")
            }
        }
    }

    struct Stewards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the stewards.", discussion: "Example:\n  sluice assets stewards --json")

        @OptionGroup var data: DataOptions

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let stewards = try await data.client()
                    .ask("assets.stewards", LocalNothing(), for: [Steward].self)
                guard !json else { return try Terminal.sayJSON(stewards) }
                for steward in stewards {
                    Terminal.say(
                        "\(Terminal.bold(Terminal.printable(steward.assetID)))  \(Terminal.printable(steward.name))  "
                            + "\(steward.means.rawValue)  \(Terminal.printable(steward.contact))")
                }
            }
        }
    }
}
