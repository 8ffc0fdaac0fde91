import Detection
import Incidents
import Open311
import Readings
import Testing

/// A book remembers requests for as long as a recurrence names them, and no longer.
@Suite struct ForgettingTests {
    static func recurrence(afterDays days: Int, isOpen: Bool = false) -> (earlier: Int64, related: Int64?, isNew: Bool)
    {
        var street = Street()
        let opened = street.apply("a", minute: 0).requests[0].id
        if !isOpen { _ = street.apply("n", minute: 1) }
        for day in 0...days { street.book.forget(nowMs: Street.start + Int64(day) * 86_400_000) }
        let later = street.apply("a", minute: days * 1440)
        return (opened, later.requests.last?.relatedID, later.requests.last.map { $0.id != opened } ?? false)
    }

    @Test(arguments: [(1, true), (89, true), (91, false), (400, false)])
    func aRecurrenceNamesTheEarlierRequestForNinetyDays(days: Int, isNamed: Bool) {
        let found = Self.recurrence(afterDays: days)
        #expect(found.isNew)
        #expect(found.related == (isNamed ? found.earlier : nil))
    }

    @Test func whatIsOpenIsNeverForgotten() {
        #expect(!Self.recurrence(afterDays: 400, isOpen: true).isNew)
    }

    /// ```
    ///   desk     reads no. 40, update 4 ───────────────────────────────▶ posts "Second", naming update 4
    ///   stream            "First" is update 5 ─▶ the day's forgetting ─▶ "Second"
    /// ```
    /// An old request is taken up for the first word. Let go at once, it would be taken up for the second as it was before.
    @Test func whatWasSaidOfLatelyIsRememberedForWordsOnTheirWay() throws {
        var civic = Civic(Street(sensors: []))
        var stored = ServiceRequest(id: 40, service: .binFull, incidentKey: "old", requestedAtMs: 5)
        (stored.status, stored.word) = (.closed, .closed)
        var known = KnownRequest(request: stored, lastUpdate: 4)
        func say(_ text: String, minute: Int) {
            var update = UpdateSubmission(requestID: 40)
            update.text = text
            civic.say(.update(update), minute: minute) { $0.known = [known] }
        }
        // It is closed, so a comment leaves it as old as it is.
        say("First", minute: 1)
        civic.street.book.forget(nowMs: Street.start + 2 * 60_000)
        say("Second", minute: 3)
        #expect(civic.updates.map(\.number) == [5, 6])
        // Later nothing is on its way any more, and the store is asked again.
        civic.street.book.forget(nowMs: Street.start + 2 * 86_400_000)
        known.lastUpdate = 6
        known.request.title = "As it is stored by now"
        say("Third", minute: 3 * 1440)
        #expect(try civic[40].title == "As it is stored by now")
    }

    @Test func whatWasSaidOfLatelyMakesNoRoomForOthers() {
        // Where places are kept back, nothing is looked for near a report: so many of them are quickly filed.
        var services = ServiceCatalog.standard.services
        for place in services.indices { services[place].visibility = .coarse(metres: 500) }
        var street = Street(sensors: [], catalog: ServiceCatalog(services))
        var ticket: Int64 = 0
        func say(_ content: StreamCommand.Content, minute: Int, of known: [KnownRequest] = []) -> CommitBatch {
            ticket += 1
            var command = StreamCommand(ticket: ticket, atMs: Street.start + Int64(minute) * 60_000, content)
            command.known = known
            let batch = CommitBatch()
            _ = street.book.take(command, directory: street.directory, into: batch)
            return batch
        }
        func comment(on id: Int64, minute: Int) -> Int? {
            var stored = ServiceRequest(id: id, service: .binFull, incidentKey: "old/\(id)", requestedAtMs: 5)
            (stored.status, stored.word) = (.closed, .closed)
            let update = UpdateSubmission(requestID: id, text: "Still there")
            let known = KnownRequest(request: stored, lastUpdate: 4)
            return say(.update(update), minute: minute, of: [known]).updates.last?.number
        }
        // One less than are kept.
        for minute in 1..<20_000 {
            _ = say(.report(RequestSubmission(service: .binFull, description: "It smells.")), minute: minute)
        }
        #expect(comment(on: 40_000, minute: 20_001) == 5)
        // Who comes now takes the place of what has not changed for longest. That is not the one that is being spoken of.
        #expect(comment(on: 50_000, minute: 20_002) == 5)
        #expect(comment(on: 40_000, minute: 20_003) == 6)
        // Two hours later it is.
        #expect(comment(on: 60_000, minute: 20_123) == 5)
        #expect(comment(on: 40_000, minute: 20_124) == 5)
    }

    @Test func othersKeepTheirPlaces() {
        let sensors = (0..<6).map { Sensor(id: "bin-\($0)", kind: .binFill) }
        var street = Street(sensors: sensors)
        func subject(_ number: Int) -> Subject { .sensor(SensorIndex(rawValue: UInt32(number))) }
        let day = 1440
        for number in 0..<6 { _ = street.apply("a", minute: number * 20 * day, subject: subject(number)) }
        for number in [0, 2, 4] { _ = street.apply("n", minute: number * 20 * day + 1, subject: subject(number)) }
        street.book.forget(nowMs: Street.start + Int64(120 * day) * 60_000)
        // 0 is forgotten; 2 and 4 are named; the others are open and close under their own numbers.
        for (number, id) in [(1, 2), (3, 4), (5, 6)] as [(Int, Int64)] {
            let closed = street.apply("n", minute: 121 * day, subject: subject(number)).requests
            #expect(closed.map(\.id) == [id])
        }
        for (number, related) in [(0, nil), (2, 3), (4, 5)] as [(Int, Int64?)] {
            let opened = street.apply("a", minute: 121 * day, subject: subject(number)).requests
            #expect(opened.map(\.relatedID) == [related])
        }
    }

    /// The desk may have read a request before something else was said of it, and meanwhile the sensor began anew.
    @Test func whatWasJustSpokenOfIsHeldThoughItsSensorHasANewRequest() throws {
        var civic = Civic(Street(sensors: [.flow("bin-0", zone: "here")]))
        civic.sense("c", minute: 0)
        let report = try civic.report(minute: 1)
        let known = KnownRequest(request: try civic[report], lastUpdate: 1)
        civic.sense("n", minute: 2)
        civic.update(report, minute: 3) { $0.text = "Thank you." }
        civic.sense("c", minute: 4)
        #expect(
            civic.requests.values.filter { $0.origin == .sensor }.map(\.status).sorted { $0.rawValue < $1.rawValue }
                == [.closed, .open])
        civic.say(.update(UpdateSubmission(requestID: report, word: .inProgress)), minute: 5) { $0.known = [known] }
        let numbers = civic.updates.filter { $0.requestID == report }.map(\.number)
        #expect(numbers == Array(1...4))
    }
}
