import Detection
import Incidents
import Open311
import Readings
import Testing

@Suite struct GroupingTests {
    static let zone = [
        Sensor.flow("flow-1", zone: "Aston"), .flow("flow-2", zone: "Aston"), .flow("flow-3", zone: "Nechells"),
    ]

    static func sensor(_ number: UInt32) -> Subject { .sensor(SensorIndex(rawValue: number)) }

    @Test func sensorsOfOneZoneShareOneRequest() {
        var street = Street(rule: .burst, sensors: Self.zone)
        let first = street.apply("a", minute: 0, subject: Self.sensor(0))
        let second = street.apply("a", minute: 1, subject: Self.sensor(1))
        #expect(first.requests.map(\.id) == [1])
        #expect(second.decisions.map(\.event) == [.requestJoined])
        #expect(second.requests.map(\.id) == [1])
        #expect(second.requests.map(\.sensorCount) == [2])
        #expect(second.requests[0].incidentKey == first.requests[0].incidentKey)
    }

    @Test func thePositionIsAsExactAsWhatTheSensorsWatch() throws {
        // Two meters of one zone, 1.1 km apart; the leak is near one of them, or between.
        var sensors = Self.zone
        sensors[1].position = Sensor.Position(latitude: 52.51, longitude: -1.9)
        sensors[0].position = Sensor.Position(latitude: 52.5, longitude: -1.9)
        var street = Street(rule: .burst, sensors: sensors)
        let first = street.apply("a", minute: 0, subject: Self.sensor(0)).requests[0]
        #expect(first.locationMethod == .segment && first.radiusM == 500)
        let both = street.apply("a", minute: 1, subject: Self.sensor(1)).requests[0]
        #expect(both.locationMethod == .segment && both.radiusM == 1614)
        // A bin burns where it stands.
        var bins = Street(rule: .binFire, sensors: [.flow("bin-1", zone: "Aston")])
        let fire = bins.apply("c", minute: 0, subject: Self.sensor(0)).requests[0]
        #expect(fire.locationMethod == .sensor && fire.radiusM == nil)
    }

    @Test func anotherZoneHasItsOwnRequest() {
        var street = Street(rule: .burst, sensors: Self.zone)
        _ = street.apply("a", minute: 0, subject: Self.sensor(0))
        #expect(street.apply("a", minute: 1, subject: Self.sensor(2)).requests.map(\.id) == [2])
    }

    @Test func nightFlowAndBurstOfOneZoneAreOneLeak() {
        var street = Street(rule: .burst, sensors: Self.zone)
        _ = street.apply("a", minute: 0, subject: Self.sensor(0))
        let night = street.apply("a", minute: 1, subject: Self.sensor(0), rule: .nightFlow)
        #expect(night.requests.map(\.id) == [1])
        #expect(night.requests.map(\.sensorCount) == [1])
    }

    @Test func theRequestClosesWhenTheLastMemberHasCleared() {
        var street = Street(rule: .burst, sensors: Self.zone)
        _ = street.apply("a", minute: 0, subject: Self.sensor(0))
        _ = street.apply("a", minute: 1, subject: Self.sensor(1))
        #expect(street.apply("n", minute: 2, subject: Self.sensor(0)).requests.isEmpty)
        #expect(street.apply("n", minute: 3, subject: Self.sensor(1)).requests.map(\.status) == [.closed])
    }

    @Test func aDeadGatewayIsOneRequestThatCountsItsSensors() {
        let sensors = (0..<40).map { Sensor.flow("flow-\($0)", zone: "z\($0)", gateway: "gw-7") }
        var street = Street(rule: .gatewaySilence, sensors: sensors)
        let request = street.apply("c", minute: 0, subject: .gateway(0)).requests[0]
        #expect(request.service == .sensorFault)
        #expect(request.sensorCount == 40)
        #expect(request.title == "Gateway gw-7 silent: 40 sensors unheard")
        #expect(request.severity == 3)
        #expect(request.latitude.map { abs($0 - 52.5) < 1e-9 } == true)
    }

    @Test func sensorsOfAZoneWithoutAGatewayHangOnOneLine() {
        let sensors = (0..<4).map { Sensor.flow("flow-\($0)", zone: "Aston") }
        var street = Street(rule: .gatewaySilence, sensors: sensors)
        let request = street.apply("c", minute: 0, subject: .gateway(0)).requests[0]
        #expect(request.sensorCount == 4)
        #expect(request.title == "The line of zone Aston silent: 4 sensors unheard")
    }

    @Test func aForecastTheFullBinAndTheLoadInItAreOneRequest() {
        var street = Street(rule: .binForecast)
        let forecast = street.apply("a", minute: 0)
        #expect(forecast.requests.map(\.id) == [1])
        #expect(Set(street.apply("a", minute: 5, rule: .binDumping).requests.map(\.id)) == [1])
        #expect(Set(street.apply("a", minute: 10, rule: .binFull).requests.map(\.id)) == [1])
        // Another sort of trouble wants other people.
        #expect(Set(street.apply("a", minute: 11, rule: .binFire).requests.map(\.id)) == [2])
    }

    struct OneFilling: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var first: Rule
        var second: Rule
    }

    /// A bin that is filled at one throw is full and has a load in it: whichever is seen first, people read of both.
    @Test(arguments: [
        OneFilling(testDescription: "full, then a load", first: .binFull, second: .binDumping),
        OneFilling(testDescription: "a load, then full", first: .binDumping, second: .binFull),
    ])
    func whatTwoRulesSeeOfOneFillingIsOneRequestThatSaysBoth(_ c: OneFilling) {
        var street = Street(rule: c.first, sensors: [.bin()])
        let opened = street.apply("a", minute: 0, observed: 97, expected: 20, rule: c.first)
        let joined = street.apply("a", minute: 0, observed: 97, expected: 20, rule: c.second)
        #expect(opened.requests.map(\.id) == [1])
        #expect(Set(joined.requests.map(\.id)) == [1])
        #expect(joined.updates.count == 1)
        #expect(joined.updates.first?.text.hasPrefix("Also: The bin at 1 High Street ") == true)
        let said = joined.requests.last?.description ?? ""
        #expect(said.contains("is 97") && said.contains("full."), "\(said)")
        #expect(said.contains("went from 20"), "\(said)")
        #expect(joined.requests.last?.sensorCount == 1)
        // Both clear when it is emptied; one after the other it is over, and comes back as the same within the hold-off.
        let one = street.apply("n", minute: 60, observed: 5, rule: c.first)
        #expect(one.requests.isEmpty)
        let closed = street.apply("n", minute: 60, observed: 5, rule: c.second).requests.last
        #expect(closed?.status == .closed)
        let again = street.apply("a", minute: 61, observed: 97, rule: c.second)
        #expect(again.requests.last?.id == 1 || again.requests.last?.relatedID == 1)
    }

    /// Sluice calls prevented only what never came.
    @Test(arguments: [(false, "Prevented: emptied before it was full"), (true, "Cleared: the bin has been emptied")])
    func aForecastBinThatIsEmptiedSaysWhetherItWasFull(_ becomesFull: Bool, _ says: String) {
        var street = Street(rule: .binForecast)
        _ = street.apply("a", minute: 0, observed: 77)
        if becomesFull {
            _ = street.apply("a", minute: 10, observed: 100, rule: .binFull)
            _ = street.apply("n", minute: 20, observed: 8, rule: .binFull)
        }
        let closed = street.apply("n", minute: 21, observed: 8).requests.last
        #expect(closed?.status == .closed)
        #expect(closed?.statusNotes.hasPrefix(says) == true, "\(closed?.statusNotes ?? "")")
    }

    @Test func aFullBinAndABurningBinAreTwoRequests() {
        var street = Street(rule: .binFull)
        _ = street.apply("a", minute: 0)
        let fire = street.apply("c", minute: 1, rule: .binFire).requests
        #expect(fire.map(\.id) == [2])
        #expect(fire.map(\.severity) == [4])
    }

    @Test func gettingGraverIsPublicAndGettingBetterIsNot() {
        var street = Street(rule: .burst, sensors: Self.zone)
        let opened = street.apply("a", minute: 0, observed: 25, expected: 20).requests[0]
        let worse = street.apply("a", minute: 1, observed: 40, expected: 20, score: 9)
        let better = street.apply("a", minute: 20, observed: 25, expected: 20, score: 4)
        #expect(opened.severity == 3)
        #expect(worse.requests.map(\.severity) == [4])
        #expect(worse.updates.count == 1)
        #expect(better.updates.isEmpty)
        #expect(better.requests.map(\.severity) == [4])
        #expect(better.requests[0].updatedAtMs == worse.requests[0].updatedAtMs)
    }

    @Test func lastSeenIsStoredEveryQuarterOfAnHourAtMost() {
        var street = Street(rule: .burst, sensors: Self.zone)
        _ = street.apply("a", minute: 0)
        let stored = (1...60).filter { !street.apply("a", minute: $0, score: 1).requests.isEmpty }
        #expect(stored == [15, 30, 45, 60])
    }
}
