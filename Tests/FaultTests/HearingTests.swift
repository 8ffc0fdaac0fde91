import FaultSupport
import Foundation
import TestSupport
import Testing

/// Who is not heard, and why: lost frames, a silent sensor and a dead gateway, on a clock that libfaketime moves on.
@Suite(.timeLimit(.minutes(3))) struct HearingTests {
    private static let library = ClockFaultTests.library

    /// A site whose daemon reads a city's leak contacts from The Things Stack.
    private final class Street: Sendable {
        let site: FaultSite
        let clock: String
        let beganMs = Int64(Date.now.timeIntervalSince1970 * 1000)

        init() throws {
            site = try FaultSite()
            clock = "\(site.folder)/clock"
            try "+0".write(toFile: clock, atomically: true, encoding: .utf8)
            try site.configure(
                extra: """
                    routes:
                      - {name: ttn, topic: "v3/{app}/devices/{device}/+", format: the-things-stack, profile: milesight-ws303}
                    """)
        }

        func start() async throws -> SluiceProcess {
            try await site.start(
                environment: [
                    "LD_PRELOAD": HearingTests.library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                ], wrapper: ["/usr/bin/env"])
        }

        /// Moves the clock of a daemon that runs from one minute after the beginning to another. Each minute is met by itself:
        /// one that were set ahead by more would have missed what sensors said meanwhile.
        func pass(from first: Int, toMinute last: Int) async throws {
            let stored = try site.stored()
            for minute in stride(from: first + 1, through: last, by: 1) {
                try set(minute: minute)
                let dueMs = beganMs + Int64(minute) * 60_000
                try await eventually("the stream has met the minute") { try stored.lastTickMs() ?? 0 >= dueMs }
            }
        }

        func set(minute: Int) throws {
            try "+\(minute * 60)s".write(toFile: clock, atomically: true, encoding: .utf8)
        }

        func message(_ sensor: String, gateway: String, counter: Int, minute: Int) -> (topic: String, payload: String) {
            let at = Date(timeIntervalSince1970: Double(beganMs) / 1000 + Double(minute * 60))
                .formatted(.iso8601)
            return (
                "v3/city/devices/\(sensor)/up",
                #"{"end_device_ids":{"device_id":"\#(sensor)"},"uplink_message":{"session_key_id":"k","f_cnt":\#(counter),"#
                    + #""received_at":"\#(at)","decoded_payload":{"leakage_status":"normal"},"#
                    + #""rx_metadata":[{"gateway_ids":{"gateway_id":"\#(gateway)"},"rssi":-97,"snr":7.5}]}}"#
            )
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: library), "libfaketime is not installed"))
    func lostFramesASilentSensorAndADeadGatewayAreToldApart() async throws {
        let street = try Street()
        let site = street.site
        let daemon = try await street.start()
        // Before that nobody's silence counts.
        try await eventually("the daemon has caught up") { daemon.count(ofEvent: "mqtt.caught_up") == 1 }
        var frames = 0
        // An hour and a quarter. An hour after a sensor was first heard its learned interval counts.
        let rounds = 16
        for round in 0..<rounds {
            try await street.pass(from: max(0, round * 5 - 5), toMinute: round * 5)
            var messages: [(topic: String, payload: String)] = []
            for number in 0..<4 {
                // From the sixth round on two frames of the first sensor are missing, the second sensor is silent, and so is
                // all that is heard through the other gateway.
                let counter = number == 0 && round >= 6 ? round + 2 : round
                if number != 1 || round < 6 {
                    messages.append(street.message("a-\(number)", gateway: "gw-a", counter: counter, minute: round * 5))
                }
                if round < 6 {
                    messages.append(street.message("b-\(number)", gateway: "gw-b", counter: round, minute: round * 5))
                }
            }
            try site.publish(messages)
            frames += messages.count
            let expected = Double(frames)
            try await eventually("the frames are counted") {
                try await site.metric("sluice_frames_total", "received") == expected
            }
        }
        let faults = "\(site.address)/open311/v2/requests.json?service_code=sensor-fault&extensions=true"
        _ = try await HTTPAnswer.poll(faults, within: .seconds(30)) { $0.objects.count == 2 }
        #expect(try await site.metric("sluice_frames_total", "lost") == 2)

        // Nobody said how often they speak.
        let sensor = try await HTTPAnswer.get("\(site.address)/api/sensor?id=a-0")
        let fields = try #require(sensor.json as? [String: Any])
        #expect(fields["interval_learned"] as? Bool == true, "\(sensor.text)")
        #expect((295...420).contains(fields["interval_s"] as? Int ?? 0), "\(sensor.text)")
        let link = try #require(fields["link"] as? [String: Any])
        #expect(link["lost"] as? Int == 2 && link["received"] as? Int == rounds)
        #expect(link["last_counter"] as? Int == rounds + 1)
        #expect(link["rssi_dbm"] as? Double == -97)
        let all = try await HTTPAnswer.get("\(site.address)/api/sensors").text
        #expect(all.contains("interval_learned"), "\(all)")
        let listed = try await SluiceProcess.run(["sensors", "list", "--data", site.data])
        #expect(listed.output.contains("(learned)"), "\(listed.output)")
        let shown = try await SluiceProcess.run(["sensors", "show", "a-0", "--data", site.data])
        for line in [
            "interval          learned", "frames_lost       2", "last_counter      \(rounds + 1)",
            "gateway           gw-a",
        ] {
            #expect(shown.output.contains(line), "\(shown.output)")
        }

        // What was learned outlives a kill, and so does what stands in the requests.
        daemon.send(SIGKILL)
        #expect(try await daemon.exitCode() == -SIGKILL)
        try street.set(minute: rounds * 5)
        let again = try await street.start()
        try site.publish([street.message("a-0", gateway: "gw-a", counter: rounds + 2, minute: rounds * 5)])
        try await eventually("the next frame is counted") {
            try await site.metric("sluice_frames_total", "received") == 1
        }
        let after = try await SluiceProcess.run(["sensors", "show", "a-0", "--data", site.data])
        #expect(after.output.contains("frames_received   \(rounds + 1)"), "\(after.output)")
        #expect(after.output.contains("frames_lost       2"))
        #expect(after.output.contains("interval          learned"), "\(after.output)")
        try await site.end(again)
        let requests = try site.stored().requests()
        #expect(requests.map(\.rule).sorted() == ["gateway-silence", "silence"], "\(requests)")
    }
}
