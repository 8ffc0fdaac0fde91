internal import Incidents
internal import Readings
internal import SPSCRing
internal import TimeBase

/// Holds a source's outlet, which can't be copied and so can't stand in an array. Owned by the pipeline thread.
final class SourcePort {
    var outlet: PipelineWorker.Source
    /// Whether the source has been told an index a moment ago, and so is about to push what it was asked for.
    var isAnswered = false

    init(_ outlet: consuming PipelineWorker.Source) { self.outlet = outlet }
}

extension PipelineWorker {
    /// Everything the pipeline thread owns.
    ///
    /// `@unchecked Sendable` holds because it is moved to the thread once, out of a `Mutex`, and touched by it alone.
    final class Work: @unchecked Sendable {
        /// What one batch takes of the state when the pipeline stops.
        private static let lastStepBytes = 8 << 20
        /// How long a batch may stay open for a source that is about to go on. That of the network thread's own batches.
        private static let longestWaitNs: Int64 = 10_000_000

        var sources: [SourcePort] = []
        private var processor: StreamProcessor
        private let batches: [CommitBatch]
        private var free: RingConsumer<UInt32>
        private var filled: RingProducer<UInt32>
        private let store: Doorbell
        private var counters: PipelineCounters
        /// The batch being filled, or nil while the store has them all.
        private var current: UInt32?
        /// The tick that is met next, and one that came after it.
        private var waitingTick: WaitingTick?
        private var nextTickMs: Int64?
        private var isSavingLast = false
        /// Whether the state has been saved for the last time.
        private(set) var isSaved = false
        /// What recovery found to be stored before anything else; nil once it is in a batch.
        private var corrections: CommitBatch?
        // Reused from round to round.
        private var elements: [StreamElement] = []
        private var bytes: [UInt8] = []

        init(
            processor: StreamProcessor, corrections: CommitBatch?, batches: [CommitBatch],
            free: consuming RingConsumer<UInt32>, filled: consuming RingProducer<UInt32>, store: Doorbell,
            counters: PipelineCounters
        ) {
            self.corrections = corrections
            self.processor = processor
            self.batches = batches
            self.free = free
            self.filled = filled
            self.store = store
            self.counters = counters
            elements.reserveCapacity(PipelineWorker.turn)
        }

        /// Gives the mailbox and each source one turn. Returns whether anything moved.
        func round(_ mailbox: CommandMailbox) -> Bool {
            guard let batch = openBatch() else { return false }
            var moved = takeMail(mailbox, into: batch)
            for number in sources.indices where batch.readings.count < PipelineWorker.batchLimit {
                moved = drain(sources[number], number: number + 1, into: batch) || moved
            }
            return meetTick(into: batch) || moved
        }

        /// Meets what people have said at once: it overtakes nothing that minds, and is not to wait for rings that never
        /// come to rest.
        private func takeMail(_ mailbox: CommandMailbox, into batch: CommitBatch) -> Bool {
            defer { waitingTick?.look(at: sources) }
            guard !mailbox.isEmpty else { return false }
            let mail = mailbox.takeAll()
            for command in mail.commands { processor.take(command, into: batch) }
            for message in mail.retried { processor.take(message, into: batch) }
            if let rules = mail.rules { processor.take(rules, into: batch) }
            if let tickMs = mail.tickAtMs {
                if waitingTick == nil { waitingTick = WaitingTick(atMs: tickMs) } else { nextTickMs = tickMs }
            }
            return !mail.commands.isEmpty || !mail.retried.isEmpty || mail.rules != nil
        }

        private func meetTick(into batch: CommitBatch) -> Bool {
            guard let tick = waitingTick, tick.isDue else { return false }
            processor.tick(atMs: tick.atMs, into: batch)
            waitingTick = nextTickMs.take().map { WaitingTick(atMs: $0) }
            return true
        }

        /// Whether there is a batch to do anything into.
        var hasBatch: Bool { current != nil || !free.isEmpty }

        /// Whether there is something to do and a batch to do it into. Asked again and again before the thread sleeps.
        func hasWork(_ mailbox: CommandMailbox) -> Bool {
            guard hasBatch else { return false }
            return !mailbox.isEmpty || waitingTick != nil || !areSourcesEmpty
        }

        private var areSourcesEmpty: Bool {
            for source in sources where !source.outlet.isEmpty { return false }
            return true
        }

        /// Nothing waits in the rings, and what they held has been handed over.
        var isIdle: Bool {
            areSourcesEmpty && (current.map { batches[Int($0)].isEmpty } ?? true)
        }

        /// Whether a source that was told an index a moment ago has not come back with the readings yet, and the batch is
        /// still so young that nobody minds.
        var isExpecting: Bool {
            guard let current, sources.contains(where: { $0.isAnswered }) else { return false }
            return MonotonicClock.nowNs() - batches[Int(current)].openedAtNs < Self.longestWaitNs
        }

        /// Hands the current batch to the store once it is full, or nothing more is there to put into it.
        ///
        /// - Parameter mayWait: leaves it open for a source that is about to go on. Else sensors that are all met for the first
        ///   time would cost a commit each.
        func handOver(mayWait: Bool = false) -> Bool {
            guard let number = current else { return false }
            let batch = batches[Int(number)]
            let isFull =
                batch.readings.count >= PipelineWorker.batchLimit || batch.events.count >= PipelineWorker.batchLimit
                || batch.newSensors.count >= PipelineWorker.batchLimit
                || batch.quarantined.count >= PipelineWorker.quarantineLimit
                || batch.commands.count >= PipelineWorker.commandLimit
            guard !batch.isEmpty, isFull || areSourcesEmpty && !(mayWait && isExpecting) else { return false }
            // Where there is much to save there are many batches: each takes a little of it along.
            if batch.stateSlices.isEmpty { processor.saveStep(into: batch) }
            processor.noteHearing(into: batch)
            counters.publish(processor.tallies)
            stamp(batch)
            let sent = filled.push(number)
            precondition(sent, "the ring holds as many numbers as there are batches")
            current = nil
            for source in sources { source.isAnswered = false }
            store.ring()
            return true
        }

        /// Notes how long it took so far. The sources still hold what is in the batch: the oldest of that came first.
        private func stamp(_ batch: CommitBatch) {
            batch.handedAtNs = MonotonicClock.nowNs()
            for source in sources {
                guard let since = source.outlet.cursor.heldSinceNs else { continue }
                if batch.receivedAtNs == 0 || since < batch.receivedAtNs { batch.receivedAtNs = since }
            }
            counters.handed(batch)
        }

        /// Saves a part of the whole state, once nothing more comes; in batches, so that it is never in memory twice.
        /// Returns whether there was a batch to save it into.
        func saveLast() -> Bool {
            guard let batch = openBatch() else { return false }
            if !isSavingLast { processor.beginLastTurn() }
            isSavingLast = true
            isSaved = processor.saveNext(into: batch, budget: Self.lastStepBytes)
            return true
        }

        private func openBatch() -> CommitBatch? {
            if current == nil { current = free.pop() }
            guard let current else { return nil }
            let batch = batches[Int(current)]
            if let corrections = corrections.take() { batch.append(contentsOf: corrections) }
            return batch
        }

        private func drain(_ source: SourcePort, number: Int, into batch: CommitBatch) -> Bool {
            elements.removeAll(keepingCapacity: true)
            guard source.outlet.pop(into: &elements, limit: PipelineWorker.turn) > 0 else { return false }
            waitingTick?.met(elements.count, of: number - 1)
            source.isAnswered = if case .introduce? = elements.last { true } else { false }
            if batch.openedAtNs == 0 { batch.openedAtNs = MonotonicClock.nowNs() }
            for element in elements {
                switch element {
                case .reading(var reading):
                    reading.source = UInt8(truncatingIfNeeded: number)
                    processor.take(reading, into: batch)
                case .introduce(let kind, let byteCount, let atMs):
                    let introduction = Introduction(kind: kind, text: takeText(source, Int(byteCount)))
                    source.outlet.reply(processor.admit(introduction, nowMs: atMs, into: batch))
                    source.outlet.cursor.doorbell.ring()
                case .quarantine(let header):
                    bytes.removeAll(keepingCapacity: true)
                    source.outlet.pop(bytes: header.byteCount, into: &bytes)
                    batch.quarantined.append(QuarantinedMessage(header, bytes: bytes))
                case .journal(let position):
                    batch.journalPositions.append(position)
                case .frame(let frame):
                    processor.take(frame)
                case .nodeFrames(let frames):
                    processor.take(frames)
                case .join(let sensor, let atMs):
                    processor.join(sensor, atMs: atMs)
                case .death(let sensor, let isGateway, let atMs):
                    processor.death(of: sensor, isGateway: isGateway, source: number, atMs: atMs, into: batch)
                case .batchEnd(let sequence):
                    batch.acknowledgements.append(.init(source: number, sequence: sequence))
                case .tick(let atMs):
                    processor.tick(atMs: atMs, into: batch)
                case .connection(let isUp, let atMs):
                    processor.connection(isUp: isUp, source: number, atMs: atMs, into: batch)
                }
            }
            return true
        }

        private func takeText(_ source: SourcePort, _ count: Int) -> String {
            bytes.removeAll(keepingCapacity: true)
            source.outlet.pop(bytes: count, into: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
