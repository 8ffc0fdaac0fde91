import Detection
import Incidents
import Open311
import Readings
import Testing

/// Marble strings: one character a minute. `n` normal, `b` between the thresholds, `a` abnormal, `c` critical, `u` unknown,
/// `.` no reading.
@Suite struct LifecycleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var verdicts: String
        /// What happens, as `minute event`.
        var expected: [String]
    }

    // Pending 2 min, clear 3 min, hold-off 10 min.
    @Test(arguments: [
        Case(testDescription: "nothing abnormal, nothing filed", verdicts: "nnbnb", expected: []),
        Case(
            testDescription: "one abnormal minute is dismissed", verdicts: "nann",
            expected: ["1 incident.pending", "2 incident.dismissed"]),
        Case(
            testDescription: "between the thresholds does not keep it pending", verdicts: "aba",
            expected: ["0 incident.pending", "1 incident.dismissed", "2 incident.pending"]),
        Case(
            testDescription: "two minutes open a request", verdicts: "aaa",
            expected: ["0 incident.pending", "2 request.opened"]),
        Case(testDescription: "critical opens at once", verdicts: "nc", expected: ["1 request.opened"]),
        Case(
            testDescription: "critical while pending opens at once", verdicts: "ac",
            expected: ["0 incident.pending", "1 request.opened"]),
        Case(
            testDescription: "event time counts, not the number of readings", verdicts: "a..a",
            expected: ["0 incident.pending", "3 request.opened"]),
        Case(
            testDescription: "a doubtful reading leaves it pending", verdicts: "aua",
            expected: ["0 incident.pending", "2 request.opened"]),
        Case(
            testDescription: "a doubtful reading does not start the clearing anew", verdicts: "cnnunn",
            expected: ["0 request.opened", "4 request.closed"]),
        Case(
            testDescription: "three normal minutes close it", verdicts: "cnnnn",
            expected: ["0 request.opened", "4 request.closed"]),
        Case(
            testDescription: "between the thresholds starts the clearing anew", verdicts: "cnnbnnnn",
            expected: ["0 request.opened", "7 request.closed"]),
        Case(
            testDescription: "abnormal starts the clearing anew", verdicts: "cnnannnn",
            expected: ["0 request.opened", "7 request.closed"]),
        Case(
            testDescription: "back within the hold-off reopens the same request", verdicts: "cnnnnc",
            expected: ["0 request.opened", "4 request.closed", "5 request.reopened"]),
        Case(
            testDescription: "back after the hold-off is a new request", verdicts: "cnnnn..........c",
            expected: ["0 request.opened", "4 request.closed", "15 request.opened"]),
    ])
    func opensAndClosesWithHysteresis(_ c: Case) throws {
        var street = Street(pendingMinutes: 2, clearMinutes: 3, holdOffMinutes: 10)
        var happened: [String] = []
        for (minute, mark) in c.verdicts.enumerated() where mark != "." {
            let batch = street.apply(mark, minute: minute)
            happened += batch.decisions.map { "\(minute) \($0.event.rawValue)" }
        }
        #expect(happened == c.expected)
    }

    @Test func aReopenedRequestKeepsItsIDAndSaysWhy() {
        var street = Street(pendingMinutes: 0, clearMinutes: 0, holdOffMinutes: 10)
        let opened = street.apply("a", minute: 0).requests
        let closed = street.apply("n", minute: 1).requests
        let reopened = street.apply("a", minute: 5)
        #expect(opened.map(\.id) == [1])
        #expect(closed.map(\.status) == [.closed])
        #expect(reopened.requests.map(\.id) == [1])
        #expect(reopened.requests.map(\.status) == [.open])
        #expect(reopened.updates.map(\.number) == [3])
        #expect(reopened.requests[0].statusNotes.hasPrefix("Reopened: it has come back."))
    }

    @Test func aLaterRecurrenceNamesTheEarlierRequest() {
        var street = Street(pendingMinutes: 0, clearMinutes: 0, holdOffMinutes: 10)
        _ = street.apply("a", minute: 0)
        _ = street.apply("n", minute: 1)
        let later = street.apply("a", minute: 60).requests
        #expect(later.map(\.id) == [2])
        #expect(later.map(\.relatedID) == [1])
    }

    @Test func theKeyIsFixedWhenTheIncidentBecomesPending() {
        var street = Street(pendingMinutes: 2, clearMinutes: 0, holdOffMinutes: 0)
        let pending = street.apply("a", minute: 0).incidents
        _ = street.apply("a", minute: 1)
        let fired = street.apply("a", minute: 2)
        #expect(fired.incidents.map(\.key) == pending.map(\.key))
        #expect(fired.requests.map(\.incidentKey) == pending.map(\.key))
        #expect(
            fired.requests[0].incidentKey
                == "bin-full/bin-0/bin-tilt/2026-05-01T00:00:00Z")
    }

    @Test func requestedDatetimeIsWhenItWasRaisedNotWhenItBegan() {
        var street = Street(pendingMinutes: 2, clearMinutes: 0, holdOffMinutes: 0)
        _ = street.apply("a", minute: 0)
        let request = street.apply("a", minute: 2, arrivingAfterS: 30).requests[0]
        #expect(request.requestedAtMs == Street.start + 2 * 60_000 + 30_000)
        #expect(request.firstSeenMs == Street.start)
    }

    @Test(arguments: [
        (forecastMinute: 150, promised: "forecast"), (forecastMinute: 5, promised: "service"),
        (forecastMinute: 100_000, promised: "service"), (forecastMinute: nil, promised: "service"),
    ])
    func aForecastIsThePromiseWhenItIsTheSoonerAndStillAhead(_ c: (forecastMinute: Int64?, promised: String)) {
        var street = Street(rule: .binForecast)
        // Of the first minute, and ten minutes on its way.
        let raisedAtMs = Street.start + 600_000
        let forecastMs = c.forecastMinute.map { Street.start + $0 * 60_000 }
        let verdict = Verdict(
            rule: .binForecast, condition: .critical, quantity: .fill, observedAtMs: Street.start,
            onsetMs: Street.start, score: 5, observed: 70, expected: 20, threshold: 85, forecastMs: forecastMs ?? 0)
        let batch = CommitBatch()
        street.book.apply(
            verdict, to: .sensor(SensorIndex(rawValue: 0)), nowMs: raisedAtMs, directory: street.directory, into: batch)
        let request = batch.requests[0]
        let service = ServiceCatalog.standard.named(.binFull).promiseMs(severity: request.severity)
        #expect(request.forecastAtMs == forecastMs)
        #expect(request.expectedAtMs == (c.promised == "forecast" ? forecastMs : raisedAtMs + service))
    }

    @Test func aDisabledRuleFilesNothing() {
        var street = Street(pendingMinutes: 0, clearMinutes: 0, holdOffMinutes: 0, isEnabled: false)
        #expect(street.apply("c", minute: 0).isEmpty)
    }

    @Test func anIncidentThatTheStoreKnowsKeepsItsRequestID() {
        var street = Street(pendingMinutes: 0, clearMinutes: 0, holdOffMinutes: 0)
        street.book.expect(requestIDs: [
            "bin-full/bin-0/bin-tilt/2026-05-01T00:00:00Z": 41, "another": 7,
        ])
        #expect(street.apply("c", minute: 0).requests.map(\.id) == [41])
        _ = street.apply("n", minute: 1)
        #expect(street.apply("c", minute: 2).requests.map(\.id) == [42])
    }

    @Test func silenceIsToldAtItsChangesOnlySoThatOneClosesIt() {
        var street = Street(rule: .silence, pendingMinutes: 10, clearMinutes: 10, holdOffMinutes: 0)
        #expect(street.apply("c", minute: 0).decisions.map(\.event) == [.requestOpened])
        #expect(street.apply("n", minute: 1).decisions.map(\.event) == [.requestClosed])
    }
}
