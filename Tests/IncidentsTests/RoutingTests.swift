import Detection
import Incidents
import Open311
import Readings
import Testing

@Suite struct RoutingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var ward: String? = "Aston"
        var severity = 2
        var hour = 12
        var agency: String?
    }

    /// Aston's nights; grave ones; all others of the ward.
    static let rules: Routing = {
        var routing = Routing()
        var night = Routing.Rule(service: .waterLeak)
        (night.wards, night.hours, night.agency) = (["Aston"], .init(from: 22 * 60, to: 6 * 60), "Night Crew")
        var grave = Routing.Rule(service: .waterLeak)
        (grave.leastSeverity, grave.agency) = (3, "Emergency")
        var aston = Routing.Rule(service: .waterLeak)
        (aston.wards, aston.agency) = (["Aston"], "Water East")
        routing.rules = [night, grave, aston]
        return routing
    }()

    @Test(arguments: [
        Case(testDescription: "by ward", agency: "Water East"),
        Case(testDescription: "another ward", ward: "Ladywood"),
        Case(testDescription: "no ward", ward: nil),
        Case(testDescription: "by severity, anywhere", ward: nil, severity: 3, agency: "Emergency"),
        Case(testDescription: "at night, the first rule that fits", severity: 4, hour: 23, agency: "Night Crew"),
        Case(testDescription: "over midnight", hour: 5, agency: "Night Crew"),
        Case(testDescription: "the end is not included", hour: 6, agency: "Water East"),
    ])
    func theFirstRuleThatFitsDecides(_ c: Case) {
        let rule = Self.rules.rule(
            service: .waterLeak, ward: c.ward, severity: c.severity, atMs: Street.start + Int64(c.hour) * 3_600_000,
            zone: .utc)
        #expect(rule?.agency == c.agency)
        #expect(
            Self.rules.rule(service: .binFull, ward: "Aston", severity: 4, atMs: Street.start, zone: .utc) == nil)
    }

    @Test func aLeakThatSlowsTrafficIsForHighwaysToo() throws {
        var routing = Routing()
        var both = Routing.Rule(service: .waterLeak)
        (both.agency, both.parts) = ("Water", [.init(service: .trafficAnomaly, agency: "Highways")])
        routing.rules = [both]
        var civic = Civic(Street(rule: .burst, sensors: [.flow("m1", zone: "aston")], routing: routing))
        civic.sense("c", minute: 0)
        let (whole, part) = (try civic[1], try civic[2])
        #expect(whole.agency == "Water")
        #expect(part.parentID == 1)
        #expect(part.service == .trafficAnomaly)
        #expect(part.agency == "Highways")
        #expect(part.incidentKey == whole.incidentKey + "/for/traffic-anomaly/Highways")
        #expect(part.statusNotes.hasPrefix("Opened for Highways as a part of request 1: Possible"))
        // Each department has its own say.
        civic.update(2, .inProgress, minute: 3)
        #expect(try civic[1].word == .open)
        civic.sense("n", minute: 9)
        #expect(try civic[2].status == .closed)
    }

    @Test func otherDepartmentsReadWhatTheWholeSays() throws {
        var routing = Routing()
        var both = Routing.Rule(service: .waterLeak)
        both.parts = [.init(service: .trafficAnomaly, agency: "Highways")]
        routing.rules = [both]
        let sensors: [Sensor] = [.flow("m1", zone: "aston"), .flow("m2", zone: "aston")]
        var civic = Civic(Street(rule: .burst, sensors: sensors, routing: routing))
        civic.sense("c", minute: 0)
        let first = try civic[2]
        // Another meter joins, and says more.
        civic.sense("c", minute: 1, sensor: 1, score: 9)
        let (whole, part) = (try civic[1], try civic[2])
        #expect(part.sensorCount == 2 && part.score == 9)
        #expect((part.title, part.description) == (whole.title, whole.description))
        #expect((part.id, part.agency, part.service) == (2, "Highways", .trafficAnomaly))
        #expect(part.requestedAtMs == first.requestedAtMs && part.incidentKey == first.incidentKey)
        #expect(civic.history(2).count == 1, "no news for a department")
    }

    @Test func otherDepartmentsHearWhenItBecomesGraver() throws {
        var routing = Routing()
        var both = Routing.Rule(service: .binFull)
        both.parts = [.init(service: .binFull, agency: "Parks")]
        routing.rules = [both]
        var civic = Civic(Street(sensors: [], routing: routing))
        let id = try civic.report(minute: 0)
        let share = try #require(civic.requests.values.first { $0.isShare })
        #expect(share.severity == (try civic[id].severity))
        for minute in 1...2 { try civic.report(minute: minute) }
        let graver = try civic[share.id]
        #expect(graver.severity == (try civic[id].severity) && graver.severity > share.severity)
        #expect(try #require(graver.expectedAtMs) <= #require(share.expectedAtMs))
        #expect(civic.history(share.id).last == "open open by system: Graver than first seen: \(try civic[id].title)")
        // What Parks has done stays done.
        civic.update(share.id, .closed, minute: 4)
        for minute in 5...9 { try civic.report(minute: minute) }
        #expect(try civic[share.id].status == .closed)
    }

    @Test func aDepartmentsPartOfAReportThatIsOpenedAgainSpeaksOfThatDepartment() throws {
        var routing = Routing()
        var both = Routing.Rule(service: .binFull)
        (both.agency, both.parts) = ("Waste", [.init(service: .binFull, agency: "Parks")])
        routing.rules = [both]
        var civic = Civic(Street(sensors: [], routing: routing))
        let id = try civic.report(minute: 0)
        civic.update(id, .closed, minute: 1)
        civic.update(id, .open, minute: 2)
        let share = try #require(civic.requests.values.first { $0.isShare })
        #expect(share.status == .open)
        #expect(share.notice == "Thank you. Parks has been told.")
    }

    @Test func whatBecomesGraverIsRoutedAnew() throws {
        var routing = Routing()
        var grave = Routing.Rule(service: .binFull)
        (grave.leastSeverity, grave.agency) = (3, "Environmental Health")
        grave.parts = [.init(service: .binFull, agency: "Fire Service")]
        routing.rules = [grave]
        var civic = Civic(Street(sensors: [], routing: routing))
        let id = try civic.report(minute: 0)
        #expect(try civic[id].agency == nil)
        for minute in 1...2 { try civic.report(minute: minute) }
        #expect(try civic[id].severity == 3)
        #expect(try civic[id].agency == "Environmental Health")
        #expect(civic.history(id).last == "open open by system: Passed on to Environmental Health.")
        // And so is what was said of it, to everybody who reported it, before the change and after.
        let late = try civic.report(minute: 3)
        let reports = civic.requests.values.filter { $0.origin == .person && !$0.isShare }.sorted { $0.id < $1.id }
        #expect(reports.map(\.id).count == 4 && reports.last?.id == late)
        for report in reports {
            #expect(report.agency == "Environmental Health", "\(report.id)")
            #expect(report.notice == "Thank you. Environmental Health has been told.", "\(report.id)")
        }
        let share = civic.requests.values.first { $0.isShare }
        #expect(share?.notice == "Thank you. Fire Service has been told.")
        #expect(civic.requests.values.filter { $0.agency == "Fire Service" }.map(\.parentID) == [id])
    }
}
