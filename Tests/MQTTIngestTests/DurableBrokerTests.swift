import BrokerJournal
import Foundation
import MQTTIngest
import MQTTSession
import Readings
import SPSCRing
import Simulation
import Synchronization
import TestSupport
import Testing

/// Sensor → broker with its journal → ingest → commit, and everything but the sensor may die at any moment.
@Suite(.serialized) struct DurableBrokerTests {
    @Test(arguments: [(seed: 1, killsBroker: true), (seed: 2, killsBroker: true), (seed: 3, killsBroker: false)])
    func everyRecordOfTheJournalIsCommittedOnce(_ run: (seed: Int, killsBroker: Bool)) throws {
        let broker = try journaling()
        defer { broker.kill() }
        let sensor = try Sensor(broker, messages: 20_000)
        var random = SplitMix(state: UInt64(run.seed))
        var committed: [Int] = []
        var position: JournalPosition?
        for _ in 0..<12 {
            let probe = IngestProbe(capacity: 1 << 16)
            let worker = try broker.follower(probe, from: position)
            let enough = Int.random(in: 0...2000, using: &random)
            _ = probe.wait(ms: 3000) { $0.readings.count >= enough }
            // What is committed until now is what a crash leaves; the rest of the process may do what it likes.
            probe.commit(false)
            if run.killsBroker { broker.kill() }
            worker.stop()
            worker.join()
            let left = probe.now
            probe.end()
            committed += left.committed.map { Int($0.counter) }
            position = left.committedPosition ?? position
            if run.killsBroker { try broker.restart() }
        }
        let last = IngestProbe(capacity: 1 << 16)
        let worker = try broker.follower(last, from: position)
        sensor.finish()
        let journaled = try broker.journaledCounters()
        #expect(last.wait { $0.committed.count + committed.count >= journaled.count && $0.connections.last == true })
        worker.stop()
        worker.join()
        committed += last.now.committed.map { Int($0.counter) }
        last.end()
        // The sensor saw 20,000 acknowledgements; what it had to send twice stands in the journal twice.
        #expect(Set(journaled).count == 20_000)
        #expect(committed.count == journaled.count)
        let isSame = committed.sorted() == journaled.sorted()
        #expect(isSame)
    }

    @Test func whatTheBrokerForgetsOrDropsComesFromTheJournalInOrder() throws {
        // Holds ten messages for an absent client and drops the rest in silence.
        let broker = try journaling(["max_queued_messages 10"])
        defer { broker.kill() }
        let first = IngestProbe()
        var worker = try broker.follower(first, from: nil)
        try #require(first.wait { $0.connections == [false, true] })
        worker.stop()
        worker.join()
        first.end()
        try broker.publisher(window: 1).send(0..<500)

        let probe = IngestProbe()
        worker = try broker.follower(probe, from: first.now.committedPosition)
        #expect(probe.wait { $0.connections == [false, true] && $0.committed.count == 500 })
        #expect(probe.now.isExactly(0..<500))
        // Replayed messages without a time of their own have the time at which the broker took them.
        #expect(probe.now.readings.allSatisfy { $0.arrivedAtMs > 1_777_600_000_000 || $0.counter < 20 })
        worker.stop()
        worker.join()
        probe.end()
    }

    @Test func theBrokerIsToldHowFarItHasBeenRead() throws {
        let broker = try journaling()
        defer { broker.kill() }
        let probe = IngestProbe()
        let worker = try broker.follower(probe, from: nil)
        try #require(probe.wait { $0.connections == [false, true] })
        let publisher = try broker.publisher()
        try publisher.send(0..<100)
        try #require(probe.wait { $0.committed.count == 100 })
        let position = try #require(probe.now.committedPosition)
        let reader = JournalReader(directory: "\(broker.directory)/journal")
        try reader.open(after: [position])
        #expect(try reader.next() == .nothing)
        // Messages of others alone move the position too, in time.
        for _ in 0..<50 { try publisher.publish(topic: "others/x", payload: []) }
        try publisher.flush()
        #expect(probe.wait { ($0.committedPosition?.offset ?? 0) > position.offset })
        worker.stop()
        worker.join()
        let told = try String(contentsOfFile: "\(broker.directory)/journal/consumers/ingest", encoding: .utf8)
        #expect(told.split(separator: " ").count == 3)
        probe.end()
    }

    /// Takes the ten seconds between two looks.
    @Test func journalThatComesBackIsFoundAlthoughMessagesNeverCease() throws {
        let broker = try journaling()
        defer { broker.kill() }
        let (journal, hidden) = ("\(broker.directory)/journal", "\(broker.directory)/hidden")
        try FileManager.default.moveItem(atPath: journal, toPath: hidden)
        let probe = IngestProbe()
        let worker = try broker.follower(probe, from: nil)
        try #require(probe.wait { $0.connections == [false, true] })
        #expect(
            worker.status.journalProblem
                == "the broker's journal can't be read: \(journal): No such file or directory")
        try FileManager.default.moveItem(atPath: hidden, toPath: journal)
        let publisher = try broker.publisher(window: 1)
        var sent = 0
        while worker.status.journalProblem != nil, sent < 2000 {
            try publisher.send(sent..<sent + 1)
            sent += 1
            publisher.service(timeoutMs: 20)
        }
        #expect(worker.status.journalProblem == nil)
        try publisher.send(sent..<sent + 10)
        // What was taken while the journal was away is not taken from it again, and from here on the position moves.
        #expect(probe.wait { $0.committed.count == sent + 10 && $0.committedPosition != nil })
        #expect(probe.now.isExactly(0..<sent + 10))
        worker.stop()
        worker.join()
        probe.end()
    }

    private func journaling(_ lines: [String] = []) throws -> TestBroker {
        let plugin = try #require(JournalPlugin.built(), "swift build -c release --product SluiceJournal")
        return try TestBroker(lines: plugin.lines(directory: "DIR/journal") + lines + ["autosave_interval 1"])
    }

    /// Publishes on a thread of its own and goes on through the broker's deaths.
    private final class Sensor: Sendable {
        private let thread: WorkerThread

        init(_ broker: TestBroker, messages: Int) throws {
            var session = broker.session("sensor")
            session.reconnectMs = 20...100
            let settings = session
            thread = WorkerThread.start(name: "sensor") {
                do {
                    let publisher = try MQTTPublisher(settings, window: 20, wallMs: { 0 }, logger: quiet)
                    try publisher.connect()
                    try publisher.send(0..<messages)
                } catch {
                    Issue.record("the sensor failed: \(error)")
                }
            }
        }

        /// Waits until everything has been acknowledged.
        func finish() { thread.join() }
    }
}

/// Random numbers from a seed (Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

extension TestBroker {
    /// A worker that follows this broker's journal.
    fileprivate func follower(_ probe: IngestProbe, from position: JournalPosition?) throws -> IngestWorker {
        let directory = "\(directory)/journal"
        return try worker(probe, journalPositions: position.map { [$0] } ?? []) { configuration in
            configuration.journal = directory
            configuration.stopGrace = .milliseconds(50)
            configuration.session.reconnectMs = 20...100
        }
    }

    /// The frame counters in the journal's records, in order.
    fileprivate func journaledCounters() throws -> [Int] {
        let reader = JournalReader(directory: "\(directory)/journal")
        try reader.open(after: [])
        var counters: [Int] = []
        while try reader.next() == .record {
            let text = reader.withMessage { _, payload in
                String(decoding: (0..<payload.count).map { payload[$0] }, as: UTF8.self)
            }
            if let number = text.split(separator: ":").last?.dropLast(), let counter = Int(number) {
                counters.append(counter)
            }
        }
        return counters
    }
}
