internal import ArgumentParser
internal import Foundation
internal import Readings
internal import Settings

// Sensors that speak and are not let in, and letting them in.
extension SensorsCommand {
    /// Which of them are meant.
    struct StrangerChoice: ParsableArguments {
        @Option(help: "Only of this kind: water-leak, traffic, bin-fill or generic.")
        var kind: SensorKind?

        @Option(help: ArgumentHelp("Only those that this route reads.", valueName: "name"))
        var route: String?

        @Option(help: ArgumentHelp("Only where the topic contains this.", valueName: "text"))
        var topic: String?

        var isOpen: Bool { kind == nil && route == nil && topic == nil }

        func fits(_ stranger: Stranger) -> Bool {
            (kind == nil || stranger.kind == kind?.name) && (route == nil || stranger.route == route)
                && (topic == nil || stranger.topic.contains(topic ?? ""))
        }
    }

    struct Unknown: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List sensors that speak and are not let in.",
            discussion: """
                With sensors.mode allow_list, or by the rules of sensors.adopt, the messages of sensors that no \
                registry names go to the quarantine. This reads them by today's routes and says whose they are.

                Example:
                  sluice sensors unknown --kind bin-fill
                """)

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: StrangerChoice

        @Flag(help: "One JSON object a line.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let found = try await data.look(
                    "sensors.unknown", LocalNothing(), for: LocalCommands.StrangersFound.self)
                let shown = found.strangers.filter(choice.fits)
                for stranger in shown {
                    if json { try Terminal.sayJSON(stranger) } else { Terminal.say(stranger.line) }
                }
                let unreadable =
                    found.unreadable > 0 ? "; \(found.unreadable) messages can't be read by today's routes" : ""
                let more = found.hasMore ? "; only the newest messages were looked at" : ""
                Terminal.complain("\(shown.count) unknown sensor\(shown.count == 1 ? "" : "s")\(unreadable)\(more)")
            }
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let sensors in that speak and are unknown: they get a place in the imported registry.",
            discussion: """
                What is said here counts as known of all of them; "sluice sensors import" brings what differs. A \
                running daemon listens to them at once. What they have sent so far stays in quarantine until it is \
                tried again.

                Examples:
                  sluice sensors adopt bin-17 --zone north --ward Aston
                  sluice sensors adopt --all --kind bin-fill --owner "Waste north"
                  sluice quarantine retry --reason unknown_sensor
                """)

        @OptionGroup var data: DataOptions
        @OptionGroup var choice: StrangerChoice

        @Flag(help: "All unknown ones that the options fit.")
        var all = false

        @Option(help: "The pipe zone or road corridor that they belong to.")
        var zone: String?

        @Option(help: "The ward that they stand in.")
        var ward: String?

        @Option(help: "The place that they belong to.")
        var site: String?

        @Option(help: "Who answers for them.")
        var owner: String?

        @Option(help: ArgumentHelp("How often they are to speak: 30m, 1h. Else it is learned.", valueName: "duration"))
        var interval: String?

        @Argument(help: "Their ids.")
        var ids: [String] = []

        func validate() throws {
            if all != ids.isEmpty { throw ValidationError("say which: ids, or --all for all that the options fit") }
            if let interval, seconds(interval) == nil {
                throw ValidationError("--interval must be a duration from 1s to 366d such as 30m, found \(interval)")
            }
        }

        private func seconds(_ text: String) -> Int? {
            guard let seconds = DurationText.parse(text)?.components.seconds, (1...366 * 86_400).contains(seconds)
            else { return nil }
            return Int(seconds)
        }

        func run() async throws {
            try await Failure.report {
                let found = try await data.look(
                    "sensors.unknown", LocalNothing(), for: LocalCommands.StrangersFound.self)
                let strangers = found.strangers.filter { choice.fits($0) && (all || ids.contains($0.id)) }
                if let missing = ids.first(where: { id in !strangers.contains { $0.id == id } }) {
                    throw Failure(
                        "\(missing): no such sensor has spoken and is unknown; \"sluice sensors unknown\" lists those that have, "
                            + "\"sluice sensors import\" brings in others", .noInput)
                }
                guard !strangers.isEmpty else {
                    return Terminal.complain("no unknown sensor fits: nothing was changed")
                }
                let table = SensorTable(sensors: strangers.map(sensor))
                let wanted = LocalCommands.WantedSensors(csv: table.csv, replaces: false)
                let imported = try await data.client()
                    .ask("sensors.import", wanted, for: LocalCommands.ImportedSensors.self)
                let since =
                    imported.isApplied
                    ? "the running daemon listens to them" : "they are let in from the daemon's next start"
                Terminal.say("\(imported.stored) sensor\(imported.stored == 1 ? "" : "s") adopted; \(since)")
                let waiting = strangers.reduce(0) { $0 + $1.messages }
                let reasons = Set(strangers.map(\.reason)).sorted()
                Terminal.complain(
                    "\(waiting) of their messages wait in quarantine: "
                        + reasons.map { "sluice quarantine retry --reason \($0)" }.joined(separator: ", "))
            }
        }

        private func sensor(_ stranger: Stranger) -> Sensor {
            var sensor = Sensor(id: stranger.id, kind: SensorKind(name: stranger.kind) ?? .generic)
            (sensor.zone, sensor.ward, sensor.site, sensor.owner) = (zone, ward, site, owner)
            sensor.gateway = stranger.gateway
            sensor.expectedIntervalS = interval.flatMap(seconds)
            return sensor
        }
    }
}

extension Stranger {
    /// What a list shows of it.
    fileprivate var line: String {
        [
            Terminal.printable(id).padded(to: 28), kind.padded(to: 11), Timestamp.format(lastMs).padded(to: 21),
            "\(messages) message\(messages == 1 ? "" : "s")".padded(to: 14), reason.padded(to: 17),
            route.padded(to: 12),
            Terminal.printable(topic),
        ].joined(separator: " ")
    }
}
