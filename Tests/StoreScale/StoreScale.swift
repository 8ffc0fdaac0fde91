import ArgumentParser
import Foundation
import GRDB
import IssueStorage
import Open311

/// Makes a store of many requests and times what people ask of it.
@main struct StoreScale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "StoreScale",
        abstract:
            "Fill a store with a city's requests of years, and time pages, filters, measures, hotspots and exports.",
        discussion: """
            Examples:
              swift run -c release StoreScale
              swift run -c release StoreScale --requests 100000 --folder /tmp/scale   # kept, and used again
            """)

    @Option(help: "Requests to make.")
    var requests = 1_000_000

    @Option(help: "Days over which they were raised.")
    var days = 1095

    @Option(help: "Sensors to make.")
    var sensors = 10_000

    @Option(help: "Seed of the requests.")
    var seed: UInt64 = 1

    @Option(help: "Times that each question is asked.")
    var rounds = 21

    @Option(help: ArgumentHelp("Folder to keep the store in; used as it is if it is there.", valueName: "folder"))
    var folder: String?

    func run() async throws {
        let path = folder ?? NSTemporaryDirectory() + "sluice-scale-\(UUID().uuidString)"
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: path) } }
        let city = ScaledCity(requests: requests, days: days, sensors: sensors, seed: seed)
        if !FileManager.default.fileExists(atPath: path + "/sluice.db") {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let cost = try ScaledStore(directory: path, city: city).make { done in
                if done % 100_000 == 0 { say("made \(done) of \(requests) requests") }
            }
            let perRequest = { (seconds: Double) in String(format: "%.0f µs", seconds / Double(requests) * 1e6) }
            say(
                "made \(requests): \(perRequest(cost.writing)) a request in commits, "
                    + "\(perRequest(cost.settling)) in measures")
        }
        let reader = try IssueReader(directory: path)
        say("\(reader.databaseBytes() >> 20) MiB")
        for question in Question.all(city) { say(try await question.ask(reader, rounds: rounds)) }
    }
}

/// Writes a line at once, also into a pipe.
func say(_ line: String) { try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) }
