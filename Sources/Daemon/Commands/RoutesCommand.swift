internal import ArgumentParser
internal import Foundation
internal import Readings
internal import Settings

/// `sluice routes`: the routes of a configuration, and whether they do what their samples say.
struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "List routes, try them on their samples, and list the device models that are known.",
        discussion: """
            Examples:
              sluice routes --config sluice.yaml
              sluice routes test --config sluice.yaml
              sluice routes devices
            """,
        subcommands: [Test.self, List.self, Devices.self], defaultSubcommand: List.self)

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decode the samples that stand in the configuration.",
            discussion: """
                A sample with "expect" must become exactly that; one without must be read. Ends with 1 when one does not.

                Example:
                  sluice routes test --config sluice.yaml
                """)

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            try await Failure.report {
                let configuration = try options.load().configuration
                let mountings = try configuration.mountings()
                let outcomes = SampleOutcome.all(of: configuration, mountings: mountings)
                for outcome in outcomes {
                    let line = "\(outcome.isGood ? "ok    " : "WRONG ") \(outcome.route): \(outcome.result)"
                    Terminal.say(Terminal.printable(line))
                    if let expected = outcome.expected {
                        Terminal.say("       expected \(Terminal.printable(expected))")
                    }
                }
                let wrong = outcomes.count { !$0.isGood }
                Terminal.say("\(outcomes.count) samples, \(wrong) wrong")
                if wrong > 0 { throw ExitCode(SluiceExit.negative.rawValue) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the routes, in the order in which they are tried.")

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            try await Failure.report {
                for entry in try options.load().configuration.routes {
                    let route = entry.route
                    let device = route.profile.map { " \($0.name)" } ?? ""
                    Terminal.say(Terminal.printable("\(route.name)  \(route.topic)  \(route.format.name)\(device)"))
                }
            }
        }
    }

    struct Devices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the device models that a route can name as its profile.")

        func run() async throws {
            for profile in DeviceProfile.library {
                var quantities: [String] = []
                for field in profile.fields where !quantities.contains(field.quantity.name) {
                    quantities.append(field.quantity.name)
                }
                Terminal.say("\(profile.name)  \(profile.kind.name)  \(quantities.joined(separator: ", "))")
            }
        }
    }
}
