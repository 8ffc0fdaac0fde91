import Glibc
import SPSCRing

/// What travels through the conduit: plain elements, elements with bytes, questions, ends of batches.
private struct Freight: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable { case plain, bytes, question, batchEnd }
    var parcel: Parcel
    var kind: Kind
    var byteCount: Int
}

private let questionEvery = 1009
private let batchSize = 100
private let mostBatchesUncommitted: UInt64 = 8

/// Runs a source thread against this thread as the pipeline and a third as the store.
///
/// ```
///   source ──elements, bytes──▶ pipeline ──batch numbers──▶ store
///      ▲ └──────◀ replies ─────────┘                          │
///      └──────────────────◀ cursor ──────────────────────────┘
/// ```
func raceConduit(_ count: Int, capacity: Int, _ findings: Findings) -> String {
    let pipeline = Doorbell()
    let conduit = Conduit<Freight, UInt64>(capacity: capacity, byteCapacity: 512, doorbell: pipeline)
    let batches = RingBuffer<UInt64>(capacity: 16)
    let storeBell = Doorbell()
    let lastBatch = UInt64(count / batchSize)
    var outlet = conduit.outlet
    let cursor = outlet.cursor
    let source = WorkerThread.start(name: "source", owning: conduit.inlet) { feed(count, into: $0, findings) }
    let store = WorkerThread.start(name: "store", owning: batches.consumer) { batches in
        var batches = batches
        var committed: UInt64 = 0
        while committed < lastBatch {
            if let sequence = batches.pop() {
                findings.expect(sequence == committed + 1, "store: batch \(sequence) after \(committed)")
                committed = sequence
                cursor.advance(to: sequence)
            } else {
                waitForWake(storeBell, findings, "store at \(committed)") { !batches.isEmpty }
            }
        }
    }
    var filled = batches.producer
    var taken = 0
    var byteTotal = 0
    var payload: [UInt8] = []
    while taken < count {
        guard let freight = outlet.pop() else {
            waitForWake(pipeline, findings, "pipeline at \(taken)") { !outlet.isEmpty }
            continue
        }
        findings.expect(freight.parcel.isWhole(taken), "conduit: expected \(taken), found \(freight)")
        taken += 1
        switch freight.kind {
        case .plain: break
        case .bytes:
            payload.removeAll(keepingCapacity: true)
            outlet.pop(bytes: freight.byteCount, into: &payload)
            byteTotal += payload.count
            findings.expect(payload == bytes(of: taken - 1), "conduit: bytes of \(taken - 1) are \(payload)")
        case .question: outlet.reply(freight.parcel.seal)
        case .batchEnd:
            while !filled.push(UInt64(taken / batchSize)) { sched_yield() }
            storeBell.ring()
        }
    }
    source.join()
    store.join()
    findings.expect(cursor.sequence == lastBatch, "cursor at \(cursor.sequence) of \(lastBatch)")
    return "\(taken) elements, \(byteTotal) bytes, \(count / questionEvery) replies, \(cursor.sequence) batches"
}

private func feed(_ count: Int, into inlet: consuming Inlet<Freight, UInt64>, _ findings: Findings) {
    var inlet = inlet
    for number in 0..<count {
        let parcel = Parcel(number)
        if (number + 1) % batchSize == 0 {
            while !inlet.push(Freight(parcel: parcel, kind: .batchEnd, byteCount: 0)) { flushAndYield(&inlet) }
            inlet.flush()
            awaitCommits(UInt64((number + 1) / batchSize), inlet.cursor, findings)
        } else if number % questionEvery == 0 {
            while !inlet.push(Freight(parcel: parcel, kind: .question, byteCount: 0)) { flushAndYield(&inlet) }
            inlet.flush()
            var reply = inlet.reply()
            while reply == nil {
                sched_yield()
                reply = inlet.reply()
            }
            findings.expect(reply == parcel.seal, "source: wrong answer to \(number)")
        } else if number % 7 == 0 {
            let payload = bytes(of: number)
            let freight = Freight(parcel: parcel, kind: .bytes, byteCount: payload.count)
            while !inlet.push(freight, bytes: payload.span) { flushAndYield(&inlet) }
        } else {
            while !inlet.push(Freight(parcel: parcel, kind: .plain, byteCount: 0)) { flushAndYield(&inlet) }
        }
    }
    inlet.flush()
}

/// Lets the pipeline take what it has not seen yet.
private func flushAndYield(_ inlet: inout Inlet<Freight, UInt64>) {
    inlet.flush()
    sched_yield()
}

/// Holds the source back until at most a few batches are uncommitted, as acknowledgements do.
private func awaitCommits(_ sequence: UInt64, _ cursor: CommitCursor, _ findings: Findings) {
    while sequence - cursor.sequence > mostBatchesUncommitted {
        waitForWake(cursor.doorbell, findings, "source at batch \(sequence)") {
            sequence - cursor.sequence <= mostBatchesUncommitted
        }
    }
}

/// 0 to 90 bytes that follow from the number.
private func bytes(of number: Int) -> [UInt8] {
    (0..<number % 91).map { UInt8(truncatingIfNeeded: scrambled(UInt64(number &+ $0))) }
}

/// Waits for ten seconds at most. No race takes that long: a wake was lost if it is over.
func waitForWake(_ bell: Doorbell, _ findings: Findings, spins: Int = 100, _ who: String, unless ready: () -> Bool) {
    let started = ContinuousClock.now
    bell.wait(timeoutMs: 10_000, spins: spins, unless: ready)
    findings.expect(ContinuousClock.now - started < .seconds(9), "\(who): a wake was lost")
}
