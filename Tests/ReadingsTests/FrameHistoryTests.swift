import Readings
import Testing

@Suite struct FrameHistoryTests {
    /// What is longest decides on the ring's memory, and on how much of it each reading moves.
    @Test func aFrameIsNoLongerThanAReadingAndKeepsItsSignal() {
        #expect(MemoryLayout<StreamElement>.stride == MemoryLayout<Reading>.stride)
        for (rssi, kept) in [(-107.5, -107.5), (-120, -120), (9.25, 9.25), (-0.004, 0), (1e9, 327.67), (-1e9, -327.67)]
        {
            let frame = SensorFrame(
                sensor: SensorIndex(rawValue: 1), counter: 1, atMs: 0, arrivedAtMs: 0, rssiDBm: Float(rssi),
                snrDB: .nan)
            #expect(frame.rssiDBm == Float(kept) && frame.snrDB.isNaN)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Counter and time of each frame; `j` before one: the device joined a millisecond earlier, `J`: in the same one.
        var frames: String
        var findings: [FrameHistory.Finding]
    }

    @Test(arguments: [
        Case(
            testDescription: "one after the other", frames: "5@1 6@2 7@3",
            findings: [.first, .next(lost: 0), .next(lost: 0)]),
        Case(testDescription: "two are missing", frames: "5@1 8@4", findings: [.first, .next(lost: 2)]),
        Case(
            testDescription: "the same again", frames: "5@1 6@2 6@2 5@1",
            findings: [.first, .next(lost: 0), .duplicate, .duplicate]),
        Case(
            testDescription: "sent again for want of an answer", frames: "5@1 5@4001 5@61000 6@62000",
            findings: [.first, .duplicate, .duplicate, .next(lost: 0)]),
        Case(
            testDescription: "the same count much later", frames: "0@1 0@90000 1@99000",
            findings: [.first, .reset, .next(lost: 0)]),
        Case(
            testDescription: "one comes late, then again", frames: "5@1 7@3 6@2 6@2",
            findings: [.first, .next(lost: 1), .reordered, .duplicate]),
        Case(testDescription: "restarted", frames: "500@1 0@2 1@3", findings: [.first, .reset, .next(lost: 0)]),
        Case(testDescription: "restarted after few frames", frames: "3@1 0@2", findings: [.first, .reset]),
        Case(
            testDescription: "a backlog delivered again is no restart", frames: "100@9 101@10 2@1 3@2",
            findings: [.first, .next(lost: 0), .duplicate, .duplicate]),
        Case(
            testDescription: "joined anew", frames: "500@1 j0@3 1@4",
            findings: [.first, .rejoined(lost: 0), .next(lost: 0)]),
        Case(
            testDescription: "joined anew, the first frames lost", frames: "500@1 j3@3",
            findings: [.first, .rejoined(lost: 3)]),
        Case(
            testDescription: "what was told before the last frame is told again", frames: "500@1 j0@4 j1@3 1@5",
            findings: [.first, .rejoined(lost: 0), .duplicate, .next(lost: 0)]),
        Case(
            testDescription: "joined anew in the millisecond of the first frame", frames: "500@1 J0@3 1@4",
            findings: [.first, .rejoined(lost: 0), .next(lost: 0)]),
        Case(
            testDescription: "joined anew in that millisecond, the first frames lost", frames: "500@1 J3@3",
            findings: [.first, .rejoined(lost: 3)]),
        Case(
            testDescription: "and what was told before it is told again", frames: "500@1 J0@4 J1@3 1@5",
            findings: [.first, .rejoined(lost: 0), .duplicate, .next(lost: 0)]),
        Case(
            testDescription: "join and first frame of one millisecond are told again", frames: "500@1 J0@3 J0@3 1@4",
            findings: [.first, .rejoined(lost: 0), .duplicate, .next(lost: 0)]),
        Case(
            testDescription: "a frame of the count before, again, after a restart", frames: "500@1 0@3 500@1 1@4",
            findings: [.first, .reset, .duplicate, .next(lost: 0)]),
        Case(testDescription: "a leap too far is another count", frames: "5@1 20000@2", findings: [.first, .reset]),
        Case(
            testDescription: "further back than is remembered", frames: "5@1 200@9 6@2",
            findings: [.first, .next(lost: 194), .duplicate]),
    ])
    func tells(_ c: Case) {
        var history = FrameHistory()
        var findings: [FrameHistory.Finding] = []
        for frame in c.frames.split(separator: " ") {
            let numbers = frame.drop { $0.isLetter }.split(separator: "@").compactMap { Int64($0) }
            if frame.hasPrefix("j") { history.join(atMs: numbers[1] - 1) }
            if frame.hasPrefix("J") { history.join(atMs: numbers[1]) }
            findings.append(history.observe(counter: numbers[0], session: 0, atMs: numbers[1]))
        }
        #expect(findings == c.findings)
    }

    @Test func anotherSessionKeyIsARejoin() {
        var history = FrameHistory()
        _ = history.observe(counter: 500, session: 1, atMs: 1)
        #expect(history.observe(counter: 501, session: 1, atMs: 2) == .next(lost: 0))
        #expect(history.observe(counter: 2, session: 2, atMs: 3) == .rejoined(lost: 2))
        #expect(history.observe(counter: 502, session: 1, atMs: 2) == .duplicate, "late, of the session before")
    }

    @Test func aLatecomerOfTheSessionBeforeDoesNotBeginItAnew() {
        var history = FrameHistory()
        _ = history.observe(counter: 500, session: 1, atMs: 1)
        #expect(history.observe(counter: 0, session: 2, atMs: 3) == .rejoined(lost: 0))
        #expect(history.observe(counter: 501, session: 1, atMs: 2) == .duplicate)
        #expect(history.observe(counter: 1, session: 2, atMs: 4) == .next(lost: 0))
    }

    @Test func onlyTheFrameItselfHasBeenSeen() {
        var history = FrameHistory()
        for (counter, atMs) in [(500, 1), (501, 2), (503, 4)] as [(Int64, Int64)] {
            _ = history.observe(counter: counter, session: 1, atMs: atMs)
        }
        let seen: [(counter: Int64, session: UInt64, atMs: Int64, isSeen: Bool)] = [
            (500, 1, 1, true), (503, 1, 9, true), (503, 0, 9, true), (502, 1, 3, false), (504, 1, 5, false),
            (503, 2, 9, false), (500 - 64, 1, 1, false), (499, 1, 1, false),
        ]
        for c in seen {
            #expect(history.hasSeen(counter: c.counter, session: c.session, atMs: c.atMs) == c.isSeen, "\(c)")
        }
        _ = history.observe(counter: 0, session: 0, atMs: 90)
        #expect(history.hasSeen(counter: 0, session: 0, atMs: 90))
        #expect(!history.hasSeen(counter: 0, session: 0, atMs: 80), "of the count before")
    }

    /// A broker delivers again what it has no acknowledgement of.
    @Test func theLastFrameBeforeAJoinIsNoRejoin() {
        var history = FrameHistory()
        _ = history.observe(counter: 500, session: 0, atMs: 1)
        history.join(atMs: 3)
        #expect(history.observe(counter: 500, session: 0, atMs: 1) == .duplicate)
        history.join(atMs: 3)
        #expect(history.observe(counter: 0, session: 0, atMs: 4) == .rejoined(lost: 0))
        history.join(atMs: nil)
        #expect(history.observe(counter: 0, session: 0, atMs: 4) == .duplicate)
        #expect(history.observe(counter: 0, session: 0, atMs: 5) == .rejoined(lost: 0), "of an unknown time")
    }
}
