import Detection
import Incidents
import Open311
import Readings
import Testing

@Suite struct StaffTests {
    // MARK: Words

    @Test func aStatusWordIsPublicAndAcknowledges() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, .inProgress, minute: 10) { $0.text = "A crew is on its way." }
        civic.update(1, minute: 12) { $0.text = "They have arrived." }
        let request = try civic[1]
        #expect(request.word == .inProgress)
        #expect(request.status == .open)
        #expect(request.statusNotes == "A crew is on its way.")
        #expect(request.acknowledgedAtMs == Street.start + 10 * 60_000)
        #expect(request.updatedAtMs == Street.start + 12 * 60_000)
        #expect(
            civic.history(1).suffix(2) == [
                "open in_progress by staff: A crew is on its way.", "open in_progress by staff: They have arrived.",
            ])
    }

    @Test func aWordWithoutATextSpeaksForItself() {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, .actionScheduled, minute: 10)
        #expect(civic.history(1).last == "open action_scheduled by staff: Work has been scheduled.")
    }

    @Test func whatANeighbourSaysAcknowledgesNothing() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, minute: 10) {
            $0.text = "Still there!"
            $0.author = .person
        }
        #expect(try civic[1].acknowledgedAtMs == nil)
        #expect(civic.history(1).last == "open open by person: Still there!")
    }

    @Test func anUpdateOfWhatThereIsNotIsRefused() {
        var civic = Civic(Street(sensors: []))
        #expect(civic.update(7, .fixed, minute: 0) == .refused(.unknownRequest))
    }

    @Test func whatTheBookHasForgottenIsTakenUpAsItWasStored() throws {
        var civic = Civic(Street(sensors: []))
        var stored = ServiceRequest(id: 40, service: .binFull, incidentKey: "old", requestedAtMs: 5)
        stored.title = "An old one"
        let known = KnownRequest(request: stored, lastUpdate: 4)
        for (minute, text) in [(1, "First"), (2, "Second")] {
            var update = UpdateSubmission(requestID: 40, word: .investigating)
            update.text = text
            // The second was posted before the first was stored.
            civic.say(.update(update), minute: minute) { $0.known = [known] }
        }
        #expect(civic.updates.map(\.number) == [5, 6])
        #expect(try civic[40].title == "An old one")
        #expect(try civic[40].statusNotes == "Second")
    }

    // MARK: Findings

    struct Finding: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var word: UpdateWord?
        var verdict: StaffVerdict?
        var expected: (UpdateWord, ServiceRequest.Status, StaffVerdict)
    }

    @Test(arguments: [
        Finding(testDescription: "confirmed stays open", verdict: .confirmed, expected: (.open, .open, .confirmed)),
        Finding(
            testDescription: "a false alarm closes", verdict: .falseAlarm,
            expected: (.noFurtherAction, .closed, .falseAlarm)),
        Finding(testDescription: "found fixed closes", verdict: .fixed, expected: (.fixed, .closed, .fixed)),
        Finding(testDescription: "what staff fixes was real", word: .fixed, expected: (.fixed, .closed, .fixed)),
        Finding(
            testDescription: "closed as not ours: nothing was found", word: .notResponsible,
            expected: (.notResponsible, .closed, .unreviewed)),
    ])
    func findingsAreKept(_ finding: Finding) throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, finding.word, minute: 5) { $0.verdict = finding.verdict }
        let request = try civic[1]
        #expect((request.word, request.status, request.verdict) == finding.expected)
    }

    @Test func aFalseAlarmStaysClosedUntilTheSignalHasClearedOnce() throws {
        var civic = Civic(Street(sensors: [.bin()], holdOffMinutes: 600))
        civic.sense("c", minute: 0)
        civic.update(1, minute: 5) { $0.verdict = .falseAlarm }
        let said = civic.updates.count
        for minute in 6..<200 { civic.sense("a", minute: minute, score: Double(minute)) }
        #expect(try civic[1].status == .closed)
        #expect(civic.updates.count == said)
        civic.sense("n", minute: 200)
        #expect(try civic[1].status == .closed)
        // Within the hold-off, but staff said what the other was: this is another one.
        civic.sense("c", minute: 210)
        #expect(try civic[1].status == .closed)
        #expect(try civic[2].status == .open)
        #expect(try civic[2].relatedID == 1)
    }

    @Test func anotherSensorOfAFalseAlarmIsSilentToo() throws {
        var civic = Civic(
            Street(rule: .burst, sensors: [.flow("m1", zone: "aston"), .flow("m2", zone: "aston")], holdOffMinutes: 60))
        civic.sense("c", minute: 0)
        civic.update(1, minute: 5) { $0.verdict = .falseAlarm }
        civic.sense("c", minute: 6, sensor: 1)
        civic.sense("n", minute: 7)
        #expect(civic.requests.count == 1)
        #expect(try civic[1].status == .closed)
        // The second one still sees it, and so it has not cleared.
        civic.sense("c", minute: 8)
        #expect(civic.requests.count == 1)
        civic.sense("n", minute: 9)
        civic.sense("n", minute: 9, sensor: 1)
        civic.sense("c", minute: 10)
        #expect(civic.requests.count == 2)
    }

    @Test func whatWasClosedAsFixedButGoesOnIsReopenedWithANote() throws {
        var civic = Civic(Street(sensors: [.bin()], clearMinutes: 45))
        civic.sense("c", minute: 0)
        let part = try civic.report(minute: 2)
        civic.update(1, .fixed, minute: 5)
        #expect(try civic[part].status == .closed)
        for minute in 6..<50 { civic.sense("a", minute: minute) }
        #expect(try civic[1].status == .closed)
        civic.sense("a", minute: 50)
        #expect(try civic[1].status == .open)
        #expect(try civic[part].status == .open)
        #expect(
            civic.history(1).last?.hasPrefix("open open by sensor: Reopened: it was closed as fixed, but goes on.")
                == true)
        #expect(try civic[1].verdict == .unreviewed)
        // And closes as ever.
        civic.sense("n", minute: 51)
        civic.sense("n", minute: 96)
        #expect(try civic[1].status == .closed)
    }

    @Test func whatWasClosedAsFixedAndComesToRestStaysClosed() throws {
        var civic = Civic(Street(sensors: [.bin()], clearMinutes: 10))
        civic.sense("c", minute: 0)
        civic.update(1, .fixed, minute: 5)
        civic.sense("a", minute: 6)
        civic.sense("n", minute: 7)
        civic.sense("n", minute: 17)
        #expect(try civic[1].status == .closed)
        #expect(try civic[1].clearedAtMs == Street.start + 17 * 60_000)
        #expect(civic.updates.count == 2)
    }

    @Test func aSensorThatStaysSilentAfterItWasFixedIsReopenedByTheClock() throws {
        var civic = Civic(Street(rule: .silence, sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, .fixed, minute: 5)
        let batch = CommitBatch()
        for (minute, count) in [(34, 0), (35, 1), (36, 1)] as [(Int64, Int)] {
            civic.street.book.reviewSilence(
                nowMs: Street.start + minute * 60_000, directory: civic.street.directory, into: batch)
            #expect(batch.requests.count == count)
        }
        #expect(batch.requests.first?.status == .open)
    }

    @Test func staffOpensAgainWhatSensorsSeeNoMore() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.sense("n", minute: 1)
        civic.update(1, .reopen, minute: 5)
        #expect(try civic[1].status == .open)
        #expect(try civic[1].word == .open)
        // It is theirs to close; or the sensors', once they have seen it again.
        civic.sense("c", minute: 10)
        #expect(civic.requests.count == 1)
        civic.sense("n", minute: 20)
        #expect(try civic[1].status == .closed)
    }

    // MARK: Duplicates

    @Test func aDuplicateByStaffClosesWithItsParent() throws {
        var civic = Civic(Street(sensors: []))
        let first = try civic.report(minute: 0)
        let second = try civic.report(minute: 1, metres: 5000)
        let third = try civic.report(minute: 2, metres: 5010)
        #expect(try civic[third].parentID == second)
        civic.update(second, minute: 5) { $0.duplicateOf = first }
        #expect(try civic[second].parentID == first)
        #expect(try civic[second].word == .duplicate)
        #expect(try civic[second].status == .open)
        // What was a part of it goes along.
        #expect(try civic[third].parentID == first)
        #expect(try civic[first].peopleCount == 3)
        civic.update(first, .fixed, minute: 9)
        #expect(try [second, third].map { try civic[$0].status } == [.closed, .closed])
    }

    @Test func aDuplicateThatSensorsHoldClosesWithItsParentToo() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let report = try civic.report(minute: 1, metres: 5000)
        civic.update(1, minute: 5) { $0.duplicateOf = report }
        #expect(try civic[1].parentID == report)
        #expect(try civic[1].status == .open)
        civic.update(report, .fixed, minute: 9)
        #expect(try civic[1].status == .closed)
        #expect(try civic[1].statusNotes == "Closed with request \(report), which it is a duplicate of.")
    }

    @Test func whatWasCalledADuplicateByMistakeGoesOnByItself() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let (first, second) = (try civic.report(minute: 1), try civic.report(minute: 2))
        #expect(try civic[1].peopleCount == 2)
        civic.update(first, minute: 5) { $0.isNoDuplicate = true }
        let freed = try civic[first]
        #expect((freed.parentID, freed.word, freed.status) == (nil, .open, .open))
        #expect(
            civic.history(first).last
                == "open open by staff: Looked at: it is a matter of its own, and no part of another request.")
        #expect(try civic[1].peopleCount == 1)
        #expect(try civic[1].firstReportedAtMs == Street.start + 2 * 60_000)
        // Its former whole takes the other along, and not this one.
        civic.update(1, .fixed, minute: 9)
        #expect(try civic[second].status == .closed)
        #expect(try civic[first].status == .open)
        civic.update(first, .fixed, minute: 10)
        #expect(try civic[first].status == .closed)
    }

    @Test func aRequestThatSensorsHoldCanBeNoDuplicateAgain() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let report = try civic.report(minute: 1, metres: 5000)
        civic.update(1, minute: 5) { $0.duplicateOf = report }
        civic.update(1, minute: 6) { ($0.isNoDuplicate, $0.text) = (true, "Another bin.") }
        #expect(try civic[1].parentID == nil)
        #expect(try civic[1].word == .open)
        civic.update(report, .fixed, minute: 9)
        #expect(try civic[1].status == .open)
        #expect(civic.update(1, minute: 10) { $0.isNoDuplicate = true } == .refused(.noDuplicate))
    }

    @Test func whatIsOpenedAgainHasNoVerdict() throws {
        for verdict in [StaffVerdict.fixed, .falseAlarm] {
            var civic = Civic(Street(sensors: []))
            let id = try civic.report(minute: 0)
            civic.update(id, minute: 5) { $0.verdict = verdict }
            #expect(try civic[id].verdict == verdict)
            civic.update(id, .reopen, minute: 6)
            #expect(try civic[id].verdict == .unreviewed)
        }
        var civic = Civic(Street(sensors: []))
        let id = try civic.report(minute: 0)
        civic.update(id, .closed, minute: 5) { $0.verdict = .confirmed }
        civic.update(id, .reopen, minute: 6)
        #expect(try civic[id].verdict == .confirmed)
    }

    @Test func aCommentOnWhatIsClosedLeavesItUpdatedWhenItWasClosed() throws {
        var civic = Civic(Street(sensors: []))
        let id = try civic.report(minute: 0)
        civic.update(id, .fixed, minute: 5)
        civic.update(id, minute: 9) { ($0.text, $0.author) = ("Thank you!", .person) }
        #expect(try civic[id].updatedAtMs == Street.start + 5 * 60_000)
        #expect(civic.updates.last?.atMs == Street.start + 9 * 60_000)
        #expect(civic.history(id).last == "closed fixed by person: Thank you!")
        civic.update(id, .reopen, minute: 11)
        #expect(try civic[id].updatedAtMs == Street.start + 11 * 60_000)
    }

    @Test func nothingIsADuplicateOfItself() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        let part = try civic.report(minute: 1)
        for (id, parent) in [(1, 1), (1, part)] as [(Int64, Int64)] {
            #expect(civic.update(id, minute: 5) { $0.duplicateOf = parent } == .refused(.circular))
        }
        #expect(civic.update(part, minute: 5) { $0.duplicateOf = 99 } == .refused(.unknownRequest))
    }

    @Test func whatIsHiddenHasNoPublicDuplicates() throws {
        let secret = try #require(ServiceCode(rawValue: "secret"))
        let wide = try #require(ServiceCode(rawValue: "wide"))
        let catalog = ServiceCatalog(
            ServiceCatalog.standard.services + [
                Service(code: secret, name: "Secret", visibility: .hidden),
                Service(code: wide, name: "Wide", visibility: .coarse(metres: 500)),
            ])
        var civic = Civic(Street(sensors: [], catalog: catalog))
        let hidden = try civic.report(secret, minute: 0)
        let known = try civic.report(.binFull, minute: 1)
        let other = try civic.report(secret, minute: 2, metres: 5000)
        let coarse = try civic.report(wide, minute: 3, metres: 9000)
        #expect(civic.update(known, minute: 5) { $0.duplicateOf = hidden } == .refused(.hiddenParent))
        #expect(try civic[known].parentID == nil)
        civic.update(other, minute: 6) { $0.duplicateOf = hidden }
        #expect(try civic[other].parentID == hidden)
        // What is told of a place that is kept back names none of it.
        civic.update(known, minute: 7) { $0.duplicateOf = coarse }
        civic.update(coarse, .fixed, minute: 8) { $0.text = "Mended behind 7 Vague Road." }
        #expect(try civic[known].statusNotes == "Closed with request \(coarse).")
        civic.update(hidden, .fixed, minute: 9) { $0.text = "Mended behind the refuge." }
        #expect(try civic[other].statusNotes == "Closed with request \(hidden): Mended behind the refuge.")
    }

    @Test func whatIsSaidToAReporterNamesNoSensorThatIsKeptBack() throws {
        var sensor = Sensor(id: "loop-4711", kind: .traffic)
        sensor.position = Sensor.Position(latitude: 52.5, longitude: -1.9)
        var civic = Civic(Street(rule: .congestion, sensors: [sensor]))
        civic.sense("c", minute: 0)
        let id = try civic.report(.trafficAnomaly, minute: 5)
        #expect(try civic[1].title.contains("loop-4711"))
        #expect(try civic[id].parentID == 1)
        civic.sense("n", minute: 20)
        #expect(try civic[id].status == .closed)
        #expect(civic.history(id).count == 2)
        #expect(civic.history(id).allSatisfy { !$0.contains("loop-4711") })
        #expect(civic.history(id)[0].contains("a sensor"))
    }

    @Test func whatResidentsSayIsNoFinding() throws {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        civic.update(1, .fixed, minute: 5) { $0.author = .person }
        #expect(try civic[1].status == .closed)
        #expect(try civic[1].verdict == .unreviewed)
        #expect(try civic[1].acknowledgedAtMs == nil)
    }

    // MARK: Bounds

    @Test func oldClosedRequestsOfPeopleAreForgottenAndOpenOnesAreNot() throws {
        var civic = Civic(Street(sensors: []))
        let open = try civic.report(minute: 0)
        let closed = try civic.report(minute: 0, metres: 900)
        civic.update(closed, .fixed, minute: 1)
        civic.street.book.forget(nowMs: Street.start + 3 * 86_400_000)
        #expect(civic.update(open, .investigating, minute: 5000).requestID == open)
        #expect(civic.update(closed, .reopen, minute: 5000) == .refused(.unknownRequest))
    }
}
