import Foundation
import TestSupport
import Testing

/// The commands beside the daemon, as a person or a script runs them.
@Suite struct CommandTests {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../fixtures").standardized.path

    /// Two bins, recorded in a file each; one burns from 06:10 to 06:20.
    static func recordings(in folder: String) throws -> [String] {
        let header = "timestamp,sensor_id,kind,metric,value\n"
        let calm = (0..<12).map { "2026-05-01T06:\($0 < 2 ? "0" : "")\($0 * 5):00Z,bin-1,bin-fill,temperature_c,12\n" }
        let hot = (0..<12).map {
            "2026-05-01T06:\($0 < 2 ? "0" : "")\($0 * 5):00Z,bin-2,bin-fill,temperature_c,\((2...4).contains($0) ? 80 : 12)\n"
        }
        let paths = ["\(folder)/calm.csv", "\(folder)/hot.csv"]
        for (path, rows) in zip(paths, [calm, hot]) {
            try (header + rows.joined()).write(toFile: path, atomically: true, encoding: .utf8)
        }
        return paths
    }

    @Test func aReplayOfAFileThatIsNotThereMakesNoStore() async throws {
        let folder = try TestFolder()
        let data = "\(folder.path)/data"
        let replayed = try await SluiceProcess.run(["replay", "--data", data, "\(folder.path)/missing.csv"])
        #expect(replayed.code == 66 && replayed.output.contains("missing.csv"), "\(replayed)")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test func aReplayFilesWhatTheRecordingTellsAndRequestsShowsIt() async throws {
        let folder = try TestFolder()
        let data = "\(folder.path)/data"
        let files = try Self.recordings(in: folder.path)
        let replayed = try await SluiceProcess.run(["replay", "--json", "--data", data] + files)
        #expect(replayed.code == 0, "\(replayed.output)")
        #expect(replayed.output.contains(#"{"readings":24,"opened":1,"closed":0,"reopened":0}"#))

        let listed = try await SluiceProcess.run(["requests", "list", "--data", data])
        #expect(listed.output.contains("Bin on fire: bin-2"))
        #expect(!listed.output.contains("\u{1B}"), "no colour into a pipe")
        let json = try await SluiceProcess.run(["requests", "show", "1", "--data", data, "--json"])
        #expect(json.output.contains(#""requested_datetime":"2026-05-01T06:10:00Z""#))
        #expect(json.output.contains(#""status":"open""#))
        let shown = try await SluiceProcess.run(["requests", "show", "1", "--data", data])
        #expect(shown.output.contains("Opened: The bin at bin-2 is at 80 °C"))
        let unknown = try await SluiceProcess.run(["requests", "show", "99", "--data", data])
        #expect(unknown.code == 66)

        // Replayed again, nothing is new.
        let again = try await SluiceProcess.run(["replay", "--json", "--data", data] + files)
        #expect(again.output.contains(#""opened":0"#), "\(again.output)")
    }

    @Test func aReplayThroughABrokerReachesTheDaemon() async throws {
        let folder = try TestFolder()
        let files = try Self.recordings(in: folder.path)
        let site = try DaemonProcessTests.Site()
        let daemon = try await site.started()
        let arguments = [
            "replay", "--json", "--broker", "127.0.0.1:\(site.broker.port)", "--username", site.broker.username,
            "--password-env", "PASSWORD",
        ]
        let replayed = try await SluiceProcess.run(arguments + files, environment: ["PASSWORD": site.broker.password])
        #expect(replayed.output.contains(#"{"published":24}"#), "\(replayed.output)")
        _ = try await site.metric("sluice_readings_total 24")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test(arguments: [
        ("bin-1,bin-fill,wat,4", "metric: must be flow_m3h, ", #"found "wat""#),
        ("b 9/#,bin-fill,fill_pct,4", "sensor_id: must not hold /, + or #", #"found "b 9/#""#),
    ])
    func aRecordingThatNoDeviceCouldSendIsNamedByFileLineAndField(row: String, rule: String, found: String) async throws
    {
        let folder = try TestFolder()
        let broker = try TestBroker()
        let file = "\(folder.path)/r.csv"
        try "timestamp,sensor_id,kind,metric,value\n2026-05-01T06:00:00Z,\(row)\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let arguments = [
            "replay", file, "--broker", "127.0.0.1:\(broker.port)", "--username", broker.username, "--password-env",
            "PASSWORD",
        ]
        let (code, output) = try await SluiceProcess.run(arguments, environment: ["PASSWORD": broker.password])
        #expect(code == 65, "\(output)")
        #expect(output.contains("\(file): line 2: \(rule)") && output.contains(found), "\(output)")
    }

    struct Failing: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var arguments: [String]
        var code: Int32
        var says: String
    }

    @Test(arguments: [
        Failing(
            testDescription: "no such recording", arguments: ["replay", "/nowhere.csv", "--data", "DATA"], code: 66,
            says: "/nowhere.csv: there is no such file"),
        Failing(
            testDescription: "a recording that is none", arguments: ["replay", #filePath, "--data", "DATA"], code: 65,
            says: "line 1"),
        Failing(
            testDescription: "no broker", arguments: ["simulate", "--broker", "127.0.0.1:1", "--fixtures", fixtures],
            code: 69, says: "no broker at 127.0.0.1:1"),
        Failing(
            testDescription: "no data directory", arguments: ["requests", "list", "--data", "DATA"], code: 66,
            says: "there is no database yet"),
        Failing(
            testDescription: "speed without a broker", arguments: ["replay", "x.csv", "--speed", "2"], code: 64,
            says: "--speed goes with --broker"),
        Failing(
            testDescription: "a speed that is no number",
            arguments: ["replay", "x.csv", "--broker", "localhost:1", "--speed", "nan"], code: 64,
            says: "--speed must be a number from 0.001 to 1000000, found nan"),
        Failing(
            testDescription: "nobody to tail", arguments: ["tail", "--address", "http://127.0.0.1:1", "--no-follow"],
            code: 69, says: "http://127.0.0.1:1 does not answer: connection refused; is a daemon running there?"),
        Failing(
            testDescription: "a level that is none", arguments: ["tail", "--where", "level >= wat"], code: 64,
            says: "found “wat”"),
        Failing(
            testDescription: "no such backup", arguments: ["verify", "/nowhere.db"], code: 66,
            says: "/nowhere.db: there is no such file, or it is empty"),
        Failing(
            testDescription: "a backup that is none", arguments: ["restore", #filePath, "--data", "DATA"], code: 74,
            says: "is no backup: it is not an SQLite database"),
        Failing(
            testDescription: "a folder as backup", arguments: ["verify", "/tmp"], code: 74,
            says: "/tmp: is a folder; name the file in it"),
        Failing(testDescription: "an unknown command", arguments: ["florble"], code: 64, says: "florble"),
        Failing(
            testDescription: "no fixtures", arguments: ["demo", "--fixtures", "/nowhere", "--data", "DATA"], code: 66,
            says: "birmingham-wards.geojson is not in /nowhere"),
    ])
    func whatIsWrongIsOneSentenceAndAnExitCode(_ c: Failing) async throws {
        let folder = try TestFolder()
        let arguments = c.arguments.map { $0 == "DATA" ? "\(folder.path)/data" : $0 }
        let (code, output) = try await SluiceProcess.run(arguments, within: .seconds(40))
        #expect(code == c.code, "\(output)")
        #expect(output.contains(c.says), "\(output)")
    }

    /// A key that no daemon knows would look like one that works. Where a daemon is installed, there is data to look into.
    @Test(
        .enabled(if: !FileManager.default.fileExists(atPath: "/var/lib/sluice")),
        arguments: [
            ["keys", "add", "fixmystreet"], ["requests", "list"], ["backup", "copy.db"], ["sensors", "list"],
        ])
    func aCommandThatFindsNoDataBeginsNone(_ arguments: [String]) async throws {
        let folder = try TestFolder()
        let process = try SluiceProcess(arguments, wrapper: ["/usr/bin/env", "-C", folder.path])
        #expect(try await process.exitCode() == 66)
        let told = try await process.line { $0.contains("name the daemon's data with --data FOLDER") }
        #expect(told.contains("no sluice-data in this folder"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    /// Right before a daemon's first start, and a mistyped folder at any other time.
    @Test func anImportThatMakesAStoreSaysWhere() async throws {
        let folder = try TestFolder()
        let file = "\(folder.path)/sensors.csv"
        try "sensor_id,kind,neighbours\na,traffic,a\n".write(toFile: file, atomically: true, encoding: .utf8)
        let arguments = ["sensors", "import", file, "--data", "\(folder.path)/typo"]
        let first = try await SluiceProcess.run(arguments)
        #expect(first.code == 0 && first.output.contains("\(folder.path)/typo had no data: a new store was made there"))
        #expect(first.output.contains("warning: \(file): line 2: neighbours: names the sensor itself"))
        #expect(first.output.contains("1 sensor imported, 1 of them new"), "\(first.output)")
        let again = try await SluiceProcess.run(arguments)
        #expect(again.code == 0 && !again.output.contains("a new store"))
    }

    @Test func aBackupThatFindsNoRoomSaysSoAndLeavesNothing() async throws {
        let folder = try TestFolder()
        let files = try Self.recordings(in: folder.path)
        let data = "\(folder.path)/data"
        #expect(try await SluiceProcess.run(["replay", "--json", "--data", data] + files).code == 0)
        // No file may grow beyond 64 KiB: the disk is full for the copy alone. The signal about it is ignored.
        let copy = "\(folder.path)/copy.db"
        let process = try SluiceProcess(
            ["backup", "--data", data, copy],
            wrapper: ["/bin/sh", "-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "sh"])
        #expect(try await process.exitCode() == 74)
        #expect(!process.output.contains("not an error"), "\(process.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("copy") } == [])
    }

    @Test func aRefusedPasswordEndsACommandWithItsOwnCode() async throws {
        let broker = try TestBroker()
        let (code, output) = try await SluiceProcess.run([
            "simulate", "--broker", "127.0.0.1:\(broker.port)", "--fixtures", Self.fixtures,
        ])
        #expect(code == 77, "\(output)")
        #expect(output.contains("refused"))
    }

    @Test func aSimulatedCityPublishesAsManyMessagesAsAskedFor() async throws {
        let broker = try TestBroker()
        let arguments = [
            "simulate", "--broker", "127.0.0.1:\(broker.port)", "--username", broker.username, "--password-env",
            "PASSWORD", "--rate", "0", "--messages", "500", "--fixtures", Self.fixtures,
        ]
        let (code, output) = try await SluiceProcess.run(arguments, environment: ["PASSWORD": broker.password])
        #expect(code == 0, "\(output)")
        #expect(output.contains("500 messages"))
        #expect(broker.logCount("Received PUBLISH from sluice-simulate") == 500)
    }

    @Test func theCitysRegistryIsARegistryThatTheDaemonReads() async throws {
        let folder = try TestFolder()
        let registry = "\(folder.path)/sensors.csv"
        let written = try await SluiceProcess.run(["simulate", "--registry", registry, "--fixtures", Self.fixtures])
        #expect(written.code == 0, "\(written.output)")
        let configuration = "\(folder.path)/sluice.yaml"
        try "sensors:\n  file: \(registry)\n  mode: allow_list\n".write(
            toFile: configuration, atomically: true, encoding: .utf8)
        let checked = try await SluiceProcess.run(["check", configuration])
        #expect(checked.code == 0, "\(checked.output)")
    }

    @Test func checkShowsWhatARouteReadsFromItsSamples() async throws {
        let folder = try TestFolder()
        let configuration = "\(folder.path)/sluice.yaml"
        try """
        routes:
          - name: bins
            topic: city/{sensor}
            kind: bin-fill
            samples:
              - topic: city/b7
                payload: '{"ts":"2026-05-01T06:00:00Z","value":83}'
              - topic: city/b8
                payload: '{"value":"full"}'
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        for arguments in [["check", configuration], ["check", "--config", configuration]] {
            let (code, output) = try await SluiceProcess.run(arguments)
            #expect(code == 1)
            #expect(output.contains("reads  bins: b7: fill_pct 83 at 2026-05-01T06:00:00Z"))
            #expect(output.contains("cannot read  bins: wrong_type"))
        }
        for arguments in [["check"], ["check", configuration, "--config", configuration]] {
            #expect(try await SluiceProcess.run(arguments).code == 64, "\(arguments)")
        }
    }

    @Test(arguments: ["run", "demo", "simulate", "replay", "check", "decode", "requests"])
    func everyCommandsHelpCarriesAnExample(_ command: String) async throws {
        let (code, output) = try await SluiceProcess.run([command, "--help"])
        #expect(code == 0)
        #expect(output.contains("Example"))
        #expect(output.contains("sluice \(command)"))
    }

    /// `sluice sensors`, `sluice sensors import` and so on, as the argument parser tells them.
    private struct Told: Decodable {
        var commandName: String
        var subcommands: [Told]?

        /// The words behind `sluice` of this command and all below it.
        func all(behind words: [String]) -> [[String]] {
            [words] + (subcommands ?? []).flatMap { $0.all(behind: words + [$0.commandName]) }
        }
    }

    private struct Dump: Decodable {
        var command: Told
    }

    /// A line is as full as the parser makes it for a terminal of 80 columns: the words are wrapped once, not twice.
    @Test func everyCommandsHelpIsWrappedForATerminal() async throws {
        let dump = try await SluiceProcess.run(["--experimental-dump-help"])
        let commands = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command.all(behind: [])
            .filter { $0.first != "help" }
        #expect(commands.count > 40)
        for command in commands {
            let (code, output) = try await SluiceProcess.run(command + ["--help"])
            #expect(code == 0, "\(command)")
            let lines = output.prefix(upTo: output.range(of: "USAGE:")?.lowerBound ?? output.endIndex)
                .split(separator: "\n", omittingEmptySubsequences: false)
            for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty {
                // An example stands on a line of its own.
                guard !line.hasPrefix(" ") else {
                    #expect(next.isEmpty || next.hasPrefix(" "), "\(command): \(line)")
                    continue
                }
                #expect(line.count <= 80, "\(command): \(line)")
                let word = next.prefix { $0 != " " }
                #expect(word.isEmpty || line.hasSuffix(":") || line.count + 1 + word.count >= 80, "\(command): \(line)")
            }
        }
    }

    @Test func theVersionIsSaid() async throws {
        let (code, output) = try await SluiceProcess.run(["--version"])
        #expect(code == 0)
        #expect(output.contains("sluice 0."))
    }
}
