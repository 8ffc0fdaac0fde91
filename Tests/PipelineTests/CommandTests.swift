import Incidents
import Metrics
import Open311
import Pipeline
import Readings
import SPSCRing
import Testing

@Suite struct CommandTests {
    static func report(_ ticket: Int64, minute: Int64 = 0) -> StreamCommand {
        StreamCommand(
            ticket: ticket, atMs: Stream.at(minute),
            .report(RequestSubmission(service: .waterLeak, description: "Wet.")))
    }

    @Test func aCommandGetsAPlaceInTheStreamAndAnAnswer() {
        var stream = Stream()
        let sensor = stream.adopt("s", .generic)
        let batch = stream.batch()
        stream.processor.take(stream.reading(sensor, .generic, minute: 0, value: 1), into: batch)
        stream.processor.take(Self.report(7), into: batch)
        stream.processor.take(stream.reading(sensor, .generic, minute: 1, value: 1), into: batch)
        #expect(batch.readings.map(\.sequence) == [2, 4])
        #expect(batch.commands.map(\.sequence) == [3])
        #expect(batch.answers == [CommandAnswer(ticket: 7, outcome: .filed(requestID: 1, parent: nil, forgotten: []))])
        #expect(batch.requests.map(\.id) == [1])
    }

    @Test func theSameTicketIsAnsweredAgainAndChangesNothing() {
        var stream = Stream()
        let (first, second) = (stream.batch(), stream.batch())
        stream.processor.take(Self.report(7), into: first)
        stream.processor.take(Self.report(7, minute: 5), into: second)
        #expect(second.answers == first.answers)
        #expect(second.commands.isEmpty)
        #expect(second.requests.isEmpty)
    }

    @Test func theSameTicketIsKnownAfterARestart() {
        var stream = Stream()
        let batch = stream.batch()
        stream.processor.take(Self.report(7), into: batch)
        var log = LogInMemory()
        log.commit(batch)
        let again = CommitBatch()
        var recovered = log.recover(PipelineConfiguration(), into: again)
        recovered.take(Self.report(7, minute: 5), into: again)
        #expect(again.answers == batch.answers)
        #expect(again.commands.isEmpty)
    }

    /// Its request was filed alone, on a full disk; then the daemon was killed, and the command comes again.
    @Test func aTicketWhoseRequestIsStoredWithoutItKeepsTheRequest() {
        var stream = Stream()
        stream.processor.expect(requestIDs: [StreamCommand.incidentKey(ticket: 7): 41, "other": 50])
        let batch = stream.batch()
        stream.processor.take(Self.report(7), into: batch)
        stream.processor.take(Self.report(8), into: batch)
        #expect(batch.answers.map(\.outcome.requestID) == [41, 51])
    }

    // MARK: Between full rings

    /// A worker that is stepped by the test, with the far ends of its rings.
    final class Rig {
        let worker: PipelineWorker
        let sensor: SensorIndex
        private let batches: [CommitBatch]
        private var inlet: Inlet<StreamElement, Admission>
        private var toWrite: RingConsumer<UInt32>
        private var written: RingProducer<UInt32>
        private(set) var readings = 0
        private(set) var ticks: [(atMs: Int64, behindReadings: Int)] = []
        private(set) var answers: [Int64] = []
        private var pushed = 0

        init(capacity: Int) throws {
            let exchange = BatchExchange(count: 2)
            let bell = Doorbell()
            let conduit = Conduit<StreamElement, Admission>(capacity: capacity, byteCapacity: 4096, doorbell: bell)
            batches = exchange.batches
            var configuration = PipelineConfiguration()
            (configuration.readingsPerSecond, configuration.readingBurst) = (1e6, 1_000_000)
            worker = PipelineWorker(
                processor: StreamProcessor(configuration: configuration), batches: batches, free: exchange.free,
                filled: exchange.filled, doorbell: bell, storeDoorbell: Doorbell(), metrics: NOOPMetricsHandler.instance
            )
            inlet = conduit.inlet
            worker.add(conduit.outlet)
            toWrite = exchange.toWrite
            written = exchange.written
            for number in batches.indices { _ = written.push(UInt32(number)) }
            let name = Array("s".utf8)
            _ = inlet.push(.introduce(kind: .generic, byteCount: 1, atMs: 1), bytes: name.span)
            inlet.flush()
            _ = worker.step()
            guard case .admitted(let index)? = inlet.reply() else { throw CommandRefusal.unknownRequest }
            sensor = index
            step()
        }

        /// Pushes readings until `backlog` wait.
        func fill(to backlog: Int) {
            while inlet.backlog < backlog {
                let atMs = Stream.start + Int64(pushed)
                let reading = Reading(
                    sensor: sensor, quantity: .generic, observedAtMs: atMs, arrivedAtMs: atMs, value: 1)
                guard inlet.push(.reading(reading), bytes: [UInt8]().span) else { break }
                pushed += 1
                inlet.flush()
            }
        }

        var waiting: Int { inlet.backlog }

        /// One round of the pipeline, and a store that takes everything at once.
        func step() {
            _ = worker.step()
            while let number = toWrite.pop() {
                let batch = batches[Int(number)]
                readings += batch.readings.count
                for event in batch.events where event.kind == .tick {
                    ticks.append((event.atMs, batch.readings.filter { $0.sequence < event.sequence }.count))
                }
                answers += batch.answers.map(\.ticket)
                batch.reset()
                _ = written.push(number)
            }
        }
    }

    @Test func peopleAndTicksAreMetWhileTheRingsMoveForEver() throws {
        let rig = try Rig(capacity: 4096)
        rig.fill(to: 2500)
        rig.worker.mailbox.post(.tick(atMs: 42))
        rig.worker.mailbox.post(.person(Self.report(7)))
        // Each round takes 1,024 elements, and finds as many as before in the ring.
        for _ in 0..<12 {
            rig.step()
            rig.fill(to: 2500)
        }
        #expect(rig.waiting >= 2500)
        #expect(rig.answers == [7])
        #expect(rig.ticks.map(\.atMs) == [42])
        // Behind all that had been pushed before it, and not much more.
        #expect((2500...2500 + 1024).contains(try #require(rig.ticks.first).behindReadings))
    }

    @Test func aTickWaitsWhileARingIsNearlyFullAndPeopleDoNot() throws {
        let rig = try Rig(capacity: 4096)
        rig.fill(to: 4096)
        rig.worker.mailbox.post(.tick(atMs: 42))
        rig.worker.mailbox.post(.person(Self.report(7)))
        for _ in 0..<50 {
            rig.step()
            rig.fill(to: 4096)
        }
        #expect(rig.ticks.isEmpty)
        #expect(rig.answers == [7])
        rig.worker.mailbox.post(.tick(atMs: 43))
        for _ in 0..<20 { rig.step() }
        #expect(rig.ticks.map(\.atMs) == [42, 43])
        #expect(rig.waiting == 0)
    }

    @Test func aFullMailboxSaysSo() throws {
        let rig = try Rig(capacity: 64)
        for ticket in 1...CommandMailbox.capacity {
            #expect(rig.worker.mailbox.post(.person(Self.report(Int64(ticket)))) == .taken)
        }
        #expect(rig.worker.mailbox.post(.person(Self.report(9999))) == .full)
        // The time is always told.
        #expect(rig.worker.mailbox.post(.tick(atMs: 42)) == .taken)
        for _ in 0..<3 { rig.step() }
        #expect(rig.answers.count == CommandMailbox.capacity)
        #expect(rig.worker.mailbox.post(.person(Self.report(9999))) == .taken)
        rig.worker.stop()
        #expect(rig.worker.mailbox.post(.person(Self.report(10_000))) == .stopping)
    }
}
