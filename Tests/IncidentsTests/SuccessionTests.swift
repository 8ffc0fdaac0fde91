import Detection
import Incidents
import Open311
import Readings
import Testing

/// What becomes of requests when rules or the registry change.
@Suite struct SuccessionTests {
    private static let first = Subject.sensor(SensorIndex(rawValue: 0))
    private static let second = Subject.sensor(SensorIndex(rawValue: 1))

    /// The street after a change: its sensors as they are now, and one of them without what it was suspected of.
    private func changed(
        _ street: Street, sensors: [Sensor], forgetting forgotten: Subject
    ) -> (street: Street, said: CommitBatch) {
        var next = Street(rule: .burst, sensors: sensors)
        next.book.install(
            street.book.share(of: [Self.first, Self.second], .readings), directory: next.directory, resolve: { $0 },
            alike: { $0 != forgotten })
        let said = CommitBatch()
        next.book.succeed(street.book, nowMs: Street.start, directory: next.directory, into: said)
        return (next, said)
    }

    /// Its key would be given twice otherwise, and the store refuses that.
    @Test func anIncidentThatBeginsAgainInAnotherZoneIsThatOfItsRequest() {
        var street = Street(rule: .burst, sensors: [.flow("a", zone: "old"), .flow("b", zone: "old")])
        let opened = street.apply("c", minute: 0, subject: Self.first).requests[0]
        _ = street.apply("c", minute: 1, subject: Self.second)
        var (moved, said) = changed(
            street, sensors: [.flow("a", zone: "new"), .flow("b", zone: "old")], forgetting: Self.first)
        #expect(said.requests.isEmpty)
        let again = moved.apply("c", minute: 0, subject: Self.first)
        #expect(again.requests.map(\.id) == [opened.id])
        #expect(again.decisions.map(\.event) == [.requestJoined])
        // Another incident there is another request.
        _ = moved.apply("n", minute: 3, subject: Self.first)
        #expect(moved.apply("c", minute: 4, subject: Self.first).requests.map(\.id) == [opened.id + 1])
    }

    @Test func whatNothingHoldsAnyMoreIsClosedAndBeginsAgainAsTheSameRequest() {
        var street = Street(rule: .burst, sensors: [.flow("a", zone: "old"), .flow("b", zone: "old")])
        let opened = street.apply("c", minute: 0, subject: Self.first).requests[0]
        var (same, said) = changed(
            street, sensors: [.flow("a", zone: "old"), .flow("b", zone: "old")], forgetting: Self.first)
        #expect(said.requests.map(\.status) == [.closed])
        #expect(said.updates.map(\.number) == [2])
        let again = same.apply("c", minute: 0, subject: Self.first)
        #expect(again.requests.map(\.id) == [opened.id])
        #expect(again.updates.map(\.number) == [3])
    }

    /// Two histories under one number would overwrite each other.
    @Test func whatStaffHadMadeAPartOfAnotherIsOfItsOwnWhenSensorsMeetItAgain() throws {
        let sensors: [Sensor] = [.flow("a", zone: "old"), .flow("b", zone: "old")]
        var street = Street(rule: .burst, sensors: sensors)
        let opened = street.apply("c", minute: 0, subject: Self.first).requests[0]
        let (same, said) = changed(street, sensors: sensors, forgetting: Self.first)
        let closed = try #require(said.requests.first)
        var civic = Civic(same)
        let report = try civic.report(.waterLeak, minute: 0, metres: 5000)
        let update = UpdateSubmission(requestID: opened.id, word: .duplicate)
        civic.say(.update(with(update) { $0.duplicateOf = report }), minute: 0) {
            $0.known = [KnownRequest(request: closed, lastUpdate: 2)]
        }
        #expect(try civic[opened.id].parentID == report)
        civic.sense("c", minute: 0)
        #expect(try civic[opened.id].parentID == nil)
        #expect(try civic[opened.id].status == .open)
        // The other one closes, and takes nothing along that is not its own.
        civic.update(report, .closed, minute: 6)
        #expect(try civic[opened.id].status == .open)
        civic.update(opened.id, .inProgress, minute: 7)
        #expect(civic.updates.filter { $0.requestID == opened.id }.map(\.number) == [3, 4, 5])
    }

    private func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        var value = value
        change(&value)
        return value
    }
}
