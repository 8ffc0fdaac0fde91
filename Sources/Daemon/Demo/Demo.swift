internal import Foundation
internal import IssueStorage
internal import Logging
internal import MQTTSession
internal import Open311
internal import Readings
internal import Simulation
internal import Telemetry
internal import Settings

/// The demo, put together: a broker, a city that publishes to it, and the daemon as `sluice run` runs it, on the city's
/// clock.
///
/// ```
///   history ─▶ OfflineRun ─▶ store          five weeks, in seconds, through the same pipeline
///   CityPublisher ─▶ mosquitto ─▶ SluiceDaemon     then live
/// ```
struct Demo: Sendable {
    static let dayMs: Int64 = 86_400_000
    /// What is usual in a ward in a week is known from four whole weeks before.
    static let historyDays: Int64 = 35

    let folder: DemoFolder
    let fixtures: DemoFixtures
    let city: SyntheticCity
    let broker: LocalBroker
    let rate: Int64
    private let configuration: Configuration
    private let devicePassword: String

    /// Makes the city and starts the broker. Blocks.
    ///
    /// - Parameter configuration: everything but where the data, the broker and the web server are.
    init(
        folder: DemoFolder, fixtures: DemoFixtures, configuration: Configuration = Configuration(), httpPort: Int,
        rate: Int64, assets: String? = nil
    ) throws {
        self.folder = folder
        self.fixtures = fixtures
        self.rate = rate
        let now = WallClock.system.nowMs()
        let liveStartMs = folder.liveStartMs ?? (now - Self.dayMs)
        city = SyntheticCity(
            seed: folder.seed, wards: fixtures.wards, recorded: fixtures.recorded, liveStartMs: liveStartMs)
        try folder.remember(liveStartMs: liveStartMs)
        // Passwords live as long as the broker and never leave this machine.
        let (daemonPassword, devicePassword) = (UUID().uuidString, UUID().uuidString)
        broker = try LocalBroker.start(
            in: folder.brokerPath, LocalBroker.Configuration(users: ["sluice": daemonPassword, "city": devicePassword]))
        self.devicePassword = devicePassword
        var configuration = configuration
        let plain = Configuration()
        (configuration.mqtt, configuration.routes, configuration.sensors) = (plain.mqtt, plain.routes, plain.sensors)
        configuration.storage.directory = folder.path
        configuration.mqtt.brokers[0].name = "demo"
        configuration.mqtt.brokers[0].host = "127.0.0.1"
        configuration.mqtt.brokers[0].port = broker.port
        configuration.mqtt.brokers[0].username = "sluice"
        configuration.mqtt.brokers[0].password = .literal(daemonPassword)
        configuration.http.port = httpPort
        configuration.http.isDemo = true
        configuration.http.tls = nil
        configuration.http.assetsDirectory = assets
        configuration.time.zone = "Europe/London"
        configuration.log.format = .text
        self.configuration = configuration
    }

    func run(stop: StopFlag) async throws {
        defer {
            broker.stop()
            folder.cleanUp()
        }
        Terminal.say(
            "\(Terminal.bold("Sluice demo")): \(city.sensorCount) sensors in \(fixtures.wards.names.count) wards of Birmingham, "
                + "seed \(folder.seed), data in \(folder.path)")
        Terminal.say(Terminal.dim(SyntheticCity.notice))
        let startMs = try await offPool("sluice-history") { try loadHistory(stop) }
        let clock = DemoClock(originMs: startMs, rate: rate)
        let cityClock = clock.wallClock
        let logger = configuration.log.logger(clock: cityClock)
        var configuration = configuration
        let pageKey = try await makePageKey()
        configuration.http.publicKey = pageKey
        let daemon = SluiceDaemon(
            configuration: configuration, registry: city.sensors, wards: fixtures.wardsGeoJSON, clock: cityClock,
            metrics: MetricRegistry(version: Version.current), logger: logger)
        let publisher = CityPublisher(
            city: city, fromMs: startMs, session: deviceSession, clock: cityClock, logger: logger)
        try await daemon.run(stop: stop, companions: [publisher]) { port in
            announce(port: port, clock: clock.start(), pageKey: pageKey)
        }
        Terminal.say("Stopped.")
    }

    /// What the devices of the city connect with.
    private var deviceSession: SessionConfiguration {
        var session = SessionConfiguration()
        session.name = "city"
        session.host = "127.0.0.1"
        session.port = broker.port
        session.clientID = "synthetic-city"
        session.isClean = true
        session.username = "city"
        session.password = devicePassword
        return session
    }

    /// Passes the city's past through the pipeline, from where the store ends to where live time begins.
    /// Returns where live time begins. Blocks.
    private func loadHistory(_ stop: StopFlag) throws -> Int64 {
        let logger = Logger(label: "sluice") {
            SluiceLogHandler(label: $0, level: .warning, clock: WallClock.system.nowMs)
        }
        let dayAgo = WallClock.system.nowMs() - Self.dayMs
        var offline = configuration
        // A history that a power cut takes away is made anew.
        offline.storage.durability = .crash
        var liveFrom = city.liveStartMs
        let summary = try OfflineRun.run(
            offline, registry: city.sensors, settled: false, stop: stop, logger: logger
        ) { feeder, core in
            let stored = core.recovered.lastArrivalMs
            let fromMs = stored.map { $0 + 1 } ?? (city.liveStartMs - Self.historyDays * Self.dayMs)
            // A city that stood still for longer than a day is brought up to yesterday first.
            liveFrom = max(city.liveStartMs, fromMs, dayAgo)
            guard fromMs < liveFrom else { return }
            try DemoHistory(city: city, fromMs: fromMs, toMs: liveFrom).feed(&feeder, until: stop)
        }
        if summary.opened > 0 {
            Terminal.say("In that time \(summary.opened) requests were opened and \(summary.closed) closed.")
        }
        return liveFrom
    }

    /// A new key for reports from the page, in place of the last demo's.
    private func makePageKey() async throws -> String {
        let client = LocalClient(directory: folder.path, configured: configuration.operations.socket)
        let keys = try await client.ask("keys.list", LocalNothing(), for: [APIKey].self)
        if keys.contains(where: { $0.name == Self.pageKeyName && !$0.isRevoked }) {
            _ = try await client.ask(
                "keys.revoke", LocalCommands.Named(name: Self.pageKeyName), for: LocalNothing.self)
        }
        let wanted = LocalCommands.NewKey(
            name: Self.pageKeyName, roles: [.report], ratePerMinute: 60, isPublic: true)
        return try await client.ask("keys.add", wanted, for: LocalCommands.MadeKey.self).secret
    }

    private static let pageKeyName = "page"

    private func announce(port: Int, clock: CityClock, pageKey: String) {
        let address = "http://127.0.0.1:\(port)"
        let seconds = (clock.caughtUpAtMs - clock.startedAtMs) / 1000
        var lines = [
            "", "  \(Terminal.bold("Dashboard"))  \(address)/",
            "  \(Terminal.bold("Open311"))    \(address)/open311/v2/requests.json?status=open",
            "  \(Terminal.bold("Metrics"))    \(address)/metrics",
            "  \(Terminal.bold("Report"))     curl \(address)/open311/v2/requests.json -d api_key=\(pageKey) "
                + "-d service_code=water-leak -d lat=52.50 -d long=-1.88 -d description='Water in the road'",
            "  \(Terminal.bold("Commands"))   sluice top --data \(folder.path)", "",
            "The city's clock runs \(rate) times as fast as ours; it reaches the present in about \(seconds) s. Coming up:",
        ]
        lines += city.script.events(fromMs: clock.originMs, toMs: clock.originMs + 12 * 3_600_000)
            .map { "  \(city.summary($0))" }
        lines += ["", "What Sluice decides, in the city's time (UTC):"]
        Terminal.say(lines.joined(separator: "\n"))
    }
}
