public import ArgumentParser
internal import IssueStorage
internal import Open311
public import Readings

/// `sluice sensors`: who speaks, what is known of them, and how well they are heard.
struct SensorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensors",
        abstract: "List, show and export sensors.",
        discussion: """
            Reads the store of a daemon that runs, or has run, on this machine. An export is a registry, as sensors.file
            takes it: add what is missing to a sensor that announced itself, and name the file in the configuration.

            Examples:
              sluice sensors list --kind bin-fill
              sluice sensors show bin-3
              sluice sensors export > sensors.csv
            """,
        subcommands: [List.self, Show.self, Export.self], defaultSubcommand: List.self)

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
            guard (1...1_000_000).contains(limit) else {
                throw ValidationError("--limit must be 1–1000000, found \(limit)")
            }
        }

        func run() async throws {
            try await Failure.report {
                let standings = try await data.reader().standings(limit: limit)
                let shown = standings.filter { kind == nil || $0.sensor.kind == kind }
                for standing in shown {
                    Terminal.say(json ? SensorPage(standing, link: nil).json : SensorPage.line(standing))
                }
                Terminal.complain("\(shown.count) sensor\(shown.count == 1 ? "" : "s")")
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
                let reader = try data.reader()
                guard let standing = try await reader.standings(limit: 1_000_000).first(where: { $0.sensor.id == id })
                else { throw Failure("there is no sensor \(id) in \(try data.directory())", .noInput) }
                let link = try await reader.links(limit: 1_000_000).first { $0.sensorID == id }
                let page = SensorPage(standing, link: link)
                Terminal.say(json ? page.json : page.text)
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
                let sensors = try await data.reader().sensors(limit: .max)
                Terminal.say(String(SensorTable(sensors: sensors).csv.dropLast()))
            }
        }
    }
}

extension SensorKind: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
}
