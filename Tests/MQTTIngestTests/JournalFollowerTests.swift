import BrokerJournal
import Foundation
import MQTTIngest
import MQTTSession
import Readings
import TestSupport
import Testing

@Suite struct JournalFollowerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// `|` begins a segment.
        var journal: String
        /// How many of these characters earlier runs had accounted for; nil when they knew no journal.
        var stored: Int? = 0
        /// `_` is a quiet moment.
        var delivered: String
        /// In parentheses what was replayed.
        var taken: String
        /// How many of the journal's characters are accounted for in the end.
        var accounted: Int
    }

    @Test(arguments: [
        Case(testDescription: "delivered as journaled", journal: "abc", delivered: "abc", taken: "abc", accounted: 3),
        Case(
            testDescription: "other topics are passed over", journal: "XaYYbZ", delivered: "ab", taken: "ab",
            accounted: 5),
        Case(
            testDescription: "segments follow each other", journal: "ab|cd|e", delivered: "abcde", taken: "abcde",
            accounted: 7),
        Case(
            testDescription: "goes on behind what was stored", journal: "abcd", stored: 2, delivered: "cd", taken: "cd",
            accounted: 4),
        Case(
            testDescription: "what the broker lost comes before what it still has", journal: "abcde", delivered: "de",
            taken: "(a)(b)(c)de", accounted: 5),
        Case(
            testDescription: "what it lost at the end comes when it is quiet", journal: "abcde", delivered: "ab_",
            taken: "ab(c)(d)(e)", accounted: 5),
        Case(
            testDescription: "everything was lost", journal: "abXc", delivered: "_", taken: "(a)(b)(c)", accounted: 4),
        Case(
            testDescription: "a gap in the middle", journal: "abcdefg", delivered: "abfg", taken: "ab(c)(d)(e)fg",
            accounted: 7),
        Case(
            testDescription: "what was replayed is not taken again", journal: "abcd", delivered: "dbca",
            taken: "(a)(b)(c)d", accounted: 4),
        Case(
            testDescription: "what was stored is not taken again", journal: "abcd", stored: 3, delivered: "bcd",
            taken: "d", accounted: 4),
        Case(
            testDescription: "in the segment before, too", journal: "ab|cd", stored: 3, delivered: "abcd", taken: "cd",
            accounted: 5),
        Case(
            testDescription: "the same payload four times", journal: "aaaa", delivered: "aaaa", taken: "aaaa",
            accounted: 4),
        Case(
            testDescription: "the same payload, some of them lost", journal: "aaaa", delivered: "aa_",
            taken: "aa(a)(a)",
            accounted: 4),
        Case(
            testDescription: "the same payload, delivered again", journal: "aaaa", stored: 2, delivered: "aaaa",
            taken: "aa", accounted: 4),
        Case(
            testDescription: "a new message that looks like a stored one", journal: "abac", stored: 2, delivered: "ac_",
            taken: "ac", accounted: 4),
        Case(
            testDescription: "the stored one first, then the new one", journal: "abac", stored: 2, delivered: "aac",
            taken: "ac", accounted: 4),
        Case(
            testDescription: "what is in no journal passes", journal: "abc", delivered: "axbyc", taken: "axbyc",
            accounted: 3),
        Case(
            testDescription: "a journal that is new to us", journal: "abc", stored: nil, delivered: "c",
            taken: "(a)(b)c", accounted: 3),
        Case(testDescription: "nothing at all", journal: "", delivered: "_", taken: "", accounted: 0),
    ])
    func takesEachMessageOnce(_ c: Case) throws {
        let bench = try FollowerBench(c.journal, stored: c.stored)
        bench.deliver(c.delivered)
        #expect(bench.taken() == c.taken)
        let expected = try JournalFile()
        for letter in c.journal.prefix(c.accounted) {
            if letter == "|" { try expected.beginSegment() } else { try FollowerBench.append(letter, to: expected) }
        }
        #expect(bench.follower.accountedPosition == expected.end)
    }

    @Test func qosZeroAndRetainedMessagesPassWithoutALook() throws {
        let bench = try FollowerBench("ab", stored: 0)
        let (topic, payload) = (Array("sluice/bin-fill/s".utf8), Array(#"{"value":98}"#.utf8))
        for delivery in [Delivery(isAcknowledged: false), Delivery(isRetained: true)] {
            bench.follower.receive(topic: topic.span, payload: payload.span, delivery: delivery)
        }
        #expect(bench.taken().filter(\.isLetter) == "b")  // the retained one is ignored, as ever
        bench.deliver("ab")
        #expect(bench.taken() == "ab")
    }

    @Test func replayKeepsTheBrokersTime() throws {
        let bench = try FollowerBench("a", stored: 0)
        try bench.journal.append(topic: "sluice/bin-fill/s", payload: #"{"value":98}"#, writtenAtMs: 777)
        bench.deliver("_")
        #expect(bench.taken() == "(a)(b)")
        #expect(bench.follower.tally.replayed == 2)
    }

    @Test func goesOnWithALiveJournal() throws {
        let bench = try FollowerBench("ab", stored: nil)
        bench.deliver("ab")
        for letter in "cde" { try FollowerBench.append(letter, to: bench.journal) }
        bench.deliver("c")
        try bench.journal.beginSegment()
        try FollowerBench.append("f", to: bench.journal)
        bench.deliver("f_")
        #expect(bench.taken() == "abc(d)(e)f")
    }

    @Test func recordInTheMakingIsWaitedFor() throws {
        let bench = try FollowerBench("ab", stored: 0)
        let whole = try JournalFile()
        try FollowerBench.append("c", to: whole)
        let record = try Data(contentsOf: URL(filePath: "\(whole.directory)/\(whole.name(of: 1))")).dropFirst(32)
        try bench.journal.write(Array(record.prefix(30)))
        bench.deliver("ab_")
        #expect(bench.taken() == "ab")
        try bench.journal.write(Array(record.dropFirst(30)))
        bench.deliver("_")
        #expect(bench.taken() == "(c)")
    }

    // MARK: - Troubles

    @Test func removedSegmentsAreAGapThatIsCounted() throws {
        let bench = try FollowerBench("ab|cd|ef", stored: 1)
        for segment: UInt64 in [1, 2] {
            try FileManager.default.removeItem(atPath: "\(bench.journal.directory)/\(bench.journal.name(of: segment))")
        }
        bench.follower.sessionBegins()
        bench.deliver("_")
        #expect(bench.taken() == "(e)(f)")
        #expect(bench.follower.tally.troubles == [.missing: 1])
    }

    @Test func damageIsCountedAndSkippedToTheNextSegment() throws {
        let bench = try FollowerBench("abc", stored: 0)
        let file = try #require(
            FileHandle(forUpdatingAtPath: "\(bench.journal.directory)/\(bench.journal.name(of: 1))"))
        let record: UInt64 = 24 + 17 + 12
        try file.seek(toOffset: 32 + record + 30)
        file.write(Data("?".utf8))
        try file.close()
        // While the segment is the newest, it may be a record in the making.
        bench.deliver("_")
        #expect(bench.taken() == "(a)")
        try bench.journal.beginSegment()
        try FollowerBench.append("d", to: bench.journal)
        bench.deliver("d")
        #expect(bench.taken() == "d")
        #expect(bench.follower.tally.troubles == [.damaged: 1])
        #expect(bench.follower.tally.skippedBytes == Int(2 * record))
    }

    @Test func journalThatWasBegunAnewIsReadFromItsBeginning() throws {
        let bench = try FollowerBench("abcdef", stored: 6)
        let files = FileManager.default
        try files.removeItem(atPath: "\(bench.journal.directory)/\(bench.journal.name(of: 1))")
        let anew = try JournalFile(journal: 99, in: bench.journal.folder)
        for letter in "gh" { try FollowerBench.append(letter, to: anew) }
        bench.deliver("h")
        #expect(bench.taken() == "(g)h")
        #expect(bench.follower.tally.troubles == [.begunAnew: 1])
        #expect(bench.follower.accountedPosition == anew.end)
    }

    @Test func withoutAJournalDeliveriesPassAndItIsFoundLater() throws {
        let journal = try JournalFile()
        let bench = try FollowerBench("ab", stored: 0)
        let hidden = bench.journal.directory + ".hidden"
        try FileManager.default.moveItem(atPath: bench.journal.directory, toPath: hidden)
        bench.follower.sessionBegins()
        bench.deliver("xy_")
        #expect(bench.taken() == "xy")
        #expect(bench.follower.tally.failures == 1)
        try FileManager.default.moveItem(atPath: hidden, toPath: bench.journal.directory)
        bench.follower.sessionBegins()
        bench.deliver("b")
        #expect(bench.taken() == "(a)b")
        withExtendedLifetime(journal) {}
    }

    @Test func journalThatFailedIsTriedAgainUnderLoad() throws {
        let bench = try FollowerBench("ab", stored: 0)
        bench.deliver("a")
        try bench.withoutJournal {
            bench.follower.sessionBegins()
            bench.follower.retry(atMs: 1000)
            bench.deliver("bx")
            #expect(bench.follower.problem?.contains("can't be read: \(bench.journal.directory): No such file") == true)
        }
        bench.follower.retry(atMs: 10_999)
        #expect(bench.follower.problem != nil, "too early")
        for letter in "xlc" { try FollowerBench.append(letter, to: bench.journal) }
        bench.follower.retry(atMs: 11_000)
        #expect(bench.follower.problem == nil)
        // Neither b nor x comes a second time; what was lost does.
        bench.deliver("c")
        #expect(bench.taken() == "abx(l)c")
        #expect(bench.follower.accountedPosition == bench.journal.end)
    }

    @Test func withoutTheConsumersFolderTheJournalIsReadAllTheSame() throws {
        let bench = try FollowerBench("abc", stored: 0, hasConsumers: false)
        #expect(bench.follower.problem?.hasPrefix("the broker can't be told how far its journal has been read") == true)
        bench.deliver("c")
        #expect(bench.taken() == "(a)(b)c")
        #expect(bench.follower.tally.failures == 0)
    }

    @Test func damageUnderAHeldMessageDoesNotHoldItForEver() throws {
        let bench = try FollowerBench("a", stored: 0)
        // Enough that what lies before it has to be read from the file again.
        try bench.journal.append(topic: "others/x", payload: String(repeating: "x", count: 300_000))
        try FollowerBench.append("b", to: bench.journal)
        bench.receive("b")
        try FileHandle(forWritingTo: URL(filePath: "\(bench.journal.directory)/\(bench.journal.name(of: 1))"))
            .truncate(atOffset: 32)
        for _ in 0..<10 where bench.follower.isBusy { bench.follower.step() }
        #expect(!bench.follower.isBusy)
        #expect(bench.taken() == "b")
        #expect(bench.follower.tally.troubles == [.damaged: 1])
        #expect(bench.follower.accountedPosition == bench.journal.end)
    }

    // MARK: - Redeliveries

    @Test func brokerThatWasOnlySlowDeliversWhatWasReplayed() throws {
        let bench = try FollowerBench("abc", stored: 0)
        for now in stride(from: Int64(0), through: 119_000, by: 1000) { bench.beQuiet(atMs: now) }
        #expect(bench.taken() == "(a)(b)(c)")
        bench.deliver("ab")
        #expect(bench.taken() == "")
        // At last it is forgotten, so that memory does not fill.
        for now in stride(from: Int64(120_000), through: 240_000, by: 1000) { bench.beQuiet(atMs: now) }
        bench.deliver("c")
        #expect(bench.taken() == "c")
    }

    @Test func whileOurOwnStoreStandsStillNothingIsForgotten() throws {
        let bench = try FollowerBench("abc", stored: 0)
        for now: Int64 in [0, 600_000, 1_200_000] { bench.beQuiet(atMs: now) }
        bench.deliver("abc")
        #expect(bench.taken() == "(a)(b)(c)")
    }

    @Test func wholeQueueIsKnownWhenTheBrokerDeliversItAgain() throws {
        let bench = try FollowerBench("", stored: nil)
        // Three segments, whose first message was taken a hundred thousand messages ago.
        try FollowerBench.append("z", to: bench.journal)
        for _ in 0..<2 {
            for _ in 0..<50_000 { try FollowerBench.append("a", to: bench.journal) }
            try bench.journal.beginSegment()
        }
        try FollowerBench.append("b", to: bench.journal)
        bench.deliver("b")
        _ = bench.taken()
        bench.follower.sessionBegins()
        bench.deliver("z" + String(repeating: "a", count: 1000) + "b")
        #expect(bench.taken() == "")
        #expect(bench.follower.tally.redelivered == 1002)
    }

    @Test func moreThanIsLookedAheadIsReplayedInSteps() throws {
        let bench = try FollowerBench("", stored: 0)
        for _ in 0..<70_000 { try FollowerBench.append("a", to: bench.journal) }
        try FollowerBench.append("b", to: bench.journal)
        bench.deliver("b")
        #expect(bench.follower.tally.replayed == 70_000)
        let taken = bench.taken()
        #expect(taken.hasSuffix("(a)b"))
    }
}
