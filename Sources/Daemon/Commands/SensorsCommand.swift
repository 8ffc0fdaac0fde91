public import ArgumentParser
public import Readings
internal import Settings

/// `sluice sensors`: who speaks, what is known of them, and how well they are heard.
struct SensorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensors",
        abstract: "Import, list, show, adopt and export sensors.",
        discussion: """
            Asks the daemon that holds the data directory; where none runs it reads the store itself. An export is a \
            registry, as sensors.file and import take it: add what is missing to a sensor that announced itself, and \
            bring it back.

            Examples:
              sluice sensors import sensors.csv
              sluice sensors list --kind bin-fill
              sluice sensors show bin-3
              sluice sensors unknown
              sluice sensors adopt bin-17 --ward Aston
              sluice sensors export > sensors.csv
            """,
        subcommands: [Import.self, List.self, Show.self, Unknown.self, Adopt.self, Export.self],
        defaultSubcommand: List.self)

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import sensors from CSV or GeoJSON: all or none.",
            discussion: """
                CSV columns: sensor_id, kind, and perhaps lat, lon, zone, tz, step_s, ward, gateway, address, asset, \
                site, owner, neighbours, sensitivity, depth_mm, full_mm. GeoJSON: points with the same properties. \
                Sensors of an id that is known are stored anew. One bad row, and nothing is imported; every bad row is \
                named. A running daemon knows them at once, without losing a reading or what its detectors have \
                learned.

                Example:
                  sluice sensors import sensors.csv --replace
                """)

        @OptionGroup var source: ImportFile

        @Flag(help: "Forget imported sensors that are not in the file. What they have sent stays.")
        var replace = false

        func run() async throws {
            try await Failure.report {
                let table = try source.read({ SensorTable($0.span) }, problems: \.problems)
                source.warn(of: table.doubts)
                let imported = try await source.bring(
                    LocalCommands.WantedSensors(csv: table.csv, replaces: replace), to: "sensors.import",
                    titled: "Sensors", count: table.sensors.count, for: LocalCommands.ImportedSensors.self,
                    // All are stored at once; then the daemon takes them.
                    share: { _ in 0.5 })
                let gone = imported.removed > 0 ? ", \(imported.removed) forgotten" : ""
                let since =
                    imported.isApplied ? "the running daemon knows them" : "they hold from the daemon's next start"
                let stored = ProgressBar.counted(imported.stored, "sensors")
                Terminal.say("\(stored) imported, \(imported.added) of them new\(gone); \(since)")
                let settings = try? source.data.configuration.load().configuration
                if let most = imported.most ?? settings?.sensors.max, imported.registered > most {
                    Terminal.complain(
                        "at least \(imported.registered - most) of the \(imported.registered) imported sensors would be refused "
                            + "when heard: sensors.max is \(most); raise it and reload the daemon")
                }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List sensors in the order in which they were met.",
            discussion: "Example:\n  sluice sensors list --kind water-leak --json")

        @OptionGroup var data: DataOptions

        @Option(help: "Only this kind: water-leak, traffic, bin-fill or generic.")
        var kind: SensorKind?

        @Option(help: "At most so many.")
        var limit = 100_000

        @Flag(help: "One JSON object a line.")
        var json = false

        func validate() throws {
            try check("--limit", limit, in: 1...1_000_000)
        }

        func run() async throws {
            try await Failure.report {
                let wanted = LocalCommands.SensorsWanted(kind: kind?.name, limit: limit, isJSON: json)
                try await data.show("sensors.list", wanted)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show everything that is known of one sensor.",
            discussion: "Example:\n  sluice sensors show bin-3")

        @OptionGroup var data: DataOptions

        @Argument(help: "The sensor's id.")
        var id: String

        @Flag(help: "JSON for machines.")
        var json = false

        func run() async throws {
            try await Failure.report {
                try await data.show("sensors.show", LocalCommands.SensorWanted(id: id, isJSON: json))
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all sensors as a registry, in CSV.",
            discussion: "Example:\n  sluice sensors export > sensors.csv")

        @OptionGroup var data: DataOptions

        func run() async throws {
            try await Failure.report {
                try await data.show("sensors.export", LocalNothing())
            }
        }
    }
}

extension SensorKind: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}
