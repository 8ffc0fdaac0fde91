import Detection
import Incidents
import Open311
import Readings
import Testing

@Suite struct CorroborationTests {
    @Test func aReportOfSomethingNewOpensARequestOfItsOwn() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        let id = try civic.report(minute: 3) { ($0.address, $0.mediaURL) = ("2 Mill Lane", "/media/photos/x.jpg") }
        let request = try civic[id]
        #expect(request.origin == .person)
        #expect(request.title == "Bin needs attention: 2 Mill Lane")
        #expect(request.description == "It smells.")
        #expect(request.mediaURL == "/media/photos/x.jpg")
        #expect(request.peopleCount == 1)
        #expect(request.sensorCount == 0)
        #expect(request.firstReportedAtMs == Street.start + 3 * 60_000)
        #expect(request.expectedAtMs == Street.start + 3 * 60_000 + 72 * 3_600_000)
        #expect(request.incidentKey == "person/1")
        #expect(civic.history(id) == ["open open by person: Opened: reported by a person."])
    }

    struct Near: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rule = Rule.binTilt
        var service = ServiceCode.binFull
        var metres = 0.0
        var asset: String?
        var address: String?
        var isPart: Bool
    }

    @Test(arguments: [
        Near(testDescription: "the bin itself", metres: 30, isPart: true),
        Near(testDescription: "the next bin", metres: 60, isPart: false),
        Near(testDescription: "far away, but the same asset by name", metres: 900, asset: "asset-bin-0", isPart: true),
        Near(testDescription: "an asset that no sensor is at, but near", metres: 10, asset: "7", isPart: true),
        Near(testDescription: "another kind of thing at the same place", service: .waterLeak, isPart: false),
        Near(
            testDescription: "water in a street of the zone", rule: .burst, service: .waterLeak, metres: 400,
            isPart: true),
        Near(testDescription: "water in another zone", rule: .burst, service: .waterLeak, metres: 600, isPart: false),
        Near(testDescription: "no position, the same address", metres: .nan, address: "1 high street", isPart: true),
        Near(testDescription: "no position, another address", metres: .nan, address: "2 High Street", isPart: false),
    ])
    func isAPartOfWhatItIsNearTo(_ near: Near) throws {
        var civic = Civic(Street(rule: near.rule, sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let id = try civic.report(near.service, minute: 5, metres: near.metres) {
            $0.assetID = near.asset
            $0.address = near.address
            if near.metres.isNaN { ($0.latitude, $0.longitude) = (nil, nil) }
        }
        #expect(id == 2)
        #expect(try civic[id].parentID == (near.isPart ? 1 : nil))
        #expect(try civic[1].peopleCount == (near.isPart ? 1 : 0))
    }

    @Test func isAPartOfWhatIsShownThereThoughNoSensorIsNear() throws {
        // Two loggers, 2 km apart, hear it equally loud: it is shown in the middle.
        let loggers = (0..<2).map { number in
            var sensor = Sensor(id: "logger-\(number)", kind: .waterLeak)
            sensor.zone = "Aston"
            sensor.position = Sensor.Position(latitude: 52.5 + 2000 * Double(number) / 111_320, longitude: -1.9)
            return sensor
        }
        var civic = Civic(Street(rule: .leakNoise, sensors: loggers))
        for number in 0..<UInt32(2) {
            let verdict = Verdict(
                rule: .leakNoise, condition: .critical, quantity: .noise, observedAtMs: Street.start,
                onsetMs: Street.start, score: 12, observed: 42, expected: 30, threshold: 33)
            civic.street.book.apply(
                verdict, to: .sensor(SensorIndex(rawValue: number)), nowMs: Street.start,
                directory: civic.street.directory, into: CommitBatch())
        }
        let there = try civic.report(.waterLeak, minute: 5, metres: 1000)
        #expect(try civic[there].parentID == 1)
        let between = try civic.report(.waterLeak, minute: 6, metres: 600)
        #expect(try civic[between].parentID == nil)
    }

    @Test func theReporterIsToldWhatIsKnownAndTheWholeCountsHim() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let id = try civic.report(minute: 5)
        #expect(
            civic.history(id) == [
                "open duplicate by system: Known already: Bin fallen over: 1 High Street (request 1). "
                    + "1 sensor and 1 person agree. What becomes of it will be told here, too."
            ])
        let whole = try civic[1]
        #expect(whole.firstReportedAtMs == Street.start + 5 * 60_000)
        #expect(whole.description.contains("1 sensor and 1 person agree."))
        #expect(civic.history(1).last == "open open by person: 1 sensor and 1 person agree.")
        #expect(whole.status == .open)
    }

    @Test func threePeopleMakeItGraverAndSurer() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let before = try civic[1]
        for minute in 1...3 { try civic.report(minute: minute) }
        let after = try civic[1]
        #expect(before.severity == 2)
        #expect(after.severity == 3)
        #expect(after.peopleCount == 3)
        #expect(after.expectedAtMs == after.requestedAtMs + 24 * 3_600_000)
        #expect(try #require(after.confidence) > #require(before.confidence))
        // A fourth is no news: counted, and nothing is published.
        let updatedAtMs = after.updatedAtMs
        try civic.report(minute: 9)
        #expect(try civic[1].peopleCount == 4)
        #expect(try civic[1].updatedAtMs == updatedAtMs)
    }

    /// Else a place that is kept back could be found by reporting here and there.
    @Test func whereAPlaceIsKeptBackNothingJoinsByPlace() throws {
        var services = ServiceCatalog.standard.services
        for index in services.indices where services[index].code == .binFull {
            services[index].visibility = .coarse(metres: 500)
        }
        var civic = Civic(Street(sensors: [.bin()], catalog: ServiceCatalog(services)))
        let before = try civic.report(minute: 0)
        civic.sense("c", minute: 1)
        let after = try civic.report(minute: 2)
        #expect(try civic[before].parentID == nil)
        #expect(try civic[after].parentID == nil)
        #expect(civic.requests.count == 3)
    }

    @Test func whoReportsAgainIsNotAnotherPerson() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        var mine: [Int64] = []
        for minute in 1...4 { mine.append(try civic.report(minute: minute) { $0.earlier = mine }) }
        #expect(try civic[1].peopleCount == 1)
        #expect(try civic[1].severity == 2)
        #expect(try mine.allSatisfy { try civic[$0].parentID == 1 })
        // A report of something else is no sign of having seen this.
        try civic.report(minute: 5) { $0.earlier = [99] }
        #expect(try civic[1].peopleCount == 2)
        // Nor does one's own request become a crowd.
        let own = try civic.report(.waterLeak, minute: 6, metres: 3000)
        try civic.report(.waterLeak, minute: 7, metres: 3001) { $0.earlier = [own] }
        #expect(try civic[own].peopleCount == 1)
    }

    @Test func whenSensorsAreQuietItsPartsCloseWithANote() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let id = try civic.report(minute: 5)
        civic.sense("n", minute: 20)
        #expect(try civic[1].status == .closed)
        let part = try civic[id]
        #expect(part.status == .closed)
        #expect(part.word == .closed)
        #expect(part.updatedAtMs == Street.start + 20 * 60_000)
        #expect(part.statusNotes.hasPrefix("Closed with request 1: Cleared: back to normal"))
    }

    @Test func aRecurrenceOpensItsPartsAgain() throws {
        var civic = Civic(Street(sensors: [.bin()], holdOffMinutes: 60))
        civic.sense("c", minute: 0)
        let id = try civic.report(minute: 5)
        // What staff has closed by hand stays closed.
        let other = try civic.report(minute: 6)
        civic.update(other, .noFurtherAction, minute: 7)
        civic.sense("n", minute: 20)
        civic.sense("c", minute: 30)
        #expect(try civic[1].status == .open)
        #expect(try civic[id].status == .open)
        #expect(try civic[other].status == .closed)
        #expect(civic.history(id).last?.hasPrefix("open open by system: Reopened with request 1:") == true)
        #expect(try civic[id].isDuplicate)
    }

    // MARK: The other order

    @Test func sensorsThatMeetWhatWasReportedTakeItOver() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        let id = try civic.report(minute: 0, metres: 20)
        civic.sense("c", minute: 30)
        #expect(civic.requests.count == 2)
        let (report, whole) = (try civic[id], try civic[2])
        #expect(report.parentID == 2)
        #expect(report.word == .duplicate)
        #expect(report.status == .open)
        #expect(
            report.statusNotes.hasPrefix("The city's sensors see it, too: Bin fallen over: 1 High Street (request 2)."))
        #expect(whole.peopleCount == 1)
        #expect(whole.firstReportedAtMs == Street.start)
        civic.sense("n", minute: 50)
        #expect(try civic[id].status == .closed)
    }

    @Test func staffsWorkOnTheReportGoesOn() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        let id = try civic.report(minute: 0)
        civic.update(id, .inProgress, minute: 10)
        civic.sense("c", minute: 30)
        #expect(try civic[2].word == .inProgress)
        #expect(try civic[2].acknowledgedAtMs == Street.start + 10 * 60_000)
    }

    @Test(arguments: [
        ("of yesterday", 2 * 1440, true), ("of last week", 8 * 1440, false),
    ])
    func aReportSpeaksForAsLongAsItsKindStays(_ c: (String, Int, Bool)) throws {
        var civic = Civic(Street(sensors: [.bin()]))
        let id = try civic.report(minute: 0)
        civic.sense("c", minute: c.1)
        #expect(try (civic[id].parentID != nil) == c.2)
    }

    @Test func aSensorThatJoinsBringsItsNeighboursReportsAlong() throws {
        var far = Sensor.flow("m2", zone: "aston")
        far.position = Sensor.Position(latitude: 52.52, longitude: -1.9)
        var civic = Civic(Street(rule: .burst, sensors: [.flow("m1", zone: "aston"), far]))
        let id = try civic.report(.waterLeak, minute: 0, metres: 2000)
        civic.sense("c", minute: 5)
        #expect(try civic[id].parentID == nil)
        civic.sense("c", minute: 6, sensor: 1)
        #expect(try civic[id].parentID == 2)
    }

    // MARK: People among themselves

    @Test func twoPeopleWhoSeeOneBinAreOneRequestWithAPart() throws {
        var civic = Civic(Street(sensors: []))
        let first = try civic.report(minute: 0)
        let second = try civic.report(minute: 10, metres: 20)
        #expect(try civic[second].parentID == first)
        #expect(try civic[first].peopleCount == 2)
        #expect(civic.history(first).last == "open open by person: 2 people have reported it.")
        civic.update(first, .fixed, minute: 60)
        #expect(try civic[second].status == .closed)
        #expect(try civic[second].word == .fixed)
    }

    @Test func thingsThatNoSensorWatchesAreOneOnlyByName() throws {
        let pothole = ServiceCode(rawValue: "pothole") ?? .sensorFault
        let catalog = ServiceCatalog(ServiceCatalog.standard.services + [Service(code: pothole, name: "Pothole")])
        var civic = Civic(Street(sensors: [], catalog: catalog))
        let first = try civic.report(pothole, minute: 0)
        let beside = try civic.report(pothole, minute: 1, metres: 3)
        let lamp = try civic.report(pothole, minute: 2, metres: 500) { $0.assetID = "lamp-7" }
        let sameLamp = try civic.report(pothole, minute: 3, metres: 900) { $0.assetID = "lamp-7" }
        #expect(try civic[first].parentID == nil)
        #expect(try civic[beside].parentID == nil)
        #expect(try civic[sameLamp].parentID == lamp)
    }

    @Test func beyondTwoHundredPartsPeopleAreOnlyCounted() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        for minute in 1...200 { try civic.report(minute: minute) }
        #expect(try civic.report(minute: 201) == 1)
        #expect(try civic[1].peopleCount == 201)
        #expect(civic.requests.count == 201)
    }

    @Test func aServiceThatThereIsNotIsRefused() {
        var civic = Civic(Street(sensors: []))
        let report = RequestSubmission(service: ServiceCode(rawValue: "no-such") ?? .binFull)
        #expect(civic.say(.report(report), minute: 0) == .refused(.unknownService))
        #expect(civic.requests.isEmpty)
    }
}
