internal import ArgumentParser
internal import Foundation
internal import Readings
internal import Settings

/// `sluice decode`: what does this payload become, and why?
struct DecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Show what a payload becomes, and why.",
        discussion: """
            Reads a payload from a file, or from standard input when the file is "-", and decodes it as the daemon \
            would. Ends with 1 when it would go to the quarantine.

            Examples:
              sluice decode --config sluice.yaml --topic v3/a/devices/leak-7/up uplink.json
              mosquitto_sub -C 1 -t city/bins/17 | sluice decode --topic city/bins/17 -
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The topic that the message came by.")
    var topic: String

    @Option(help: "Only this route, also if the topic would match an earlier one.")
    var route: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    @Argument(help: "The payload, or - for standard input.", completion: .file())
    var file: String

    func run() async throws {
        try await Failure.report {
            let configuration = try options.load().configuration
            let routes = try chosen(configuration)
            let mountings = try configuration.mountings()
            var decoder = MessageDecoder(routes: routes, mountings: mountings)
            let nowMs = WallClock.system.nowMs()
            let payload = try payload()
            let decoded = DecodedText(topic: topic, payload: payload, arrivedAtMs: nowMs, with: &decoder)
            if json { try printJSON(decoded, decoder.message) } else { print(decoded, decoder.message, routes) }
            if !decoded.isRead { throw ExitCode(SluiceExit.negative.rawValue) }
        }
    }

    private func chosen(_ configuration: Configuration) throws -> RouteTable {
        guard let route else { return configuration.routeTable }
        let found = configuration.routes.filter { $0.route.name == route }
        if found.isEmpty {
            let names = configuration.routes.map(\.route.name).joined(separator: ", ")
            throw Failure("there is no route \(route); the configuration has \(names)", .usage)
        }
        return RouteTable(found.map(\.route))
    }

    private func payload() throws -> [UInt8] {
        if file == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure("\(file) does not exist or is not readable by this user", .noInput)
        }
        return Array(data)
    }

    private func print(_ decoded: DecodedText, _ message: DecodedMessage, _ routes: RouteTable) {
        let bytes = Array(topic.utf8)
        var captures = TopicCaptures()
        if let index = routes.firstMatch(bytes.span, captures: &captures) {
            let route = routes.routes[index]
            let device = route.profile.map { ", device \($0.name)" } ?? ""
            Terminal.say("route     \(Terminal.printable(route.name)) (\(route.format.name)\(device))")
        }
        guard decoded.isRead || !decoded.flaws.isEmpty, !message.isIgnored else {
            return Terminal.say((decoded.isRead ? "ignored   " : "refused   ") + Terminal.printable(decoded.sentence))
        }
        if message.frame.counter >= 0 { Terminal.say("frame     \(message.frame.counter)\(signal(message.frame))") }
        for (measured, value) in zip(message.measurements, decoded.values) {
            let name = Terminal.printable(message.name(of: Int(measured.sensor)))
            let time = measured.hasOwnTime ? Timestamp.format(measured.observedAtMs) : "time of arrival"
            let kind = message.sensors[Int(measured.sensor)].kind.name
            Terminal.say("reading   \(name) (\(kind)) \(value) \(measured.quantity.unit.symbol), \(time)")
        }
        for flaw in decoded.flaws {
            Terminal.say("refused   " + Terminal.printable("\(flaw.reason.label): \(flaw)"))
        }
    }

    private func signal(_ frame: FrameInfo) -> String {
        (frame.rssiDBm.isNaN ? "" : ", \(frame.rssiDBm) dBm") + (frame.snrDB.isNaN ? "" : ", SNR \(frame.snrDB) dB")
    }

    private func printJSON(_ decoded: DecodedText, _ message: DecodedMessage) throws {
        var document: [String: Any] = ["ok": decoded.isRead]
        if decoded.isRead || !decoded.flaws.isEmpty {
            document["ignored"] = message.isIgnored
            document["readings"] = message.measurements.map { measured in
                [
                    "sensor_id": message.name(of: Int(measured.sensor)), "metric": measured.quantity.name,
                    "unit": measured.quantity.unit.symbol, "value": measured.value,
                    "ts": Timestamp.format(measured.observedAtMs, milliseconds: true), "seq": measured.counter,
                ] as [String: Any]
            }
            if !decoded.flaws.isEmpty {
                document["passed_over"] = decoded.flaws.map { ["reason": $0.reason.label, "detail": "\($0)"] }
            }
        } else {
            document["reason"] = decoded.values.first
            document["detail"] = decoded.sentence
        }
        let data = try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys])
        Terminal.say(String(decoding: data, as: UTF8.self))
    }
}
