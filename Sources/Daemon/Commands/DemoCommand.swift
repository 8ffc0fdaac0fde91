internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Readings
internal import Settings

/// `sluice demo`: everything at once, without configuration.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch Sluice work: a synthetic city, its own broker, the whole daemon.",
        discussion: """
            Starts a mosquitto of its own, fills the store with five weeks of a made-up Birmingham, and goes live a \
            day ago, 300 times as fast as real time, until it has caught up with the present. Ctrl-C ends it; twice \
            ends it at once.

            Examples:
              sluice demo
              sluice demo --data ./demo-data --seed 7 --http-port 8400
            """)

    @Option(help: "The city: the same seed gives the same city and the same events.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Take settings from this file, but for the broker, the data folder and the port: who is told, for example.",
            valueName: "file"), completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("Keep the data in this folder; default: a new temporary one.", valueName: "folder"),
        completion: .directory)
    var data: String?

    @Option(help: "Port of the web page and the API; 0 takes any free one.")
    var httpPort = 8311

    @Option(help: "City seconds in a real second while catching up.")
    var rate: Int64 = 300

    @Option(
        help: ArgumentHelp(
            "The folder with wards and recordings; default: found beside the program or in /usr/share/sluice.",
            valueName: "folder"), completion: .directory)
    var fixtures: String?

    @Option(
        help: ArgumentHelp(
            "Read the pages' files from this folder at each request: while editing them.", valueName: "folder"),
        completion: .directory)
    var assets: String?

    func validate() throws {
        try check("--http-port", httpPort, in: 0...65_535)
        try check("--rate", rate, in: 2...3600)
    }

    func run() async throws {
        try await Failure.report {
            // A person's terminal that goes away ends the demo; nothing else is there to do it.
            let watch = ShutdownWatch {
                Terminal.say("\nStopping: committing what is under way. Ctrl-C again leaves at once.")
            }
            defer { withExtendedLifetime(watch) {} }
            let demo = try await offPool("sluice-demo") {
                try Demo(
                    folder: try DemoFolder(named: data, seed: seed),
                    fixtures: try DemoFixtures(folder: fixtures),
                    configuration: try Configuration.load(
                        path: config, environment: config == nil ? [:] : ProcessInfo.processInfo.environment
                    ).configuration, httpPort: httpPort, rate: rate, assets: assets)
            }
            try await demo.run(stop: watch.stop)
        }
    }
}
