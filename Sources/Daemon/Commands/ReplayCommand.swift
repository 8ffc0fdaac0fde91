internal import ArgumentParser
internal import Foundation
internal import Logging
internal import MQTTSession
internal import Readings
internal import Telemetry

/// `sluice replay`: recorded readings, through MQTT or straight into the pipeline.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay recorded readings, through a broker or straight into the pipeline.",
        discussion: """
            Files are CSV, plain or gzipped: timestamp,sensor_id,kind,metric,value, in order of time.
            Without --broker they go straight into the pipeline and the store of the data directory, as fast as it goes, with
            the times of the recording; no daemon may hold that directory. With --broker they are published to
            sluice/<kind>/<sensor id>, as fast as the broker takes them or at --speed times the recorded pace.

            Examples:
              sluice replay readings/bins.csv.gz --sensors sensors.csv --data ./replayed
              sluice replay readings/bins.csv.gz --broker 127.0.0.1:1883 --speed 600
            """)

    @Argument(help: "Files of readings.")
    var files: [String]

    @OptionGroup var options: DataOptions
    @OptionGroup var broker: BrokerOptions

    @Option(help: ArgumentHelp("The registry of the recorded sensors (CSV).", valueName: "file"))
    var sensors: String?

    @Option(help: "Recorded seconds in a real one, with --broker; default: as fast as it goes.")
    var speed: Double?

    @Flag(help: "Print what happened as JSON.")
    var json = false

    func validate() throws {
        if files.isEmpty { throw ValidationError("name at least one file of readings") }
        if let speed, speed <= 0 { throw ValidationError("--speed must be above 0, found \(speed)") }
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

    private func feed() throws {
        var configuration = try options.configuration.load().configuration
        if let data = options.data { configuration.storage.directory = data }
        let summary = try OfflineRun.run(
            configuration, registry: sensors.map(Registry.load) ?? [], logger: Self.logger
        ) { feeder, _ in
            var sources = SensorIndexes()
            var last: Int64?
            let bar = ProgressBar("Replaying", unit: "readings", total: 0)
            for file in files {
                try ReadingsFile(path: file).forEachRow { id, row in
                    if last == nil { feeder.begin(atMs: row.observedAtMs) }
                    last = max(last ?? .min, row.observedAtMs)
                    guard let index = sources.index(of: id, row, &feeder) else { return }
                    feeder.push(index, row.quantity, observedAtMs: row.observedAtMs, value: row.value)
                    if feeder.pushed & 0xFFF == 0 { bar.update(feeder.pushed) }
                }
            }
            if let last { feeder.finish(atMs: last) }
            bar.finish(feeder.pushed)
        }
        if json {
            Terminal.say(
                "{\"readings\":\(summary.readings),\"opened\":\(summary.opened),\"closed\":\(summary.closed),"
                    + "\"reopened\":\(summary.reopened)}")
        } else {
            Terminal.say(
                "\(summary.readings) readings, \(summary.opened) requests opened, \(summary.closed) closed, "
                    + "\(summary.reopened) reopened. See them: sluice requests list --status all --data "
                    + configuration.storage.directory)
        }
    }

    // MARK: Through a broker

    private func publish() throws {
        let publisher = try Publishing.connect(try broker.session(clientID: "sluice-replay"), logger: Self.logger)
        let bar = ProgressBar("Publishing", unit: "messages", total: 0)
        let began = ContinuousClock.now
        var firstMs: Int64?
        var message = FlatMessage()
        for file in files {
            try ReadingsFile(path: file).forEachRow { id, row in
                if let speed {
                    let due = Double(row.observedAtMs - (firstMs ?? row.observedAtMs)) / speed
                    firstMs = firstMs ?? row.observedAtMs
                    while true {
                        let left = Int64(due) - (ContinuousClock.now - began).milliseconds
                        guard left > 0 else { break }
                        publisher.mqtt.service(timeoutMs: Int(min(left, 100)))
                    }
                }
                message.write(id, row)
                try publisher.publish(message.topic, message.payload)
                bar.update(publisher.done)
            }
        }
        try publisher.finish()
        bar.finish(publisher.done)
        if json { Terminal.say("{\"published\":\(publisher.done)}") }
    }

    private static var logger: Logger {
        Logger(label: "sluice") { SluiceLogHandler(label: $0, level: .warning, clock: WallClock.system.nowMs) }
    }
}

/// Indexes of the sensors met in a replay.
private struct SensorIndexes {
    private var names = NameTable(seed: (0, 0))
    /// Ids that policy does not admit, so that each is asked about once.
    private var refused: Set<[UInt8]> = []

    mutating func index(
        of id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row, _ feeder: inout StreamFeeder
    ) -> SensorIndex? {
        if let known = names.index(of: id) { return known }
        let bytes = [UInt8](copying: id)
        guard !refused.contains(bytes) else { return nil }
        let name = String(decoding: bytes, as: UTF8.self)
        switch feeder.introduce(name, kind: row.kind, atMs: row.observedAtMs) {
        case .admitted(let index):
            names.insert(id, index)
            return index
        case .refused:
            refused.insert(bytes)
            return nil
        }
    }
}

/// A recorded row as the flat JSON that a device would send.
private struct FlatMessage {
    private(set) var topic: [UInt8] = []
    private(set) var payload: [UInt8] = []

    mutating func write(_ id: borrowing Span<UInt8>, _ row: ReadingsCSV.Row) {
        topic.removeAll(keepingCapacity: true)
        topic += Array("sluice/\(row.kind.name)/".utf8)
        for index in id.indices { topic.append(id[index]) }
        payload.removeAll(keepingCapacity: true)
        payload += Array("{\"ts\":\"".utf8)
        Timestamp.append(row.observedAtMs, milliseconds: true, to: &payload)
        payload += Array("\",\"metric\":\"\(row.quantity.name)\",\"value\":\(row.value)}".utf8)
    }
}
