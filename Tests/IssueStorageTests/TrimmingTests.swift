import GRDB
import Incidents
import IssueStorage
import Readings
import Testing

/// The log keeps what replay and a start need, and no more.
@Suite struct TrimmingTests {
    /// 100 hours of a reading and a tick a minute; even sequences are ticks.
    static func commitHours(_ tools: SteppedStore.Tools, _ hours: Int64 = 100) throws {
        try tools.commit { batch in
            batch.newSensors = [newSensor(0)]
            batch.readings = (0..<hours * 60).map { reading($0 * 2 + 1, atMs: midnightMs + $0 * 60_000) }
            batch.events = (0..<hours * 60).map {
                StreamEvent(sequence: $0 * 2 + 2, kind: .tick, source: 0, atMs: midnightMs + $0 * 60_000 + 500)
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The hour up to which a saved turn has the stream, or nil without one.
        var savedHour: Int64?
        var keepHours = 48
        /// The hour that the log then begins with.
        var firstHour: Int64
    }

    @Test(arguments: [
        Case(testDescription: "without a saved state a start needs it all", savedHour: nil, firstHour: 0),
        Case(testDescription: "two days stay", savedHour: 99, firstHour: 52),
        Case(testDescription: "what a start needs stays longer", savedHour: 20, firstHour: 20),
        Case(testDescription: "another span", savedHour: 99, keepHours: 10, firstHour: 90),
    ])
    func theLogBeginsWhereItShould(_ c: Case) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.history.keepLog = .seconds(c.keepHours * 3600)
        try store.run { tools in
            try Self.commitHours(tools)
            if let hour = c.savedHour { try tools.save(turn: 1, upTo: hour * 120) }
            try tools.settle()
            let first = try Int64.fetchOne(tools.db, sql: "SELECT min(sequence) FROM reading") ?? 0
            // An arrival is 400 ms behind its minute.
            #expect(abs(first - (c.firstHour * 120 + 1)) <= 2, "begins with \(first)")
            let firstTick = try Int64.fetchOne(tools.db, sql: "SELECT min(sequence) FROM stream_event") ?? 0
            #expect(abs(firstTick - first) == 1)
        }
        // Nothing is missing from the history, nor from what a start replays.
        let history = try await IssueReader(directory: directory.path).history(
            ofSensor: "meter-1", quantity: .flow, fromMs: 0, toMs: .max)
        #expect(history.count == 6000)
        let again = try directory.store()
        #expect(try again.storedState().lastSequence == 12_000)
        guard let hour = c.savedHour else { return }
        var sequences: [Int64] = []
        var sensors = 0
        try again.recover(after: hour * 120) { entry in
            switch entry {
            case .sensor: sensors += 1
            case .reading(let logged): sequences.append(logged.sequence)
            case .command(let logged), .change(let logged, _): sequences.append(logged.sequence)
            case .event(let event): sequences.append(event.sequence)
            }
        }
        #expect(sensors == 1)
        #expect(sequences == Array(hour * 120 + 1...12_000))
    }

    @Test func whatIsNotFoldedStays() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try Self.commitHours(tools)
            try tools.save(turn: 1, upTo: 12_000)
            // One step short of folding anything.
            while try tools.count("history_open") == 0 {
                #expect(try tools.count("reading") == 6000)
                #expect(try tools.keeper.step())
            }
        }
    }

    @Test func aTrimmedLogKeepsItsPlaceInTheStream() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.history.keepLog = .seconds(1)
        try store.run { tools in
            try Self.commitHours(tools, 10)
            try tools.tick(2000, afterDays: 30)
            try tools.tick(2001, afterDays: 60)
            try tools.save(turn: 1, upTo: 2001)
            try tools.settle()
            #expect(try tools.count("reading") == 1)
            #expect(try tools.count("stream_event") == 0)
        }
        #expect(try directory.store().storedState().lastSequence == 2001)
    }
}

/// Rules among the commands of the log.
@Suite struct RuleTrimmingTests {
    /// What held where the log begins stays, and what came since; earlier rules go.
    @Test func theRulesThatHoldWhereTheLogBeginsStay() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var store = SteppedStore(directory: directory)
        store.configuration.history.keepLog = .seconds(48 * 3600)
        try store.run { tools in
            try TrimmingTests.commitHours(tools)
            // In the places of ticks, at hours 10, 40 and 90; the log begins at hour 52.
            try tools.db.execute(sql: "DELETE FROM stream_event WHERE sequence IN (1200, 4800, 10800)")
            try tools.commit { batch in
                batch.commands = [Int64(1200), 4800, 10_800].map { sequence in
                    let command = StreamCommand(ticket: 0, atMs: 1, .rules(RuleText(hash: "\(sequence)", text: "")))
                    return LoggedCommand(sequence: sequence, command: command, outcome: .applied)
                }
            }
            try tools.save(turn: 1, upTo: 99 * 120)
            try tools.settle()
            let left = try Int64.fetchAll(tools.db, sql: "SELECT sequence FROM stream_command ORDER BY sequence")
            #expect(left == [4800, 10_800])
        }
    }
}
