internal import ArgumentParser
internal import Foundation
internal import Logging
internal import MQTTSession
internal import Readings
internal import Telemetry
internal import Settings

/// `sluice replay`: recorded readings, through MQTT or straight into the pipeline.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay recorded readings, through a broker or straight into the pipeline.",
        discussion: """
            Files are CSV, plain or gzipped: timestamp,sensor_id,kind,metric,value, each in order of time; several are \
            merged. Without --broker they go straight into the pipeline and the store of the data directory, as fast \
            as it goes, with the times of the recording; no daemon may hold that directory. With --broker they are \
            published to sluice/<kind>/<sensor id>, as fast as the broker takes them or at --speed times the recorded \
            pace.

            Examples:
              sluice replay readings/bins.csv.gz --sensors sensors.csv --data ./replayed
              sluice replay readings/bins.csv.gz --broker 127.0.0.1:1883 --speed 600
            """)

    @Argument(help: "Files of readings.", completion: .file())
    var files: [String]

    @OptionGroup var options: DataOptions
    @OptionGroup var broker: BrokerOptions

    @Option(help: ArgumentHelp("The registry of the recorded sensors (CSV).", valueName: "file"), completion: .file())
    var sensors: String?

    @Option(help: "Recorded seconds in a real one, with --broker; default: as fast as it goes.")
    var speed: Double?

    @Flag(help: "Print what happened as JSON.")
    var json = false

    func validate() throws {
        if files.isEmpty { throw ValidationError("name at least one file of readings") }
        if let speed, !(0.001...1_000_000).contains(speed) {
            throw ValidationError("--speed must be a number from 0.001 to 1000000, found \(speed)")
        }
        if speed != nil, broker.broker == nil { throw ValidationError("--speed goes with --broker") }
    }

    func run() async throws {
        try await Failure.report {
            try await offPool("sluice-replay") {
                if broker.broker != nil { try publish() } else { try feed() }
            }
        }
    }

    // MARK: Straight into the pipeline

    /// Rows that are pushed together; sensors that are new in them are introduced before.
    private static let stretch = 2048

    private func feed() throws {
        var configuration = try options.configuration.load().configuration
        if let data = options.data { configuration.storage.directory = data }
        // Before a store is made for them.
        var recorded = try RecordedReadings(paths: files)
        let summary = try OfflineRun.run(
            configuration, registry: sensors.map(Registry.load) ?? [], settled: true, logger: Self.logger
        ) { feeder, _ in
            // By the recording's sensor number: its index, or nil inside for one that policy does not admit.
            var indexes: [SensorIndex?] = []
            var last: Int64?
            let bar = ProgressBar("Replaying", unit: "readings", total: 1)
            while let stretch = try recorded.next(atMost: Self.stretch) {
                if last == nil { feeder.begin(atMs: stretch[0].row.observedAtMs) }
                last = stretch[stretch.count - 1].row.observedAtMs
                indexes += feeder.introduce(recorded.newcomers(in: stretch, known: indexes.count)).map(\.index)
                for item in stretch {
                    guard let index = indexes[item.sensor] else { continue }
                    feeder.push(index, item.row.quantity, observedAtMs: item.row.observedAtMs, value: item.row.value)
                }
                bar.update(share: recorded.share, done: feeder.pushed)
            }
            if let last { feeder.finish(atMs: last) }
            bar.finish(feeder.pushed)
            // Behind the bar's end: what is left to do depends on what the store still has to fold.
            if feeder.pushed > 1_000_000 { Terminal.complain("Folding them into history, some seconds a million …") }
        }
        if json {
            Terminal.say(
                "{\"readings\":\(summary.readings),\"opened\":\(summary.opened),\"closed\":\(summary.closed),"
                    + "\"reopened\":\(summary.reopened)}")
        } else {
            Terminal.say(
                "\(ProgressBar.counted(summary.readings, "readings")), "
                    + "\(ProgressBar.counted(summary.opened, "requests")) opened, \(summary.closed) closed, "
                    + "\(summary.reopened) reopened. See them: sluice requests list --status all --data "
                    + configuration.storage.directory)
        }
    }

    // MARK: Through a broker

    private func publish() throws {
        var recorded = try RecordedReadings(paths: files, namesTopics: true)
        let publisher = try Publishing.connect(try broker.session(clientID: "sluice-replay"), logger: Self.logger)
        let bar = ProgressBar("Publishing", unit: "messages", total: 1)
        let began = ContinuousClock.now
        var firstMs: Int64?
        var message = FlatMessage()
        while let item = try recorded.next() {
            if let speed {
                let sinceFirst = item.row.observedAtMs - (firstMs ?? item.row.observedAtMs)
                firstMs = firstMs ?? item.row.observedAtMs
                publisher.idle(until: began + .milliseconds(Int64(Double(sinceFirst) / speed)))
            }
            message.write(recorded.sensors[item.sensor], item.row)
            try publisher.publish(message.topic, message.payload)
            bar.update(share: recorded.share, done: publisher.done)
        }
        try publisher.finish()
        bar.finish(publisher.done)
        if json { Terminal.say("{\"published\":\(publisher.done)}") }
    }

    private static var logger: Logger {
        Logger(label: "sluice") { SluiceLogHandler(label: $0, level: .warning, clock: WallClock.system.nowMs) }
    }
}

extension RecordedReadings {
    /// The next rows, or nil at the end.
    fileprivate mutating func next(atMost count: Int) throws -> [Item]? {
        var items: [Item] = []
        while items.count < count, let item = try next() { items.append(item) }
        return items.isEmpty ? nil : items
    }

    /// The sensors that a stretch brings, in their order, when there were `count` before.
    fileprivate func newcomers(in stretch: [Item], known count: Int) -> [StreamFeeder.Newcomer] {
        var newcomers: [StreamFeeder.Newcomer] = []
        for item in stretch where item.sensor == count + newcomers.count {
            let source = sensors[item.sensor]
            newcomers.append(.init(id: source.id, kind: source.kind, atMs: item.row.observedAtMs))
        }
        return newcomers
    }
}

extension Admission {
    /// The sensor's index, or nil when policy does not admit it.
    fileprivate var index: SensorIndex? { if case .admitted(let index) = self { index } else { nil } }
}

/// A recorded row as the flat JSON that a device would send.
private struct FlatMessage {
    private(set) var topic: [UInt8] = []
    private(set) var payload: [UInt8] = []

    mutating func write(_ source: RecordedReadings.Source, _ row: ReadingsCSV.Row) {
        topic.removeAll(keepingCapacity: true)
        topic += Array("sluice/\(row.kind.name)/".utf8)
        topic += source.id
        payload.removeAll(keepingCapacity: true)
        payload += Array("{\"ts\":\"".utf8)
        Timestamp.append(row.observedAtMs, milliseconds: true, to: &payload)
        payload += Array("\",\"metric\":\"\(row.quantity.name)\",\"value\":\(row.value)}".utf8)
    }
}
