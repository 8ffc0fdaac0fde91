internal import ArgumentParser
internal import FaultSupport
internal import Foundation

/// Kills the daemon again and again while numbered readings flow through a real broker, and counts what is left.
@main struct CrashTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "CrashTest",
        abstract: "Kill the daemon, and with --broker-kills the broker too, while readings flow; then count them.",
        discussion: """
            Publishes numbered QoS 1 readings to a mosquitto of its own, kills `sluice run` with SIGKILL at random moments and at
            the instant at which an acknowledgement passes, and starts it again. In the end every reading must be stored once,
            and the requests must be those of `sluice replay` on the same readings. Ends with 1 when anything is lost, stored
            twice, filed twice or missing.

            Examples:
              swift run -c release CrashTest
              swift run -c release CrashTest --kills 1000 --readings 1000000 --broker-kills --journal PLUGIN.so
            """)

    @Option(help: "How often the daemon is killed.")
    var kills = 20

    @Option(help: "Readings to publish.")
    var readings = 50_000

    @Option(help: "Seed of what happens when; printed, so that a run can be repeated as far as threads allow.")
    var seed = UInt64.random(in: 1...999_999)

    @Flag(help: "Kill the broker too. What it had acknowledged survives only with --journal.")
    var brokerKills = false

    @Option(help: ArgumentHelp("The journal plugin that the broker loads.", valueName: "file"))
    var journal: String?

    @Option(help: ArgumentHelp("Another executable than the one beside this test.", valueName: "file"))
    var sluice: String?

    @Option(
        help: ArgumentHelp("Folder for data and logs, which is kept. Default: a temporary one.", valueName: "folder"))
    var keep: String?

    func validate() throws {
        if kills < 0 { throw ValidationError("--kills must be 0 or more, found \(kills)") }
        if readings < 1000 { throw ValidationError("--readings must be 1000 or more, found \(readings)") }
    }

    func run() async throws {
        let folder = try WorkFolder(keep)
        let stream = NumberedStream(
            count: readings, seed: seed, endMs: Int64(Date.now.timeIntervalSince1970 * 1000))
        let site = try CrashSite(
            folder: folder.path, journal: journal, sluice: sluice.map { URL(filePath: $0) }, killsBroker: brokerKills)
        say("Crash test: \(readings) readings of \(stream.sensorCount) sensors, \(kills) kills, seed \(seed)")
        let ordeal = Ordeal(site: site, stream: stream, kills: kills, killsBroker: brokerKills, seed: seed)
        let course = try await ordeal.run()
        let reckoning = try await Reckoning(of: stream, site: site, course: course)
        say(reckoning.table)
        if !reckoning.isClean { throw ExitCode(1) }
    }
}

/// Says it at once, into pipes too.
func say(_ text: String, end: String = "\n") { FileHandle.standardOutput.write(Data((text + end).utf8)) }
