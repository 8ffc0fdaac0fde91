import Foundation
import Simulation
import TestSupport
import Testing

/// The demo as a newcomer meets it: the executable, its own broker, the web.
@Suite(.serialized) struct DemoTests {
    /// Starts a demo on a free port and waits until it is live. Returns it with its address.
    static func start(data: String) async throws -> (demo: SluiceProcess, address: String) {
        let port = try FreePort.find()
        let demo = try SluiceProcess(
            ["demo", "--data", data, "--http-port", "\(port)"], environment: ["NO_COLOR": "1"])
        _ = try await demo.line(within: .seconds(120)) { $0.contains("/open311/v2/requests.json") }
        return (demo, "http://127.0.0.1:\(port)")
    }

    @Test func anybodyCanReportFromThePage() async throws {
        let folder = try TestFolder()
        let (demo, address) = try await Self.start(data: folder.path)
        let given = try await HTTPAnswer.get("\(address)/api/key").json as? [String: Any]
        let key = try #require(given?["api_key"] as? String)
        let posted = try await HTTPAnswer.post(
            "\(address)/open311/v2/requests.json",
            form: [
                "api_key": key, "service_code": "water-leak", "lat": "52.45", "long": "-1.95",
                "description": "A fountain in the road",
            ])
        let id = try #require(posted.objects.first?["service_request_id"] as? String, "\(posted.status) \(posted.text)")
        let shown = try await HTTPAnswer.get("\(address)/open311/v2/requests/\(id).json")
        #expect(shown.text.contains("A fountain in the road"))
        demo.send(SIGTERM)
        try await demo.expectExit(0, within: .seconds(20))
    }

    @Test func withinAMinuteOfGoingLiveEveryServiceHasAnOpenRequest() async throws {
        let folder = try TestFolder()
        let (demo, address) = try await Self.start(data: folder.path)
        let wentLiveMs = try await HTTPAnswer.get(address + "/health/live").nowMs
        let services = ["water-leak", "traffic-anomaly", "bin-full", "sensor-fault"]
        let answer = try await HTTPAnswer.poll(
            "\(address)/open311/v2/requests.json?status=open", within: .seconds(60)
        ) { answer in
            Set(answer.objects.compactMap { $0["service_code"] as? String }).isSuperset(of: services)
        }
        // A minute after going live, five hours of the city's time, they stand open together: a person need not be quick.
        let atSixty = try await HTTPAnswer.poll(
            "\(address)/open311/v2/requests.json?status=open", within: .seconds(90)
        ) { $0.nowMs >= wentLiveMs + 5 * 3_600_000 }
        #expect(Set(atSixty.objects.compactMap { $0["service_code"] as? String }).isSuperset(of: services))
        for request in answer.objects {
            let description = try #require(request["description"] as? String)
            #expect(description.count > 40)
            #expect(!description.contains("NaN") && !description.contains("Optional"))
            // Inside Birmingham's wards, with a little room.
            let latitude = try #require(request["lat"] as? Double)
            let longitude = try #require(request["long"] as? Double)
            #expect((52.37...52.62).contains(latitude))
            #expect((-2.04 ... -1.72).contains(longitude))
            let requested = try #require(Self.date(request["requested_datetime"]))
            let updated = try #require(Self.date(request["updated_datetime"]))
            let expected = try #require(Self.date(request["expected_datetime"]))
            #expect(requested <= updated)
            #expect(requested < expected)
            #expect(updated <= Date())
            #expect(requested > Date(timeIntervalSinceNow: -37 * 86_400))
        }
        let page = try await HTTPAnswer.get(address + "/")
        #expect(page.status == 200)
        #expect(page.type.hasPrefix("text/html"))
        let ready = try await HTTPAnswer.get(address + "/health/ready")
        #expect(ready.status == 200, "\(ready.text)")
        demo.send(SIGINT)
        try await demo.expectExit(0, within: .seconds(5))
        // It goes on where it stopped: no second history, the same requests.
        let (again, sameAddress) = try await Self.start(data: folder.path)
        #expect(!again.output.contains("History of 35 days"))
        let after = try await HTTPAnswer.get("\(sameAddress)/open311/v2/requests.json")
        let ids = Set(after.objects.compactMap { $0["service_request_id"] as? String })
        #expect(ids.isSuperset(of: answer.objects.compactMap { $0["service_request_id"] as? String }))
        again.send(SIGINT)
        try await again.expectExit(0, within: .seconds(5))
    }

    static func date(_ value: Any?) -> Date? {
        (value as? String).flatMap { try? Date($0, strategy: .iso8601) }
    }
}
