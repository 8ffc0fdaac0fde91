import Foundation
import GRDB
import IssueStorage
import Readings
import TestSupport
import Testing

/// Frame counters and newcomers, through the executable and a real broker.
@Suite struct HearingTests {
    private typealias Site = DaemonProcessTests.Site

    // MARK: Frame counters

    private static func uplink(
        _ counter: Int, minute: Int, session: String, second: Int = 0
    ) -> (topic: String, payload: [UInt8]) {
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let payload =
            #"{"end_device_ids":{"device_id":"leak-7"},"uplink_message":{"session_key_id":"\#(session)","f_cnt":\#(counter),"#
            + #""received_at":"2026-05-01T06:\#(two(minute)):\#(two(second))Z","decoded_payload":{"leakage_status":"normal"}}}"#
        return ("v3/a/devices/leak-7/up", Array(payload.utf8))
    }

    private static func join(minute: Int) -> (topic: String, payload: [UInt8]) {
        let at = "2026-05-01T06:\(minute < 10 ? "0" : "")\(minute):00Z"
        let payload = #"{"end_device_ids":{"device_id":"leak-7"},"received_at":"\#(at)","join_accept":{}}"#
        return ("v3/a/devices/leak-7/join", Array(payload.utf8))
    }

    /// A device's life: losses, a latecomer, repetitions, a restart, a new session. The daemon is killed between any two of
    /// its messages, and what is sent meanwhile waits in the broker.
    @Test func whatFrameCountersSaySurvivesKillsAndStops() async throws {
        let site = try Site()
        try site.configure(
            extra: """
                routes:
                  - {name: ttn, topic: "v3/{app}/devices/{device}/+", format: the-things-stack, profile: milesight-ws303}
                """)
        let messages = [
            Self.uplink(5, minute: 0, session: "a"), Self.uplink(8, minute: 3, session: "a"),
            Self.uplink(7, minute: 2, session: "a"), Self.uplink(8, minute: 3, session: "a", second: 4),
            Self.uplink(9, minute: 4, session: "a"), Self.uplink(1, minute: 10, session: "a"),
            Self.uplink(2, minute: 11, session: "a"), Self.join(minute: 12), Self.uplink(1, minute: 13, session: "b"),
            Self.uplink(3, minute: 15, session: "b"), Self.uplink(4, minute: 16, session: "b"),
        ]
        // The first makes the sensor known.
        var daemon = try await site.started()
        for (number, message) in messages.enumerated() {
            try site.publish([message])
            if number.isMultiple(of: 3) {
                // Perhaps before its commit, perhaps before its acknowledgement.
                daemon.send(number.isMultiple(of: 2) ? SIGKILL : SIGTERM)
                _ = try await daemon.exitCode(within: .seconds(15))
                daemon = try await site.started()
            }
        }
        let shown = try await Self.shows(site, "last_counter      4")
        for line in [
            "frames_received   9", "frames_lost       3", "frames_duplicated 1", "frames_reordered  1",
            "frames_resets     1", "frames_rejoins    1",
        ] {
            #expect(shown.contains(line), "\(shown)")
        }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
        let reader = try IssueReader(directory: "\(site.folder)/data")
        let link = try #require(try await reader.link(ofSensor: "leak-7"))
        #expect(link.history.highest == 4 && link.counts.received == 9)
        // What the device sent twice came at two times, and is stored once.
        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db")
        let stored = try await database.read {
            try Int64.fetchAll($0, sql: "SELECT counter FROM reading ORDER BY sequence")
        }
        #expect(stored.count == 9 && stored.count { $0 == 8 } == 1, "\(stored)")
    }

    /// A flat message's `seq` is its sensor's own count; the daemon is killed within it, and the broker delivers again.
    @Test func aSensorsOwnCountTellsWhatWasLost() async throws {
        let site = try Site()
        try site.configure(extra: "")
        func message(_ count: Int, minute: Int) -> (topic: String, payload: [UInt8]) {
            let at = "2026-05-01T06:\(minute < 10 ? "0" : "")\(minute):00Z"
            return ("sluice/bin-fill/leak-7", Array(#"{"ts":"\#(at)","value":\#(40 + minute),"seq":\#(count)}"#.utf8))
        }
        let first = try await site.started()
        try site.publish([message(1, minute: 0), message(2, minute: 1), message(5, minute: 4)])
        // Not yet all of them committed, perhaps.
        first.send(SIGKILL)
        _ = try await first.exitCode(within: .seconds(15))
        let second = try await site.started()
        // Its number stands still for a moment; late; restarted.
        try site.publish([
            message(5, minute: 5), message(4, minute: 3), message(1, minute: 10), message(2, minute: 11),
        ])
        let shown = try await Self.shows(site, "last_counter      2")
        for line in [
            "frames_received   6", "frames_lost       1", "frames_duplicated 1", "frames_reordered  1",
            "frames_resets     1",
        ] {
            #expect(shown.contains(line), "\(shown)")
        }
        second.send(SIGTERM)
        try await second.expectExit(0)
        let reader = try IssueReader(directory: "\(site.folder)/data")
        let readings = try await reader.readings(sensor: "leak-7", from: 0, to: .max, limit: 20)
        #expect(readings.map(\.value).sorted() == [40, 41, 43, 44, 45, 50, 51])
    }

    /// For one message behind a restart a device believes to be in another century.
    @Test func aClockThatWasAheadOnceSpoilsNoCount() async throws {
        let site = try Site()
        try site.configure(extra: "")
        let daemon = try await site.started()
        func publish(_ count: Int, atMs: Int64) throws {
            try site.publish([("sluice/bin-fill/leak-7", Array(#"{"ts":\#(atMs),"value":40,"seq":\#(count)}"#.utf8))])
        }
        func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
        for count in 1...3 { try publish(count, atMs: nowMs() + Int64(count)) }
        _ = try await Self.shows(site, "last_counter      3")
        try publish(1, atMs: 4_080_000_000_000)
        _ = try await Self.shows(site, "last_counter      1")
        for count in [2, 4] { try publish(count, atMs: nowMs() + 100 + Int64(count)) }
        let shown = try await Self.shows(site, "last_counter      4")
        for line in ["frames_received   6", "frames_lost       1", "frames_duplicated 0", "frames_resets     1"] {
            #expect(shown.contains(line), "\(shown)")
        }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    /// Waits until `sluice sensors show` says this of the one sensor.
    private static func shows(_ site: Site, _ line: String) async throws -> String {
        let arguments = ["sensors", "show", "leak-7", "--data", "\(site.folder)/data"]
        var output = ""
        try await eventually("sensors show says \(line)", within: .seconds(30)) {
            output = try await SluiceProcess.run(arguments).output
            return output.contains(line)
        }
        return output
    }

    // MARK: Newcomers

    @Test func newcomersAreAdoptedByRuleAndTheOthersByACommand() async throws {
        let site = try Site()
        try site.configure(
            extra: """
                routes:
                  - {name: bins, topic: "city/{ward}/bins/{sensor}", format: flat-json, kind: bin-fill}
                  - {name: standard, topic: "sluice/{kind}/{sensor}"}
                sensors:
                  mode: allow_list
                  adopt:
                    - {name: banned, verdict: refuse, sensors: "bin-x*"}
                    - {name: trial, routes: bins, topic: "city/{ward}/bins/+", ward: "{ward}", owner: Waste, interval: 30m, max: 1}
                """)
        let daemon = try await site.started()
        let payload = Array(#"{"ts":"2026-05-01T06:00:00Z","value":40}"#.utf8)
        for id in ["bin-1", "bin-2", "bin-x1"] { try site.publish([("city/Aston/bins/\(id)", payload)]) }
        try site.publish([("sluice/traffic/loop-1", payload)])
        for reason in ["too_many_sensors\"} 1", "unknown_sensor\"} 2"] { _ = try await site.metric(reason) }
        func run(_ arguments: String...) async throws -> (code: Int32, output: String) {
            let data = ["--data", "\(site.folder)/data"]
            return try await SluiceProcess.run(Array(arguments.prefix(2)) + data + arguments.dropFirst(2))
        }
        try await eventually("all of it is stored", within: .seconds(20)) {
            try await run("sensors", "unknown").output.contains("3 unknown sensors")
        }
        let adopted = try await run("sensors", "show", "bin-1").output
        for line in ["Aston", "Waste", "1800", "adopted_by        trial"] {
            #expect(adopted.contains(line), "\(adopted)")
        }

        let unknown = try await run("sensors", "unknown", "--kind", "bin-fill").output
        #expect(unknown.contains("bin-2") && unknown.contains("too_many_sensors") && unknown.contains("bin-x1"))
        #expect(!unknown.contains("loop-1"), "\(unknown)")
        let nobody = try await run("sensors", "adopt", "bin-9")
        #expect(nobody.code == 66 && nobody.output.contains("bin-9: no such sensor has spoken"), "\(nobody.output)")
        #expect(try await run("sensors", "adopt").code == 64)
        let taken = try await run("sensors", "adopt", "bin-2", "bin-x1", "--ward", "Nechells", "--interval", "1h")
        #expect(taken.code == 0, "\(taken.output)")
        #expect(taken.output.contains("2 sensors adopted; the running daemon listens to them"), "\(taken.output)")

        _ = try await daemon.line { $0.contains("mqtt.routes_changed") }

        // From now on they are heard, and what they had sent can be read.
        try site.publish([("city/Aston/bins/bin-2", Array(#"{"ts":"2026-05-01T06:30:00Z","value":41}"#.utf8))])
        _ = try await site.metric("sluice_readings_total 2")
        for reason in ["too_many_sensors", "unknown_sensor"] {
            #expect(try await run("quarantine", "retry", "--reason", reason).output.contains("could be read"))
        }
        let left = try await run("sensors", "unknown").output
        #expect(left.contains("loop-1") && left.contains("1 unknown sensor"), "\(left)")
        #expect(try await run("sensors", "show", "bin-2").output.contains("Nechells"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
        let reader = try IssueReader(directory: "\(site.folder)/data")
        let readings = try await reader.readings(sensor: "bin-2", from: 0, to: .max, limit: 10)
        #expect(readings.map(\.value).sorted() == [40, 41])
    }
}
