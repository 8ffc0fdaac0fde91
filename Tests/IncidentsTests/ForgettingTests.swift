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
}
