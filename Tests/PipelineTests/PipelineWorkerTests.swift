import Incidents
import Metrics
import Pipeline
import Readings
import SPSCRing
import Testing

/// The pipeline thread between real rings; the test plays the source and the store.
@Suite struct PipelineWorkerTests {
    /// Rings, the worker, and the far ends that the test holds.
    final class Rig {
        let batches: [CommitBatch]
        let worker: PipelineWorker
        let storeBell = Doorbell()
        let pipelineBell = Doorbell()
        private var inlet: Inlet<StreamElement, Admission>
        private var toWrite: RingConsumer<UInt32>
        private var written: RingProducer<UInt32>

        init(capacity: Int = 1024, corrections: CommitBatch? = nil) {
            let exchange = BatchExchange(count: 2)
            let conduit = Conduit<StreamElement, Admission>(
                capacity: capacity, byteCapacity: 65_536, doorbell: pipelineBell)
            batches = exchange.batches
            worker = PipelineWorker(
                processor: StreamProcessor(configuration: PipelineConfiguration()), corrections: corrections,
                batches: batches, free: exchange.free, filled: exchange.filled, doorbell: pipelineBell,
                storeDoorbell: storeBell,
                metrics: NOOPMetricsHandler.instance)
            inlet = conduit.inlet
            worker.add(conduit.outlet)
            toWrite = exchange.toWrite
            written = exchange.written
        }

        func offer(_ number: UInt32) {
            _ = written.push(number)
            worker.returnDoorbell.ring()
        }

        /// The next batch that the worker hands over, as the store would take it.
        func nextBatch() -> UInt32? {
            for _ in 0..<1000 {
                if let number = toWrite.pop() { return number }
                storeBell.wait(timeoutMs: 10) { false }
            }
            return nil
        }

        func introduce(_ id: String) -> SensorIndex? {
            let bytes = Array(id.utf8)
            _ = inlet.push(.introduce(kind: .generic, byteCount: Int32(bytes.count), atMs: 1), bytes: bytes.span)
            inlet.flush()
            for _ in 0..<10_000 {
                if case .admitted(let index) = inlet.reply() { return index }
                Doorbell().wait(timeoutMs: 1, spins: 0) { false }
            }
            return nil
        }

        func push(_ element: StreamElement, bytes: [UInt8] = []) -> Bool { inlet.push(element, bytes: bytes.span) }

        func flush() { inlet.flush() }

        /// Elements that the worker has not taken.
        var backlog: Int { inlet.backlog }

        /// A batch that has been handed over already, if there is one.
        func handedOver() -> UInt32? { toWrite.pop() }

        func push(_ sensor: SensorIndex, second: Int64) -> Bool {
            push(
                .reading(
                    Reading(
                        sensor: sensor, quantity: .generic, observedAtMs: Stream.start + second * 1000,
                        arrivedAtMs: Stream.start + second * 1000, value: 1)))
        }
    }

    @Test func readingsBecomeABatchThatNamesWhatMayBeAcknowledged() throws {
        let rig = Rig()
        rig.worker.start()
        rig.offer(0)
        rig.offer(1)
        let sensor = try #require(rig.introduce("s"))
        let first = try #require(rig.nextBatch())
        #expect(rig.batches[Int(first)].newSensors.map(\.sensor.id) == ["s"])
        rig.batches[Int(first)].reset()
        rig.offer(first)
        for second in 0..<10 { #expect(rig.push(sensor, second: Int64(second))) }
        #expect(rig.push(.batchEnd(sequence: 7)))
        rig.flush()
        let number = try #require(rig.nextBatch())
        let batch = rig.batches[Int(number)]
        #expect(batch.readings.map(\.sequence) == Array(2...11))
        #expect(batch.acknowledgements == [.init(source: 1, sequence: 7)])
        batch.reset()
        rig.offer(number)
        rig.worker.stop()
    }

    @Test func withoutAFreeBatchNothingIsTakenFromTheRing() throws {
        let rig = Rig(capacity: 16)
        rig.worker.start()
        rig.offer(0)
        let sensor = try #require(rig.introduce("s"))
        // The only batch is on its way to the store, which now stands still.
        let number = try #require(rig.nextBatch())
        var pushed = 0
        while rig.push(sensor, second: Int64(pushed)) { pushed += 1 }
        rig.flush()
        #expect(pushed == 16)
        #expect(rig.handedOver() == nil)
        #expect(rig.backlog == 16)
        rig.batches[Int(number)].reset()
        rig.offer(number)
        let later = try #require(rig.nextBatch())
        #expect(rig.batches[Int(later)].readings.count == 16)
        rig.batches[Int(later)].reset()
        rig.offer(later)
        rig.worker.stop()
    }

    @Test func stoppingHandsOverWhatWasPushed() throws {
        let rig = Rig()
        rig.offer(0)
        rig.offer(1)
        rig.worker.start()
        let sensor = try #require(rig.introduce("s"))
        let first = try #require(rig.nextBatch())
        rig.batches[Int(first)].reset()
        rig.offer(first)
        for second in 0..<100 { #expect(rig.push(sensor, second: Int64(second))) }
        rig.flush()
        rig.worker.stop()
        var readings = 0
        while let number = rig.handedOver() { readings += rig.batches[Int(number)].readings.count }
        #expect(readings == 100)
    }

    @Test func aCleanStopLeavesNothingToMeetAgain() throws {
        let rig = Rig()
        rig.offer(0)
        rig.offer(1)
        rig.worker.start()
        let sensor = try #require(rig.introduce("s"))
        let first = try #require(rig.nextBatch())
        rig.batches[Int(first)].reset()
        rig.offer(first)
        for second in 0..<100 { #expect(rig.push(sensor, second: Int64(second))) }
        rig.flush()
        rig.worker.stop()
        var (slices, last): ([StateSlice], Int64) = ([], 0)
        while let number = rig.handedOver() {
            slices += rig.batches[Int(number)].stateSlices
            last = max(last, rig.batches[Int(number)].readings.last?.sequence ?? 0)
        }
        var processor = StreamProcessor(configuration: PipelineConfiguration())
        let report = processor.restore(slices)
        #expect(report.isUsable, "\(report.problem ?? "there is none")")
        #expect(report.sequence == last)
        #expect(last == 101)
    }

    @Test func aQuarantinedMessageArrivesWithItsBytes() throws {
        let rig = Rig()
        rig.offer(0)
        rig.worker.start()
        let (topic, detail, payload) = (Array("a/b".utf8), Array("why".utf8), Array("{".utf8))
        let header = QuarantineHeader(
            reason: .notJSON, arrivedAtMs: 9, topicBytes: 3, detailBytes: 3, keptBytes: 1, payloadBytes: 1)
        #expect(rig.push(.quarantine(header), bytes: topic + detail + payload))
        rig.flush()
        let number = try #require(rig.nextBatch())
        #expect(
            rig.batches[Int(number)].quarantined == [
                QuarantinedMessage(
                    reason: .notJSON, arrivedAtMs: 9, topic: topic, detail: "why", payload: payload, payloadBytes: 1)
            ])
        rig.batches[Int(number)].reset()
        rig.offer(number)
        rig.worker.stop()
    }

    @Test func ticksEnterTheStream() throws {
        let rig = Rig()
        rig.offer(0)
        rig.worker.start()
        rig.worker.mailbox.post(.tick(atMs: 42))
        let number = try #require(rig.nextBatch())
        #expect(rig.batches[Int(number)].events == [StreamEvent(sequence: 1, kind: .tick, source: 0, atMs: 42)])
        rig.batches[Int(number)].reset()
        rig.offer(number)
        rig.worker.stop()
    }

    @Test func aTickWaitsForWhatHasArrivedBeforeIt() throws {
        let rig = Rig()
        rig.offer(0)
        rig.worker.start()
        let sensor = try #require(rig.introduce("s"))
        // The store stands still with the only batch; readings and a tick pile up.
        let number = try #require(rig.nextBatch())
        for second in 0..<10 { #expect(rig.push(sensor, second: Int64(second))) }
        rig.flush()
        rig.worker.mailbox.post(.tick(atMs: 42))
        for second in 10..<20 { #expect(rig.push(sensor, second: Int64(second))) }
        rig.flush()
        rig.batches[Int(number)].reset()
        rig.offer(number)
        var (readings, ticks): ([Int64], [Int64]) = ([], [])
        while ticks.isEmpty {
            let next = try #require(rig.nextBatch())
            readings += rig.batches[Int(next)].readings.map(\.sequence)
            ticks += rig.batches[Int(next)].events.map(\.sequence)
            rig.batches[Int(next)].reset()
            rig.offer(next)
        }
        #expect(readings.count == 20)
        #expect(ticks[0] > readings[19])
        rig.worker.stop()
    }

    @Test func whatRecoveryFoundIsStoredBeforeAnythingElse() throws {
        let corrections = CommitBatch()
        corrections.events = [StreamEvent(sequence: 1, kind: .connectionDown, source: 1, atMs: 5)]
        let rig = Rig(corrections: corrections)
        rig.offer(0)
        rig.worker.start()
        let number = try #require(rig.nextBatch())
        #expect(rig.batches[Int(number)].events == corrections.events)
        rig.batches[Int(number)].reset()
        rig.offer(number)
        rig.worker.stop()
    }

    @Test(.timeLimit(.minutes(1))) func stoppingEndsAlsoWhenTheStoreTakesNothing() throws {
        let rig = Rig()
        rig.offer(0)
        rig.worker.start()
        let sensor = try #require(rig.introduce("s"))
        _ = try #require(rig.nextBatch())
        #expect(rig.push(sensor, second: 0))
        rig.flush()
        // No batch ever comes back; the reading stays unacknowledged in the ring.
        rig.worker.stop()
        #expect(rig.backlog == 1)
    }
}
