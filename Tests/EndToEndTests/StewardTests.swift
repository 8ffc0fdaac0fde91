import Foundation
import TestSupport
import Testing

/// Whoever has adopted an asset hears of what sensors see of it: the registry says which asset a sensor watches.
@Suite(.timeLimit(.minutes(3))) struct StewardTests {
    typealias Site = DaemonProcessTests.Site

    /// Half-hourly levels: four fillings that are emptied at 60 %, then one that fills twice as fast, up to 81 % and not full.
    private static func fillings(until nowS: Int) -> [(atS: Int, level: Int)] {
        var levels = (0..<4).flatMap { _ in (0..<96).map { 3 + 0.6 * Double($0) } }
        levels += (0..<79).map { 3 + Double($0) }
        return levels.enumerated().map { number, level in
            // Ultrasonic levels tremble.
            (nowS - (levels.count - number) * 1800, Int(level) + (number * 7) % 3 - 1)
        }
    }

    /// A zone in which it is early afternoon: at night nobody expects a bin to fill up.
    private static func zone(at nowS: Int) -> String {
        let ahead = 13 - nowS / 3600 % 24
        return ahead >= 0 ? "Etc/GMT-\(ahead)" : "Etc/GMT+\(-ahead)"
    }

    @Test func aStewardIsToldBeforeTheBinIsFullAndWhenItNeedsCare() async throws {
        let site = try Site()
        try """
        sensor_id,kind,lat,lon,ward,address,asset
        bin-7,bin-fill,52.5,-1.9,Aston,7 High Street,litter bin 556

        """.write(toFile: "\(site.folder)/sensors.csv", atomically: true, encoding: .utf8)
        let nowS = Int(Date().timeIntervalSince1970)
        try site.configure(
            extra: """
                time:
                  zone: \(Self.zone(at: nowS))
                sensors:
                  file: \(site.folder)/sensors.csv
                forwarding:
                  destinations:
                    - name: stewards
                      kind: stewards
                      secret_env: STEWARD_SECRET
                      broker:
                        host: 127.0.0.1
                        port: \(site.broker.port)
                        username: \(site.broker.username)
                        password_env: BROKER_PASSWORD
                """)
        let ann = try Subscriber(site.broker.session(clientID: "ann"), topics: ["stewards/#"])
        let daemon = try await site.started(environment: ["STEWARD_SECRET": "s3cret"])
        // Known, as soon as its sensor was heard.
        let readings = Self.fillings(until: nowS).map { reading in
            ("sluice/bin-fill/bin-7", Array(#"{"ts":\#(reading.atS),"value":\#(reading.level)}"#.utf8))
        }
        try site.publish(Array(readings.prefix(384)))
        _ = try await site.metric("sluice_readings_total 384")
        let adopted = try await CivicTests.command(
            site, "assets", "adopt", "litter bin 556", "--name", "Ann Zyxwv", "--mqtt", "stewards/ann")
        #expect(adopted.contains("litter bin 556"), "\(adopted)")

        try site.publish(Array(readings.dropFirst(384)))
        try await eventually("she is told that it will be full") { Self.said(ann).contains("Bin soon full: ") }
        try site.publish([
            ("sluice/bin-fill/bin-7", Array(#"{"ts":\#(nowS),"metrics":{"temperature_c":71.5}}"#.utf8))
        ])
        try await eventually("she is told that it burns") { Self.said(ann).contains("Bin on fire: ") }
        #expect(Set(ann.messages.map(\.topic)) == ["stewards/ann"])

        // The requests say what they are about, and not who looks after it.
        let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests.json?extensions=true")
        #expect(shown.objects.count == 2, "\(shown.text)")
        for request in shown.objects {
            let attributes = request["extended_attributes"] as? [String: Any]
            #expect(attributes?["service_object_id"] as? String == "litter bin 556")
            #expect(attributes?["service_object_type"] as? String != nil)
        }
        #expect(!shown.text.contains("Zyxwv"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    private static func said(_ listener: Subscriber) -> String {
        listener.messages.map { String(decoding: $0.payload, as: UTF8.self) }.joined(separator: "\n")
    }
}
