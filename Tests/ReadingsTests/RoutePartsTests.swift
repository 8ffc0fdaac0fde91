import Readings
import Testing

/// A traffic radar's interval that comes in several messages, as the decoder takes its parts.
@Suite struct RoutePartsTests {
    private static func route() throws -> Route {
        var route = Route(name: "r", topic: try TopicPattern("radar/{sensor}"), format: .json, kind: .traffic)
        (route.intervalS, route.timeField) = (300, "at")
        route.fields = [RouteField("temp", .temperature)]
        route.parts = RouteParts(
            port: "port", ports: [13, 14], time: "end",
            lanes: [.init(count: "l", speed: "lv"), .init(count: "r", speed: "rv")])
        return route
    }

    private func parts(_ payload: String, change: (inout Route) -> Void = { _ in }) throws -> DecodedMessage? {
        var route = try Self.route()
        change(&route)
        #expect(route.problems() == [])
        return decode(payload, topic: "radar/r-1", routes: [route]).message
    }

    @Test func eachPartHasItsPlaceBehindTheIntervalsEnd() throws {
        let first = try #require(
            try parts(#"{"port":13,"at":"2026-05-01T06:00:20Z","end":"0600","l":10,"lv":50,"r":2,"rv":35,"temp":21}"#))
        let end: Int64 = 1_777_615_200_000
        #expect(first.measurements.map(\.quantity) == [.speedPart, .vehicleFlowPart, .temperature])
        #expect(first.measurements.map(\.observedAtMs) == [end, end, end])
        #expect(first.measurements.map(\.value) == [6840, 144, 21])
        #expect(first.measurements[1].counter == 2, "how many parts there are")
        let second = try #require(try parts(#"{"port":14,"at":"2026-05-01T06:00:25Z","end":600,"l":1,"lv":80}"#))
        #expect(second.measurements.map(\.observedAtMs) == [end + 1, end + 1])
    }

    @Test(arguments: [
        ("just before midnight, told after it", "2026-05-02T00:00:10Z", "2355", "2026-05-01T23:55:00Z"),
        ("just after midnight, by a clock that is ahead", "2026-05-01T23:59:50Z", "0000", "2026-05-02T00:00:00Z"),
        ("noon, told at noon", "2026-05-01T12:00:01Z", "1200", "2026-05-01T12:00:00Z"),
        ("told hours late", "2026-05-01T17:30:00Z", "0600", "2026-05-01T06:00:00Z"),
    ])
    func aTimeOfDayIsTheNearest(_ c: (String, String, String, String)) throws {
        let message = try #require(try parts(#"{"port":13,"at":"\#(c.1)","end":"\#(c.2)","l":1,"lv":50}"#))
        #expect(Timestamp.format(message.measurements[0].observedAtMs) == c.3)
    }

    @Test func withoutVehiclesNoSpeedIsAskedFor() throws {
        let message = try #require(try parts(#"{"port":13,"at":1777615220,"end":"0600","l":0,"r":0,"rv":null}"#))
        #expect(message.measurements.map(\.value) == [0, 0])
    }

    @Test func anotherPortTellsNothingToMeasure() throws {
        let message = try #require(try parts(#"{"port":190,"at":1777615220,"version":3}"#))
        #expect(message.isIgnored)
        #expect(message.measurements.isEmpty)
    }

    @Test(arguments: [
        ("no counts at all", #"{"port":13,"end":"0600"}"#, QuarantineReason.missingField),
        ("vehicles without a speed", #"{"port":13,"end":"0600","l":3}"#, .missingField),
        ("no time", #"{"port":13,"l":3,"lv":4}"#, .missingField),
        ("no such hour", #"{"port":13,"end":"2460","l":3,"lv":4}"#, .badTimestamp),
        ("a port that is text", #"{"port":"13","end":"0600","l":3,"lv":4}"#, .wrongType),
        ("a count that is huge", #"{"port":13,"end":"0600","l":1e9,"lv":4}"#, .outOfRange),
        ("a speed that is null", #"{"port":13,"end":"0600","l":1,"lv":null}"#, .wrongType),
    ])
    func badParts(_ c: (String, String, QuarantineReason)) throws {
        let outcome = decode(c.1, topic: "radar/r-1", routes: [try Self.route()])
        #expect(outcome.label == c.2.label, "\(outcome)")
    }

    @Test func aRouteWithoutAnIntervalIsRefused() throws {
        var route = try Self.route()
        route.intervalS = nil
        #expect(route.problems().contains { $0.hasPrefix("interval: must be given") })
        route.intervalS = 300
        route.format = .senML
        #expect(route.problems().contains { $0.hasPrefix("parts: intervals in several messages have no meaning") })
        route = try Self.route()
        route.parts?.ports = [1, 1]
        #expect(route.problems().contains { $0.hasPrefix("parts.ports: must be 1–16 different ports") })
    }
}
