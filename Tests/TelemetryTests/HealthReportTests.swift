import Foundation
import Telemetry
import Testing

@Suite struct HealthReportTests {
    @Test func isReadyExactlyWhenEveryCheckIs() {
        let good = HealthReport.Check(name: "store", isOK: true, detail: "writable")
        let bad = HealthReport.Check(name: "mqtt", isOK: false, detail: "not connected since 02:10")
        #expect(HealthReport(checks: [good]).isReady)
        #expect(!HealthReport(checks: [good, bad]).isReady)
        #expect(HealthReport(checks: [good, bad]).isLive)
    }

    @Test func readsAndWritesItsJSON() throws {
        let report = HealthReport(
            isLive: true, isReady: false, checks: [.init(name: "mqtt", isOK: false, detail: "not connected")])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(report)
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"checks":[{"detail":"not connected","name":"mqtt","ok":false}],"live":true,"ready":false}"#)
        #expect(try JSONDecoder().decode(HealthReport.self, from: json) == report)
    }
}
