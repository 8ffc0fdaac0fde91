internal import ArgumentParser
internal import Logging
internal import MQTTSession
internal import Readings
internal import Simulation
internal import Telemetry

/// `sluice simulate`: a synthetic city's devices, publishing to any broker.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Publish a synthetic city's readings to any broker.",
        discussion: """
            Topics are sluice/<kind>/<sensor id>, payloads flat JSON, at QoS 1. Without --rate devices send in real time.

            Examples:
              sluice simulate --broker 127.0.0.1:1883 --seed 7
              sluice simulate --broker 127.0.0.1 --rate 20000 --messages 1000000
              sluice simulate --registry sensors.csv     (write the city's registry and end)
            """)

    @OptionGroup var broker: BrokerOptions

    @Option(help: "The city: the same seed gives the same bytes for the same time.")
    var seed: UInt64 = 1

    @Option(help: "How many sensors the city has, about.")
    var sensors = 600

    @Option(
        help:
            "Messages a second, as a flood of the city's past month, ending at the present; 0 for as fast as the broker takes them."
    )
    var rate: Int?

    @Option(help: "End after so many messages.")
    var messages: Int?

    @Option(
        help: ArgumentHelp("Write the registry of the city's sensors to this file and end.", valueName: "file"),
        completion: .file())
    var registry: String?

    @Option(help: ArgumentHelp("The folder with wards and recordings.", valueName: "folder"), completion: .directory)
    var fixtures: String?

    func validate() throws {
        try check("--sensors", sensors, in: 1...1_000_000)
        guard rate.map({ $0 >= 0 }) ?? true else { throw ValidationError("--rate must be 0 or more") }
    }

    func run() async throws {
        try await Failure.report {
            let session = try broker.session(clientID: "sluice-simulate")
            try await offPool("sluice-simulate") { try simulate(session) }
        }
    }

    private func simulate(_ session: SessionConfiguration) throws {
        let fixtures = try DemoFixtures(folder: fixtures)
        let now = WallClock.system.nowMs()
        let city = SyntheticCity(
            seed: seed, wards: fixtures.wards, recorded: sensors == 600 ? fixtures.recorded : [],
            population: sensors == 600 ? CityPopulation() : CityPopulation(sensors: sensors), liveStartMs: now)
        if let registry {
            try TextFile.write(SensorTable(sensors: city.sensors).csv, to: registry)
            Terminal.complain("\(city.sensorCount) sensors written to \(registry)")
            return
        }
        let logger = Logger(label: "sluice") {
            SluiceLogHandler(label: $0, level: .warning, clock: WallClock.system.nowMs)
        }
        let publisher = try Publishing.connect(session, logger: logger)
        Terminal.complain(
            "Publishing \(city.sensorCount) sensors to \(session.host):\(session.port); Ctrl-C ends it. \(SyntheticCity.notice)"
        )
        var pace = Pace(perSecond: rate ?? 0)
        let bar = ProgressBar("Publishing", unit: "messages", total: messages ?? 0)
        // A flood is of the past: its readings must not come from the future.
        var stream =
            rate == nil
            ? city.messages(fromMs: now, toMs: now + 10 * 365 * Demo.dayMs)
            : city.messages(fromMs: now - 30 * Demo.dayMs, toMs: now)
        var message = CityMessage()
        while publisher.done < messages ?? .max, stream.next(into: &message) {
            if rate == nil {
                while message.atMs > WallClock.system.nowMs() { publisher.mqtt.service(timeoutMs: 50) }
            } else if let due = pace.due() {
                publisher.idle(until: due)
            }
            try publisher.publish(message.topic, message.payload)
            bar.update(publisher.done)
        }
        try publisher.finish()
        bar.finish(publisher.done)
    }
}
