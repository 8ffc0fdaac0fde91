import GRDB
import Incidents
import IssueStorage
import Readings
import Testing

/// What a start begins with: the newest complete turn of slices, and journals' positions.
@Suite struct SavedStateTests {
    static func slice(_ turn: Int64, _ number: Int, last: Bool = false, at sequence: Int64 = 10) -> StateSlice {
        StateSlice(
            turn: turn, number: number, isLast: last, sequence: sequence + Int64(number),
            bytes: [UInt8](repeating: UInt8(number), count: 100_000) + [UInt8(truncatingIfNeeded: turn)])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var written: [StateSlice]
        var expected: [StateSlice]
    }

    @Test(arguments: [
        Case(testDescription: "nothing", written: [], expected: []),
        Case(testDescription: "a turn of one", written: [slice(1, 0, last: true)], expected: [slice(1, 0, last: true)]),
        Case(
            testDescription: "a turn that is not complete yet", written: [slice(1, 0), slice(1, 1)], expected: []),
        Case(
            testDescription: "the newest complete one",
            written: [slice(1, 0, last: true), slice(2, 0), slice(2, 1, last: true), slice(3, 0)],
            expected: [slice(2, 0), slice(2, 1, last: true)]),
        Case(
            testDescription: "a turn that was cut off, and its number used again",
            written: [slice(5, 0), slice(5, 1), slice(5, 2), slice(5, 0, at: 90), slice(5, 1, last: true, at: 90)],
            expected: [slice(5, 0, at: 90), slice(5, 1, last: true, at: 90)]),
        Case(
            testDescription: "only the tail of a turn", written: [slice(1, 0, last: true), slice(2, 1, last: true)],
            expected: [slice(1, 0, last: true)]),
        Case(
            testDescription: "the head of one turn and the tail of another",
            written: [slice(1, 0, last: true), slice(2, 0), slice(3, 1, last: true)],
            expected: [slice(1, 0, last: true)]),
    ])
    func aStartGetsTheNewestCompleteTurn(_ c: Case) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        for slice in c.written { run.submit { $0.stateSlices = [slice] } }
        run.end()
        let state = try directory.store().storedState()
        #expect(state.savedState == c.expected)
        #expect(state.lastSequence == c.written.map(\.sequence).max() ?? 0)
    }

    @Test func whatNoStartNeedsIsSwept() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        func numbers(_ tools: SteppedStore.Tools) throws -> [String] {
            try String.fetchAll(tools.db, sql: "SELECT turn || '-' || number FROM state_slice ORDER BY id")
        }
        try store.run { tools in
            for turn in Int64(1)...2 {
                for number in 0..<10 {
                    try tools.commit { $0.stateSlices = [Self.slice(turn, number, last: number == 9)] }
                }
            }
            try tools.commit { $0.stateSlices = [Self.slice(3, 0), Self.slice(3, 1)] }
            // Ten slices of 100 kB go in more than one step.
            #expect(try tools.settle() >= 3)
            #expect(try numbers(tools) == (0..<10).map { "2-\($0)" } + ["3-0", "3-1"])
        }
        // The next run begins turn 3 anew; what is left of the old one goes, and the new one stays.
        try store.run { tools in
            try tools.commit { $0.stateSlices = [Self.slice(3, 0)] }
            try tools.settle()
            #expect(try numbers(tools) == (0..<10).map { "2-\($0)" } + ["3-0"])
            try tools.commit { $0.stateSlices = [Self.slice(3, 1, last: true)] }
            try tools.settle()
            #expect(try numbers(tools) == ["3-0", "3-1"])
        }
    }

    /// ```
    ///   before          a crash cut turn 2 off       the run that comes after it
    ///   1-0 1-1(last)   2-0 2-1                      3-0 3-1(last) 4-0
    /// ```
    /// The rows of turn 2 are the highest when they are deleted; the new ones must not be taken for them.
    @Test func theNewestCompleteTurnStaysWhateverIsSweptAroundIt() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        func turns(_ tools: SteppedStore.Tools) throws -> [String] {
            try String.fetchAll(tools.db, sql: "SELECT turn || '-' || number FROM state_slice ORDER BY id")
        }
        try store.run { tools in
            for slice in [Self.slice(1, 0), Self.slice(1, 1, last: true), Self.slice(2, 0), Self.slice(2, 1)] {
                try tools.commit { $0.stateSlices = [slice] }
            }
        }
        try store.run { tools in
            // Nobody has begun anew yet: it could be a turn in progress, of this run or the last.
            try tools.settle()
            #expect(try turns(tools) == ["1-0", "1-1", "2-0", "2-1"])
            for slice in [Self.slice(3, 0), Self.slice(3, 1, last: true)] {
                try tools.commit { $0.stateSlices = [slice] }
                while try tools.keeper.step() {
                    #expect(try !StoredState(tools.db).savedState.isEmpty)
                }
            }
            #expect(try turns(tools) == ["3-0", "3-1"])
            try tools.commit { $0.stateSlices = [Self.slice(4, 0)] }
            try tools.settle()
            #expect(try turns(tools) == ["3-0", "3-1", "4-0"])
        }
        // A connection that is opened anew within the run goes on with the turn in progress.
        try store.run { tools in
            try tools.settle()
            try tools.commit { $0.stateSlices = [Self.slice(4, 1, last: true)] }
            try tools.settle()
            #expect(try StoredState(tools.db).savedState.map(\.turn) == [4, 4])
        }
    }

    @Test func idsOfSlicesAreNeverUsedAgain() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = SteppedStore(directory: directory)
        let last = try store.run { tools in
            try tools.save(turn: 1, upTo: 1)
            let id = try Int64.fetchOne(tools.db, sql: "SELECT max(id) FROM state_slice") ?? 0
            try tools.db.execute(sql: "DELETE FROM state_slice")
            return id
        }
        try store.run { tools in
            try tools.save(turn: 2, upTo: 2)
            #expect(try Int64.fetchOne(tools.db, sql: "SELECT min(id) FROM state_slice") ?? 0 > last)
        }
    }

    @Test func aJournalsPositionMovesOn() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        let positions = [
            JournalPosition(journal: .max, segment: 1, offset: 0), JournalPosition(journal: 7, segment: 1, offset: 64),
            JournalPosition(journal: .max, segment: 2, offset: .max),
        ]
        run.submit { $0.journalPositions = [positions[0], positions[1]] }
        run.submit { $0.journalPositions = [positions[2]] }
        run.end()
        let stored = try directory.store().storedState().journalPositions
        #expect(Set(stored) == [positions[1], positions[2]])
    }
}
