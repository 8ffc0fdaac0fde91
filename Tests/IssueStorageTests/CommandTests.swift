import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct CommandTests {
    static func report(_ sequence: Int64) -> LoggedCommand {
        var report = RequestSubmission(service: .binFull, description: "“Smells” 🗑; DROP TABLE request;--", key: 3)
        (report.latitude, report.longitude) = (52.5000000001, -1.9)
        report.attributes = [SubmittedAttribute(code: "a", values: ["x", "y"])]
        var command = StreamCommand(ticket: 9, atMs: midnightMs, .report(report))
        (command.token, command.ward) = ("t", "Aston")
        return LoggedCommand(
            sequence: sequence, command: command, outcome: .filed(requestID: 4, parent: 2, forgotten: [1]))
    }

    static func update(_ sequence: Int64) -> LoggedCommand {
        var update = UpdateSubmission(requestID: 4, word: .fixed, author: .city)
        (update.verdict, update.duplicateOf, update.externalID) = (.fixed, 2, "ext-1")
        var command = StreamCommand(ticket: 10, atMs: midnightMs + 1, .update(update))
        // What was never measured is no number.
        var known = fullRequest(4, related: 2)
        known.threshold = .infinity
        command.known = [KnownRequest(request: known, lastUpdate: 3)]
        let said = RequestUpdate(requestID: 4, number: 4, atMs: midnightMs + 1, status: .closed, text: "Fixed.")
        var effect = UpdateEffect()
        (effect.parent, effect.adopted, effect.forgotten, effect.links) = (2, [4], [7], [8])
        return LoggedCommand(sequence: sequence, command: command, outcome: .updated(said, effect))
    }

    @Test func commandsAreMetAgainInTheirPlacesAsTheyWere() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let refused = LoggedCommand(
            sequence: 7, command: StreamCommand(ticket: 0, atMs: midnightMs, .link(child: 4, parent: 2)),
            outcome: .refused(.unknownRequest))
        let tick = StreamEvent(sequence: 5, kind: .tick, source: 0, atMs: midnightMs)
        try directory.commitOnce {
            $0.newSensors = [newSensor(1)]
            $0.readings = [reading(2), reading(4)]
            $0.commands = [Self.report(3), Self.update(6), refused]
            $0.events = [tick]
        }
        let store = try directory.store()
        var entries: [RecoveredEntry] = []
        try store.recover { entries.append($0) }
        #expect(
            entries == [
                .sensor(newSensor(1)), .reading(reading(2)), .command(Self.report(3)), .reading(reading(4)),
                .event(tick), .command(Self.update(6)), .command(refused),
            ])
        var later: [RecoveredEntry] = []
        try store.recover(after: 4) { later.append($0) }
        #expect(later == [.sensor(newSensor(1)), .event(tick), .command(Self.update(6)), .command(refused)])
        #expect(try store.storedState().lastSequence == 7)
        store.stop()
    }

    @Test func answersAreHandedOutAfterTheCommit() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let answer = CommandAnswer(ticket: 9, outcome: .filed(requestID: 4, parent: nil, forgotten: []))
        let run = StoreRun(try directory.store())
        run.submit {
            $0.commands = [Self.report(1)]
            $0.answers = [answer]
        }
        run.end()
        #expect(run.committed.map(\.answers) == [[answer]])
    }

    @Test func commandsLeaveTheLogWithItsReadings() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit {
                $0.newSensors = [newSensor(1)]
                $0.commands = [Self.report(2)]
                $0.readings = (3...6).map { reading($0) }
            }
            #expect(try tools.count("stream_command") == 1)
            for sequence in 7...8 as ClosedRange<Int64> { try tools.tick(sequence, afterDays: 3) }
            try tools.save(turn: 1, upTo: 8)
            try tools.settle()
            #expect(try tools.count("stream_command") == 0)
        }
    }
}
