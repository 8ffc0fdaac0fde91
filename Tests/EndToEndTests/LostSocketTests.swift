import Foundation
import Synchronization
import TestSupport
import Testing

/// What a daemon holds is its alone, though its socket be gone: no command reads or writes the store behind its back.
@Suite struct LostSocketTests {
    /// Every command that asks the daemon.
    private static let commands = [
        "requests list", "requests show 1", "explain 1", "budget --service bin-full --per-day 1", "sensors list",
        "sensors show bin-2", "sensors export", "sensors import FILE", "sensors unknown", "sensors adopt bin-2",
        "sensors adopt --all", "assets list", "assets export",
        "assets import FILE", "assets adopt bin-1 --name M --mqtt a/b", "assets release bin-1", "assets stewards",
        "outbox list", "outbox show 1", "outbox retry", "outbox discard 1", "outbox filed 1 2", "keys list",
        "keys add k", "keys revoke k", "privacy erase --request 1", "quarantine list", "quarantine show 1",
        "quarantine retry --all", "quarantine discard 1", "top --once", "tail --no-follow",
    ]

    @Test func everyCommandRefusesAndSaysWhy() async throws {
        let site = try DaemonProcessTests.Site()
        let daemon = try await site.started()
        let socket = "\(site.folder)/data/sluice.sock"
        try #require(FileManager.default.fileExists(atPath: socket))
        try FileManager.default.removeItem(atPath: socket)
        let rows = "\(site.folder)/rows.csv"
        try "sensor_id,kind\n".write(toFile: rows, atomically: true, encoding: .utf8)
        let assets = "\(site.folder)/assets.csv"
        try "id,kind,lat,lon\n".write(toFile: assets, atomically: true, encoding: .utf8)
        for command in Self.commands {
            let words = command.split(separator: " ").map(String.init)
                .map { $0 == "FILE" ? command.hasPrefix("assets") ? assets : rows : $0 }
            let ran = try await SluiceProcess.run(words + ["--data", "\(site.folder)/data"])
            #expect(ran.code == 75, "\(command): \(ran.code) \(ran.output)")
            #expect(
                ran.output.contains("process \(daemon.processID), holds this directory and does not answer at"),
                "\(command): \(ran.output)")
        }
        // The daemon has not noticed, and what may be read beside it can still be.
        let copied = try await SluiceProcess.run([
            "backup", "--data", "\(site.folder)/data", "\(site.folder)/copy.db",
        ])
        #expect(copied.code == 0, "\(copied.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let alone = try await SluiceProcess.run(["requests", "list", "--data", "\(site.folder)/data"])
        #expect(alone.code == 0, "\(alone.output)")
    }

    @Test func aCommandThatLooksNeverKeepsADaemonFromStarting() async throws {
        let site = try DaemonProcessTests.Site()
        try await site.started().stopped()
        let isDone = Mutex(false)
        async let looking = {
            var asked = 0
            while !isDone.withLock({ $0 }) {
                let ran = try await SluiceProcess.run(["requests", "list", "--data", "\(site.folder)/data"])
                #expect([0, 75].contains(ran.code), "\(ran.output)")
                asked += 1
            }
            return asked
        }()
        for _ in 0..<5 { try await site.started().stopped() }
        isDone.withLock { $0 = true }
        #expect(try await looking > 0)
    }
}

extension SluiceProcess {
    fileprivate func stopped() async throws {
        send(SIGTERM)
        try await expectExit(0, within: .seconds(20))
    }
}
