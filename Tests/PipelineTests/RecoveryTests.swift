import Detection
import Incidents
import Open311
import Pipeline
import Readings
import Testing

/// A processor that met its log again goes on exactly as one that was never interrupted.
@Suite struct RecoveryTests {
    @Test func anEditedRegistryIsStoredAnewOnce() {
        var stream = Stream()
        var log = LogInMemory()
        let batch = stream.batch()
        _ = stream.processor.admit(id: "bin-9", kind: .binFill, gateway: "gw-1", nowMs: 5, into: batch)
        log.commit(batch)
        var edited = Sensor(id: "bin-9", kind: .binFill)
        (edited.owner, edited.site) = ("Waste North", "Market square")
        var configuration = PipelineConfiguration()
        configuration.registry = [edited]
        let corrections = CommitBatch()
        let recovered = log.recover(configuration, into: corrections)
        #expect(corrections.newSensors.map(\.sensor.owner) == ["Waste North"])
        #expect(corrections.newSensors.map(\.sensor.gateway) == ["gw-1"], "what it was heard through stays")
        #expect(corrections.newSensors.map(\.before) == [batch.newSensors[0].sensor])
        #expect(corrections.newSensors.map(\.sequence) == [2], "it holds behind what was stored")
        #expect(corrections.commands.map(\.command.content) == [.registry])
        #expect(recovered.directory.sensors[0].site == "Market square")
        // As stored, it is nothing to store.
        let again = CommitBatch()
        _ = LogInMemory.afterCommits([batch, corrections]).recover(configuration, into: again)
        #expect(again.newSensors.isEmpty)
    }

    /// Bins that fill, burn, and are emptied, one of them falling silent: an hour and a half in steps of five minutes.
    static func feed(_ processor: inout StreamProcessor, minutes: StrideTo<Int64>, into batch: CommitBatch) {
        for minute in minutes {
            for number in 0..<4 {
                let sensor = SensorIndex(rawValue: UInt32(number))
                if number == 3, minute > 20 { continue }
                for (quantity, value) in [
                    (Quantity.fill, Double(min(100, 40 + minute * Int64(number)))),
                    (.temperature, number == 1 && (30..<60).contains(minute) ? 80.0 : 12.0),
                ] {
                    processor.take(
                        Reading(
                            sensor: sensor, quantity: quantity, observedAtMs: Stream.at(minute),
                            arrivedAtMs: Stream.at(minute), value: value), into: batch)
                }
            }
            processor.tick(atMs: Stream.at(minute + 1), into: batch)
        }
    }

    static func start(_ processor: inout StreamProcessor, into batch: CommitBatch) {
        for number in 0..<4 {
            _ = processor.admit(id: "bin-\(number)", kind: .binFill, nowMs: Stream.start, into: batch)
        }
        processor.connection(isUp: true, source: 1, atMs: Stream.start, into: batch)
    }

    @Test(arguments: [5, 25, 40, 65, 85] as [Int64])
    func goesOnAsIfNeverInterrupted(killedAtMinute: Int64) {
        var uninterrupted = Stream().processor
        let before = CommitBatch()
        Self.start(&uninterrupted, into: before)
        Self.feed(&uninterrupted, minutes: stride(from: 0, to: killedAtMinute, by: 5), into: before)

        var recovered = Stream().processor
        let discarded = Self.recover(&recovered, from: before)
        // Met again, the log leads to the very same requests.
        #expect(discarded.requests == before.requests)

        let (expected, found) = (CommitBatch(), CommitBatch())
        Self.feed(&uninterrupted, minutes: stride(from: killedAtMinute, to: 240, by: 5), into: expected)
        Self.feed(&recovered, minutes: stride(from: killedAtMinute, to: 240, by: 5), into: found)
        #expect(found.readings == expected.readings)
        #expect(found.events == expected.events)
        #expect(found.incidents == expected.incidents)
        #expect(found.requests == expected.requests)
        #expect(found.updates == expected.updates)
        #expect(!(before.requests + expected.requests).isEmpty)
    }

    /// Replays what was committed into a fresh processor; returns what came of it.
    static func recover(_ recovered: inout StreamProcessor, from before: CommitBatch) -> CommitBatch {
        recovered.expect(
            requestIDs: Dictionary(
                before.requests.map { ($0.incidentKey, $0.id) }, uniquingKeysWith: { first, _ in first }))
        for new in before.newSensors {
            #expect(recovered.recover(new.sensor, sequence: new.sequence) == new.index)
        }
        var (readings, events) = (before.readings[...], before.events[...])
        let discarded = CommitBatch()
        while readings.first != nil || events.first != nil {
            if let reading = readings.first, reading.sequence < events.first?.sequence ?? .max {
                recovered.recover(readings.removeFirst(), discarding: discarded)
            } else {
                recovered.recover(events.removeFirst(), discarding: discarded)
            }
        }
        return discarded
    }

    /// A flipped bit in a cell of the database: no check of its pages sees it.
    @Test func entriesOfSensorsThatAreNotStoredArePassedOverAndCounted() throws {
        var before = Self.burn().readings
        let whole = before.count
        before[3].reading.sensor = SensorIndex(rawValue: 9999)
        var recovered = Stream().processor
        for number in 0..<4 {
            _ = recovered.recover(Sensor(id: "bin-\(number)", kind: .binFill), sequence: Int64(number + 1))
        }
        for logged in before { recovered.recover(logged, discarding: CommitBatch()) }
        let last = try #require(before.last?.sequence)
        recovered.recover(
            StreamEvent(
                sequence: last + 1, kind: .heard, source: 0, sensor: SensorIndex(rawValue: 9999), atMs: Stream.at(60)),
            discarding: CommitBatch())
        #expect(recovered.restoreReport.strays == 2)
        #expect(whole > 4)
        // What comes next is numbered behind them.
        #expect(recovered.sequence == last + 1)
    }

    /// Burns bin-1 and returns what the first run committed.
    static func burn() -> CommitBatch {
        var processor = Stream().processor
        let batch = CommitBatch()
        start(&processor, into: batch)
        feed(&processor, minutes: stride(from: 0, to: 45, by: 5), into: batch)
        return batch
    }

    @Test func aRequestThatTodaysRulesDoNotRaiseIsClosedWithANote() throws {
        let before = Self.burn()
        let stored = try #require(before.requests.last { $0.detector == "bin-fire" })
        var recovered = Stream { $0.policies[.binFire].isEnabled = false }.processor
        _ = Self.recover(&recovered, from: before)
        let corrections = CommitBatch()
        recovered.finishRecovery(
            openRequests: [stored], lastUpdates: [stored.id: 4], atMs: Stream.at(60), into: corrections)
        #expect(corrections.requests.map(\.id) == [stored.id])
        #expect(corrections.requests.map(\.status) == [.closed])
        #expect(corrections.updates.map(\.number) == [5])
        #expect(corrections.requests[0].statusNotes.hasPrefix("Closed: the rules or the registry have changed"))
    }

    @Test func aRequestWhoseBeginningIsNoLongerStoredGoesOnAndClosesWhenItsSignalClears() throws {
        let before = Self.burn()
        let stored = try #require(before.requests.last { $0.detector == "bin-fire" })
        var recovered = Stream().processor
        let log = CommitBatch()
        log.newSensors = before.newSensors
        recovered.expect(requestIDs: [stored.incidentKey: stored.id])
        for new in log.newSensors { _ = recovered.recover(new.sensor, sequence: new.sequence) }
        let corrections = CommitBatch()
        recovered.finishRecovery(
            openRequests: [stored], lastUpdates: [stored.id: 4], metSinceMs: .max, atMs: Stream.at(45),
            into: corrections)
        #expect(corrections.requests.isEmpty)
        let after = CommitBatch()
        Self.feed(&recovered, minutes: stride(from: 45, to: 240, by: 5), into: after)
        let fires = after.requests.filter { $0.detector == "bin-fire" }
        #expect(Set(fires.map(\.id)) == [stored.id])
        #expect(fires.last?.status == .closed)
        #expect(after.updates.last { $0.requestID == stored.id }.map { $0.number > 4 } == true)
    }

    @Test func aRequestFiledAheadOfItsReadingsKeepsItsNumberWhenTheyComeAgain() throws {
        // Filed alone on a full disk, then killed: neither log nor saved state know of the fire.
        let stored = try #require(Self.burn().requests.first { $0.detector == "bin-fire" })
        let before = CommitBatch()
        var processor = Stream().processor
        Self.start(&processor, into: before)
        Self.feed(&processor, minutes: stride(from: 0, to: 30, by: 5), into: before)
        var recovered = Stream().processor
        _ = Self.recover(&recovered, from: before)
        recovered.expect(requestIDs: [stored.incidentKey: 77])
        var filed = stored
        filed.id = 77
        let corrections = CommitBatch()
        recovered.finishRecovery(
            openRequests: [filed], lastUpdates: [77: 1], atMs: Stream.at(26), into: corrections)
        #expect(!corrections.requests.contains { $0.id == 77 })
        let after = CommitBatch()
        Self.feed(&recovered, minutes: stride(from: 30, to: 240, by: 5), into: after)
        let fires = after.requests.filter { $0.incidentKey == stored.incidentKey }
        #expect(Set(fires.map(\.id)) == [77])
        #expect(after.updates.filter { $0.requestID == 77 }.map(\.number).first == 2)
        #expect(fires.last?.status == .closed)
    }

    @Test func aSilenceThatIsNoLongerStoredIsClosedAndRaisedAgainIfItGoesOn() throws {
        let before = CommitBatch()
        var processor = Stream().processor
        Self.start(&processor, into: before)
        Self.feed(&processor, minutes: stride(from: 0, to: 200, by: 5), into: before)
        let stored = try #require(before.requests.last { $0.detector == "silence" && $0.status == .open })
        var recovered = Stream().processor
        for new in before.newSensors { _ = recovered.recover(new.sensor, sequence: new.sequence) }
        let corrections = CommitBatch()
        recovered.finishRecovery(
            openRequests: [stored], lastUpdates: [:], metSinceMs: .max, atMs: Stream.at(200), into: corrections)
        #expect(corrections.requests.map(\.status) == [.closed])
        #expect(corrections.requests[0].statusNotes.contains("raised again"))
    }

    @Test func aNoticeIsFiledAndNoRecoveryClosesIt() throws {
        var processor = Stream().processor
        let batch = CommitBatch()
        processor.file(
            Notice(
                kind: "store-damage", subject: "sluice.db.damaged-1", title: "Damaged", description: "…",
                advice: "Look",
                severity: 3), atMs: Stream.at(0), into: batch)
        let filed = try #require(batch.requests.first)
        #expect(batch.updates.map(\.requestID) == [filed.id])
        var again = Stream().processor
        let corrections = CommitBatch()
        again.expect(requestIDs: [filed.incidentKey: filed.id])
        again.finishRecovery(openRequests: [filed], lastUpdates: [:], atMs: Stream.at(9), into: corrections)
        #expect(corrections.requests.isEmpty)
    }

    @Test func whatTodaysRulesRaiseAnewIsFiledAtStart() throws {
        let before = Self.burn()
        let fire = try #require(before.requests.last { $0.detector == "bin-fire" })
        // The first run had the rule switched off, so nothing of it is stored.
        var recovered = Stream().processor
        let log = CommitBatch()
        log.readings = before.readings
        log.events = before.events
        log.newSensors = before.newSensors
        _ = Self.recover(&recovered, from: log)
        let corrections = CommitBatch()
        recovered.finishRecovery(openRequests: [], lastUpdates: [:], atMs: Stream.at(60), into: corrections)
        #expect(corrections.requests.map(\.incidentKey).contains(fire.incidentKey))
        #expect(corrections.incidents.map(\.key).contains(fire.incidentKey))
    }

    @Test func numbersOfUpdatesGoOnFromWhatIsStored() throws {
        let before = Self.burn()
        let fire = try #require(before.requests.last { $0.detector == "bin-fire" })
        var recovered = Stream().processor
        _ = Self.recover(&recovered, from: before)
        let corrections = CommitBatch()
        recovered.finishRecovery(
            openRequests: before.requests.filter { $0.status == .open }, lastUpdates: [fire.id: 7],
            atMs: Stream.at(45), into: corrections)
        #expect(corrections.requests.isEmpty)
        let later = CommitBatch()
        Self.feed(&recovered, minutes: stride(from: 45, to: 240, by: 5), into: later)
        #expect(later.updates.first { $0.requestID == fire.id }?.number == 8)
    }

    @Test func nobodyIsConnectedAfterARecovery() {
        let before = Self.burn()
        var recovered = Stream().processor
        _ = Self.recover(&recovered, from: before)
        let corrections = CommitBatch()
        recovered.finishRecovery(openRequests: [], lastUpdates: [:], atMs: Stream.at(60), into: corrections)
        #expect(corrections.events.map(\.kind) == [.connectionDown])
        #expect(corrections.events.map(\.source) == [1])
    }
}

extension LogInMemory {
    fileprivate static func afterCommits(_ batches: [CommitBatch]) -> LogInMemory {
        var log = LogInMemory()
        for batch in batches { log.commit(batch) }
        return log
    }
}
