internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import Telemetry
internal import Settings
internal import TimeBase

/// `sluice tail`: what the daemon decides, as it decides it.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow what the daemon says and decides.",
        discussion: """
            Follows the daemon on this machine over its local socket, or one anywhere by its address. Goes on where it \
            was when the daemon has been restarted: nothing is missed and nothing is shown twice. `sluice events` \
            lists all events and their fields.

            An expression compares fields: = != < <= > >= and ~ (contains), with and, or, not and parentheses. A field \
            alone asks whether the event has it, and request.* stands for all that begin so:
              event = request.* and not (ward = "Aston" or sensor ~ tf-)
              level >= warning or repeated > 100

            Examples:
              sluice tail
              sluice tail --since 1h --service water-leak --no-follow
              sluice tail --level debug --sensor wl-aston-3
              sluice tail --where 'event = request.opened' --json | jq .request
              sluice tail --address https://sluice.example.org --key-env SLUICE_KEY
            """)

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("Follow the daemon at this address instead of this machine's.", valueName: "url"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "Name of the environment variable that holds a key that may administer, for --address.",
            valueName: "variable"))
    var keyEnv: String?

    @Option(help: ArgumentHelp("Only about this service; may be given more than once.", valueName: "code"))
    var service: [String] = []

    @Option(help: ArgumentHelp("Only about this ward; may be given more than once.", valueName: "name"))
    var ward: [String] = []

    @Option(help: ArgumentHelp("Only about this sensor; may be given more than once.", valueName: "id"))
    var sensor: [String] = []

    @Option(
        help: "Only this level and graver ones: debug, info, notice, warning, error, critical; default: info.",
        transform: Self.level)
    var level = Logger.Level.info

    @Option(name: .customLong("where"), help: ArgumentHelp("Only where this holds.", valueName: "expression"))
    var expression: String?

    @Option(help: ArgumentHelp("Begin so long ago: 90s, 15m, 1h, 2d.", valueName: "duration"))
    var since: String?

    @Flag(inversion: .prefixedNo, help: "Wait for more.")
    var follow = true

    @Flag(help: "JSON lines for machines, each with its number.")
    var json = false

    func validate() throws {
        if let since, DurationText.parse(since) == nil {
            throw ValidationError("--since must be a duration like 90s, 15m, 1h or 2d, found \(since)")
        }
        if let expression {
            do { _ = try LogExpression(expression) } catch { throw ValidationError("--where: \(error)") }
        }
        if let address, !address.hasPrefix("http://"), !address.hasPrefix("https://") {
            throw ValidationError("--address must begin with http:// or https://, found \(address)")
        }
    }

    func run() async throws {
        try await Failure.report {
            var question = LogQuestion()
            question.filter.services = service
            question.filter.wards = ward
            question.filter.sensors = sensor
            question.filter.level = level
            question.filter.expression = expression
            question.sinceMs = since.flatMap { DurationText.parse($0) }?.milliseconds
            question.waitMs = follow ? 20_000 : 0
            try await Tail(source: try source(), isFollowing: follow) { Self.show($0, asJSON: json) }.run(question)
        }
    }

    private func source() throws -> any LogSource {
        guard let address else { return LocalTail(client: try data.client()) }
        var key: String?
        if let keyEnv {
            guard let value = ProcessInfo.processInfo.environment[keyEnv] else {
                throw Failure("--key-env names \(keyEnv), which is not set", .usage)
            }
            key = value
        }
        return HTTPTail(address: address.hasSuffix("/") ? String(address.dropLast()) : address, key: key)
    }

    /// - Returns: false when nobody reads any more.
    private static func show(_ line: String, asJSON: Bool) -> Bool {
        let record = asJSON ? nil : LogRecord(json: line)
        return Terminal.write(record?.text(isColoured: Terminal.usesColour) ?? line + "\n", to: STDOUT_FILENO)
    }

    private static func level(_ word: String) throws -> Logger.Level {
        // As text output and other tools abbreviate it.
        guard let level = Logger.Level(rawValue: word.lowercased() == "warn" ? "warning" : word.lowercased()) else {
            throw ValidationError("must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return level
    }
}
