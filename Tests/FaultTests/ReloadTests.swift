import FaultSupport
import Foundation
import GRDB
import TestSupport
import Testing

/// Changed configurations while readings come in.
@Suite(.timeLimit(.minutes(3))) struct ReloadTests {
    /// Sends SIGHUP and waits for the end of that reload.
    private func reload(_ daemon: SluiceProcess, expecting event: String = "reload.done") async throws {
        let before = daemon.count(ofEvent: event)
        daemon.send(SIGHUP)
        try await eventually("\(event); \(daemon.output.suffix(1000))", within: .seconds(60)) {
            daemon.count(ofEvent: event) > before
        }
    }

    private static let routes = """
        routes:
          - {name: standard, topic: "sluice/{kind}/{sensor}"}
          - {name: yard, topic: "yard/{sensor}", format: number, kind: bin-fill, quantity: fill_pct}
        """

    @Test func reloadsUnderLoadLoseNothingAndRepeatNothing() async throws {
        let site = try FaultSite()
        let stream = FaultSite.stream(40_000)
        let daemon = try await site.start()
        async let published: Void = offPool { try site.publish(stream, 0..<40_000) }
        for round in 0..<6 {
            let share = round % 2 == 0 ? "0.91" : "0.9"
            try site.configure(
                extra: """
                    detection:
                      wet_contact:
                        share: \(share)
                    \(round % 3 == 0 ? Self.routes : "")
                    """)
            try await reload(daemon)
        }
        try await published
        try await site.stores(stream.count)
        #expect(daemon.count(ofEvent: "rules.changed") == 7)
        try await site.expectExact(stream, stopping: daemon)
        let requests = try site.stored().requests()
        #expect(Set(requests.map(\.key)).count == requests.count)
        // Some bins still burn when the stream ends.
        #expect(requests.count { $0.rule == "bin-fire" } >= stream.fires)
    }

    /// What can fail comes first: else a part of the new configuration would hold, and the same file sent again would seem to be
    /// in force already.
    @Test func aReloadThatFailsChangesNothingAndSucceedsWhenItIsSentAgain() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        // Those that the start brings are told of once they are committed.
        _ = try await daemon.line { $0.contains("\"rules.changed\"") }
        let rules = daemon.count(ofEvent: "rules.changed")
        var unhurried = Configuration()
        unhurried.busyMode = .timeout(60)
        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db", configuration: unhurried)
        func renameKeys(_ former: String, _ name: String) async throws {
            try await database.write { db in try db.execute(sql: "ALTER TABLE \(former) RENAME TO \(name)") }
        }
        try await renameKeys("api_key", "keys_elsewhere")
        try site.configure(
            extra: """
                detection:
                  wet_contact:
                    share: 0.91
                """)
        try await reload(daemon, expecting: "reload.refused")
        #expect(daemon.count(ofEvent: "rules.changed") == rules)
        try await renameKeys("keys_elsewhere", "api_key")
        try await reload(daemon)
        #expect(daemon.count(ofEvent: "rules.changed") == rules + 1)
        try database.close()
        daemon.send(SIGTERM)
        #expect(try await daemon.exitCode() == 0)
    }

    @Test func aKillBehindAReloadLeadsToTheSameRequestsAsNoKill() async throws {
        func requests(killing: Bool) async throws -> [StoredStream.Request] {
            let site = try FaultSite()
            // The same stream in both runs: it ends a day ago, at a full hour.
            let stream = FaultSite.stream(20_000, before: .seconds(86_400))
            var daemon = try await site.start()
            try site.publish(stream, 0..<8000)
            try await site.stores(8000)
            try site.configure(
                extra: """
                    detection:
                      bin:
                        full_percent: 60
                        clear_percent: 40
                    rules:
                      bin-tilt:
                        enabled: false
                      bin-forecast:
                        enabled: false
                    """)
            try await reload(daemon)
            try site.publish(stream, 8000..<14_000)
            try await site.stores(14_000)
            if killing {
                daemon.send(SIGKILL)
                _ = try await daemon.exitCode()
                daemon = try await site.start()
            }
            try site.publish(stream, 14_000..<20_000)
            try await site.stores(20_000)
            try await site.expectExact(stream, stopping: daemon)
            return try site.stored().requests()
        }
        let (killed, whole) = (try await requests(killing: true), try await requests(killing: false))
        #expect(killed.map(\.key) == whole.map(\.key))
        #expect(killed == whole)
        #expect(whole.contains { $0.rule == "bin-full" })
    }

    /// Six noise loggers that hear leaks from one night to the next, and the pipe zones that the registry puts them in.
    private enum Loggers {
        static let readingsPerDay = 48

        static func registry(_ zones: [String]) -> String {
            "sensor_id,kind,zone\n"
                + zones.enumerated().map { "logger-\($0.offset),water-leak,\($0.element)\n" }.joined()
        }

        /// Half-hourly readings of some days. All times are forty days ago: nothing depends on when this runs.
        static func readings(
            _ days: Range<Int>, startMs: Int64, loud: (_ logger: Int, _ day: Int) -> Bool
        ) -> [(topic: String, payload: String)] {
            (days.lowerBound * readingsPerDay..<days.upperBound * readingsPerDay).flatMap { step in
                (0..<6).map { logger in
                    let level = 30 + (step * 7 + logger * 13) % 11 - 5 + (loud(logger, step / readingsPerDay) ? 22 : 0)
                    let atMs = startMs + Int64(step) * 1_800_000 + Int64(logger)
                    return (
                        "sluice/water-leak/logger-\(logger)",
                        "{\"ts\":\(atMs),\"metric\":\"noise_db\",\"value\":\(level)}"
                    )
                }
            }
        }
    }

    /// Loggers are moved to other zones while their leaks are open: by a reload, and by an edit that nobody is told of before
    /// the daemon is killed. What was heard before stays in the requests of the zones that it was heard in.
    @Test func aKillBehindAnEditedRegistryLeadsToTheSameRequestsAsNoKill() async throws {
        let startMs = (Int64(Date.now.timeIntervalSince1970) / 86_400 - 40) * 86_400_000
        func requests(killing: Bool) async throws -> [StoredStream.Request] {
            let site = try FaultSite()
            let file = "\(site.folder)/sensors.csv"
            var stored = 0
            func edit(_ zones: String...) throws {
                try Loggers.registry(zones).write(toFile: file, atomically: true, encoding: .utf8)
            }
            func publish(_ days: Range<Int>, loud: (_ logger: Int, _ day: Int) -> Bool) async throws {
                try site.publish(Loggers.readings(days, startMs: startMs, loud: loud))
                stored += days.count * Loggers.readingsPerDay * 6
                try await site.stores(stored)
            }
            func kill(_ daemon: SluiceProcess) async throws -> SluiceProcess {
                daemon.send(SIGKILL)
                _ = try await daemon.exitCode()
                return try await site.start()
            }
            try edit("north", "north", "north", "south", "south", "south")
            try site.configure(extra: "sensors:\n  file: \(file)")
            var daemon = try await site.start()
            try await publish(0..<16) { logger, day in logger < 2 && day >= 14 }
            try edit("north", "south", "north", "north", "south", "south")
            try await reload(daemon)
            try await publish(16..<19) { logger, day in logger < 2 || (logger == 3 || logger == 4) && day >= 17 }
            if killing { daemon = try await kill(daemon) }
            try await publish(19..<22) { logger, day in logger < 2 || logger == 3 || logger == 4 || day >= 20 }
            try edit("south", "south", "south", "north", "north", "north")
            if killing { daemon = try await kill(daemon) } else { try await reload(daemon) }
            try await publish(22..<24) { _, _ in true }
            if killing { daemon = try await kill(daemon) }
            try await publish(24..<30) { logger, day in logger == 5 && day < 26 }
            try await site.end(daemon)
            return try site.stored().requests()
        }
        let (killed, whole) = (try await requests(killing: true), try await requests(killing: false))
        #expect(killed == whole)
        #expect(whole.contains { $0.rule == "leak-noise" && $0.sensorCount > 1 })
        #expect(Set(whole.map(\.key)).count == whole.count)
    }

    /// Services and clock are other ones from a restart on, and no sooner, though a reload has read the file that says so.
    /// Replay of what was heard under the former ones must not meet it by the new ones.
    @Test func aKillBeforeOtherServicesAndAnotherClockLeadsToTheSameRequestsAsAStop() async throws {
        let startMs = (Int64(Date.now.timeIntervalSince1970) / 86_400 - 40) * 86_400_000
        func requests(killing: Bool) async throws -> [StoredStream.Request] {
            let site = try FaultSite()
            let file = "\(site.folder)/sensors.csv"
            try Loggers.registry(["north", "north", "south", "south", "west", "west"])
                .write(toFile: file, atomically: true, encoding: .utf8)
            var stored = 0
            func publish(_ days: Range<Int>, loud: (_ logger: Int, _ day: Int) -> Bool) async throws {
                try site.publish(Loggers.readings(days, startMs: startMs, loud: loud))
                stored += days.count * Loggers.readingsPerDay * 6
                try await site.stores(stored)
            }
            func end(_ daemon: SluiceProcess) async throws {
                guard killing else { return try await site.end(daemon) }
                daemon.send(SIGKILL)
                _ = try await daemon.exitCode()
            }
            try site.configure(extra: "sensors: {file: \(file)}\ntime: {zone: Europe/London}")
            var daemon = try await site.start()
            try await publish(0..<16) { logger, day in logger < 2 && day >= 14 }
            try site.configure(
                extra: """
                    sensors: {file: \(file)}
                    rules: {leak-noise: {severity: 3}}
                    time: {zone: Pacific/Auckland}
                    services: [{code: water-leak, promise: '4h, 3h, 2h, 1h'}]
                    """)
            try await reload(daemon)
            try await publish(16..<19) { logger, day in logger < 4 && day >= 17 }
            try await end(daemon)
            daemon = try await site.start()
            try await publish(19..<22) { logger, _ in logger < 4 }
            try await end(daemon)
            daemon = try await site.start()
            try await publish(22..<26) { logger, day in logger == 5 && day >= 24 }
            try await site.end(daemon)
            return try site.stored().requests()
        }
        let (killed, stopped) = (try await requests(killing: true), try await requests(killing: false))
        #expect(killed == stopped)
        #expect(Set(stopped.map(\.promisedMs)).count > 1, "the promise has changed on the way: \(stopped)")
        #expect(Set(stopped.map(\.status)) == ["open", "closed"], "\(stopped)")
    }

    /// A rule adopts two sensors. One of them is registered while nobody runs, so that there is room for another.
    @Test func aSensorThatIsRegisteredWhileNobodyRunsIsNoMoreItsRules() async throws {
        let site = try FaultSite()
        let file = "\(site.folder)/sensors.csv"
        try "sensor_id,kind\n".write(toFile: file, atomically: true, encoding: .utf8)
        try site.configure(
            extra: """
                sensors:
                  file: \(file)
                  mode: allow_list
                  adopt: [{name: trial, kinds: bin-fill, max: 2}]
                """)
        /// What a kill has left without an acknowledgement comes again: who is in and who is not is the same then.
        func publish(_ sensors: String..., known: [String], refused: [String]) async throws {
            try site.publish(sensors.map { ("sluice/bin-fill/\($0)", #"{"value":41}"#) })
            try await eventually("\(known) are let in, \(refused) are refused") {
                let found = try site.stored()
                return try found.sensorIDs() == known
                    && found.quarantinedTopics() == refused.map { "sluice/bin-fill/\($0)" }
            }
        }
        var daemon = try await site.start()
        try await publish("a", "b", "c", known: ["a", "b"], refused: ["c"])
        daemon.send(SIGKILL)
        _ = try await daemon.exitCode()
        try "sensor_id,kind\nb,bin-fill\n".write(toFile: file, atomically: true, encoding: .utf8)
        daemon = try await site.start()
        #expect(daemon.count(ofEvent: "registry.changed") == 1)
        try await publish("c", "d", known: ["a", "b", "c"], refused: ["c", "d"])
        daemon.send(SIGKILL)
        _ = try await daemon.exitCode()
        // What holds is what was said last, also when the change itself is met again.
        daemon = try await site.start()
        try await publish("e", known: ["a", "b", "c"], refused: ["c", "d", "e"])
        try await site.end(daemon)
    }

    @Test func aSensorThatWasRefusedIsLetInOnceTheRulesLetItIn() async throws {
        let site = try FaultSite()
        try site.configure(extra: "sensors: {mode: allow_list}")
        let daemon = try await site.start()
        let message = ("sluice/bin-fill/bin-1", #"{"value":41}"#)
        for count in 1...2 {
            try site.publish([message])
            try await eventually("it is refused") { try site.stored().quarantineCount() == count }
        }
        try site.configure()
        try await reload(daemon)
        try await daemon.event("mqtt.routes_changed")
        try site.publish([message])
        try await eventually("it is let in") { try site.stored().sensorIDs() == ["bin-1"] }
        #expect(try site.stored().quarantineCount() == 2)
        try await site.end(daemon)
    }

    @Test func aNewRouteIsReadAndAnOldOneIsNot() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        try site.configure(extra: Self.routes)
        try await reload(daemon)
        try await daemon.event("mqtt.routes_changed")
        try await eventually("the broker delivers for the new route") {
            try site.publish([("yard/bin-\(UInt32.random(in: 0 ... .max))", "41.5")])
            return try site.stored().distinctReadingCount() > 0
        }
        try site.configure()
        let before = daemon.count(ofEvent: "mqtt.routes_changed")
        try await reload(daemon)
        try await eventually("the old routes are back") { daemon.count(ofEvent: "mqtt.routes_changed") > before }
        // Once the broker has taken the subscription back nothing of the yard is delivered any more.
        var probes = 0
        try await eventually("the broker has taken it back") {
            let (readings, unread) = (try site.stored().readingCount(), try site.stored().quarantineCount())
            probes += 1
            try site.publish([("yard/bin-late", "12.5"), ("sluice/bin-fill/probe-\(probes)", "{\"value\":1}")])
            try await eventually("the probe is stored") { try site.stored().readingCount() > readings }
            // What the broker delivers, it delivers in order.
            return try site.stored().quarantineCount() == unread
        }
        try await site.end(daemon)
    }

    @Test func aBrokenFileChangesNothingAndSaysWhy() async throws {
        let site = try FaultSite()
        let stream = FaultSite.stream(500)
        let daemon = try await site.start()
        // Those that it begins with are told when they are committed, which may be later than it is ready.
        try await daemon.event("rules.changed")
        try site.configure(extra: "detection:\n  bin:\n    full_percent: lots\nsensors:\n  max: 0")
        try await reload(daemon, expecting: "reload.refused")
        try await eventually("both problems are named") { daemon.count(ofEvent: "reload.refused") == 2 }
        #expect(daemon.output.contains("detection.bin.full_percent"))
        #expect(daemon.output.contains("sensors.max"))
        #expect(daemon.count(ofEvent: "rules.changed") == 1)
        try site.publish(stream, 0..<500)
        try await site.stores(500)
        try await site.expectExact(stream, stopping: daemon)
    }

    @Test func whatCannotChangeWhileItRunsIsNamedWithBothValues() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        try site.configure(host: "localhost", extra: "privacy:\n  erase_reporters: 3d")
        try await reload(daemon)
        let lines = daemon.output.split(separator: "\n").filter { $0.contains("reload.needs_restart") }
        let isNamed = { (key: String, old: String, new: String) in
            lines.contains {
                $0.contains("\"setting\":\"\(key)\"") && $0.contains("\"running\":\"\(old)\"")
                    && $0.contains("\"configured\":\"\(new)\"")
            }
        }
        #expect(lines.count == 2, "\(lines)")
        #expect(isNamed("mqtt.host", "127.0.0.1", "localhost"))
        #expect(isNamed("privacy.erase_reporters", "30d", "3d"))
        try await site.end(daemon)
    }
}

/// Runs blocking work beside the test.
private func offPool(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}
