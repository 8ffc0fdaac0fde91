import Glibc
import SPSCRing

/// Moves `count` parcels through one ring, by every way in and every way out in turn.
func raceRing(_ count: Int, capacity: Int, _ findings: Findings) -> String {
    let ring = RingBuffer<Parcel>(capacity: capacity)
    let producer = WorkerThread.start(name: "producer", owning: ring.producer) { produce(count, into: $0) }
    var consumer = ring.consumer
    var taken = 0
    var batch: [Parcel] = []
    var turn = 0
    while taken < count {
        turn += 1
        switch turn % 3 {
        case 0:
            guard let parcel = consumer.pop() else {
                sched_yield()  // on a machine with one core the producer must get its turn
                continue
            }
            findings.expect(parcel.isWhole(taken), "ring: expected parcel \(taken), found \(parcel)")
            taken += 1
        case 1:
            batch.removeAll(keepingCapacity: true)
            let found = consumer.pop(into: &batch, limit: turn % 71)
            findings.expect(found == batch.count, "ring: \(found) popped, \(batch.count) appended")
            for parcel in batch {
                findings.expect(parcel.isWhole(taken), "ring: expected parcel \(taken), found \(parcel)")
                taken += 1
            }
        default:
            var seen = 0
            let found = consumer.pop(upTo: turn % 71) { run in
                for index in run.indices {
                    let parcel = run[index]
                    findings.expect(parcel.isWhole(taken + seen), "ring: expected \(taken + seen), found \(parcel)")
                    seen += 1
                }
            }
            findings.expect(found == seen, "ring: \(found) released, \(seen) seen")
            taken += seen
        }
    }
    findings.expect(consumer.isEmpty, "ring: more came out than went in")
    producer.join()
    return "\(taken) parcels through \(capacity) slots"
}

private func produce(_ count: Int, into ring: consuming RingProducer<Parcel>) {
    var ring = ring
    var next = 0
    var turn = 0
    var batch: [Parcel] = []
    while next < count {
        turn += 1
        let limit = min(turn % 67, ring.capacity, count - next)
        switch turn % 4 {
        case 0:
            guard ring.push(Parcel(next)) else {
                sched_yield()
                continue
            }
            next += 1
        case 1:
            for _ in 0..<limit {
                guard ring.stage(Parcel(next)) else { break }
                next += 1
            }
            ring.publish()
        case 2:
            batch.removeAll(keepingCapacity: true)
            for offset in 0..<limit { batch.append(Parcel(next + offset)) }
            if ring.stage(contentsOf: batch.span) { next += limit }
            ring.publish()
        default:
            let staged = ring.stage(upTo: limit) { offset in Parcel(next + offset) }
            next += staged
            ring.publish()
        }
    }
}
