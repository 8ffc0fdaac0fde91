internal import CPlatform
internal import CReferences
internal import Readings
internal import SPSCRing

/// The ring against a classic one in C++: two pinned threads, 65,536 places.
enum RingBenchmark: Benchmark {
    static let name = "ring"
    static let about = "the lock-free ring against a classic one in C++, on two threads"

    /// What can be counted: the sum of what arrives tells whether it is what was sent.
    ///
    /// A protocol and not two closures: those are called through a pointer for each element, which costs more than the ring.
    protocol Numbered: BitwiseCopyable, Sendable {
        init(number: UInt64)
        var number: UInt64 { get }
    }

    /// Sixteen bytes, as the published figures have it.
    struct Small: Numbered {
        var number, rest: UInt64

        init(number: UInt64) { (self.number, rest) = (number, 0) }
    }

    private static let capacity = 65_536
    private static let batch = 64
    /// Elements that go through before the clock starts: both threads run by then, each on its core, and every slot has been
    /// touched.
    private static let warm = 2 * capacity

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let size = MemoryLayout<StreamElement>.stride
        precondition(size == 40, "the reference's element has 40 bytes, ours \(size)")
        let count = rounds.amount(20_000_000, smoke: 500_000)
        let trips = rounds.amount(500_000, smoke: 20_000)
        let (a, b) = (Int32(tools.cores.0), Int32(tools.cores.1))
        let classic = "C++ ring with padded, cached indexes, one by one"
        func rate(_ count: Int, _ seconds: Double) throws -> Double {
            guard seconds > 0 else { throw WrongAnswer("what arrived at the ring's end is not what was sent") }
            return Double(count) / seconds / 1e6
        }
        let results = try rounds.interleave([
            { try rate(count, creferences_ring_one_by_one(UInt64(count), a, b)) },
            { try rate(count, oneByOne(count, tools.cores)) },
            { try rate(count, batched(Small.self, count, tools.cores)) },
            { try rate(count, creferences_ring_batched(UInt64(count), 40, a, b)) },
            { try rate(count, batched(StreamElement.self, count, tools.cores)) },
            { creferences_ring_round_trip(UInt64(trips), a, b) / Double(trips) * 1e9 },
            { roundTrip(trips, tools.cores) / Double(trips) * 1e9 },
        ])
        let unit = "million elements/s"
        return [
            Figure(
                "ring, one by one", unit: unit, better: .higher, ours: results[1],
                reference: .init(name: classic, values: results[0]), goal: .init(bound: 2.5)),
            Figure(
                "ring, batches of 64", unit: unit, better: .higher, ours: results[2],
                reference: .init(name: classic, values: results[0]), goal: .init(bound: 8)),
            Figure(
                "ring, batches of 64, the real element (\(size) bytes)", unit: unit, better: .higher, ours: results[4],
                reference: .init(name: "the same recipe in C++", values: results[3]), goal: .init(bound: 1)),
            Figure(
                "ring, round trip", unit: "ns", better: .lower, ours: results[6],
                reference: .init(name: "C++ ring", values: results[5]), goal: .init(bound: 0.7)),
        ]
    }

    private static func oneByOne(_ count: Int, _ cores: (Int, Int)) -> Double {
        let ring = RingBuffer<Small>(capacity: capacity)
        let end = Handoff(ring.producer)
        var consumer = ring.consumer
        var sum: UInt64 = 0
        let thread = WorkerThread.start(name: "bench-producer") {
            _ = cplatform_pin_to_core(Int32(cores.0))
            guard var producer = end.take() else { return }
            for number in 0..<UInt64(warm + count) {
                while !producer.push(Small(number: number)) { cplatform_pause() }
            }
        }
        _ = cplatform_pin_to_core(Int32(cores.1))
        let time = timed(count) {
            guard let element = consumer.pop() else {
                cplatform_pause()
                return 0
            }
            sum &+= element.number
            return 1
        }
        thread.join()
        return sum == checksum(warm + count) ? time : -1
    }

    /// Calls `take`, which returns how many elements it took, until `count` have come after those of ``warm``.
    @inline(__always)
    private static func timed(_ count: Int, _ take: () -> Int) -> Double {
        var taken = 0
        while taken < warm { taken += take() }
        let before = taken
        let time = seconds { while taken < warm + count { taken += take() } }
        return time * Double(count) / Double(taken - before)
    }

    @inline(__always)
    private static func batched<Element: Numbered>(
        _ type: Element.Type, _ count: Int, _ cores: (Int, Int)
    ) -> Double {
        let ring = RingBuffer<Element>(capacity: capacity)
        let end = Handoff(ring.producer)
        var consumer = ring.consumer
        var sum: UInt64 = 0
        let thread = WorkerThread.start(name: "bench-producer") {
            _ = cplatform_pin_to_core(Int32(cores.0))
            guard var producer = end.take() else { return }
            var sent = 0
            while sent < warm + count {
                let first = UInt64(sent)
                let staged = producer.stage(upTo: min(batch, warm + count - sent)) { offset in
                    Element(number: first &+ UInt64(truncatingIfNeeded: offset))
                }
                sent += staged
                if staged > 0 { producer.publish() } else { cplatform_pause() }
            }
        }
        _ = cplatform_pin_to_core(Int32(cores.1))
        let time = timed(count) {
            let popped = consumer.pop(upTo: batch) { elements in
                for index in elements.indices { sum &+= elements[index].number }
            }
            if popped == 0 { cplatform_pause() }
            return popped
        }
        thread.join()
        return sum == checksum(warm + count) ? time : -1
    }

    private static func roundTrip(_ count: Int, _ cores: (Int, Int)) -> Double {
        let there = RingBuffer<Small>(capacity: capacity), back = RingBuffer<Small>(capacity: capacity)
        var out = there.producer, answers = back.consumer
        let far = Handoff(there.consumer), near = Handoff(back.producer)
        let thread = WorkerThread.start(name: "bench-echo") {
            _ = cplatform_pin_to_core(Int32(cores.1))
            guard let questions = far.take(), let replies = near.take() else { return }
            echo(count, questions, replies)
        }
        _ = cplatform_pin_to_core(Int32(cores.0))
        let time = seconds {
            for number in 0..<UInt64(count) {
                _ = out.push(Small(number: number))
                while answers.pop() == nil {}
            }
        }
        thread.join()
        return time
    }

    // A function of its own: what it owns stays in registers. Spilled into the loop that waits, it would keep the answer behind
    // those stores.
    private static func echo(
        _ count: Int, _ questions: consuming RingConsumer<Small>, _ replies: consuming RingProducer<Small>
    ) {
        for _ in 0..<count {
            while true {
                guard let element = questions.pop() else { continue }
                _ = replies.push(element)
                break
            }
        }
    }

    private static func checksum(_ count: Int) -> UInt64 { UInt64(count) * UInt64(count - 1) / 2 }
}

extension StreamElement: RingBenchmark.Numbered {
    init(number: UInt64) {
        self = .reading(
            Reading(
                sensor: SensorIndex(rawValue: 1), quantity: .flow, observedAtMs: Int64(bitPattern: number),
                arrivedAtMs: 0, value: 1))
    }

    var number: UInt64 {
        if case .reading(let reading) = self { UInt64(bitPattern: reading.observedAtMs) } else { 0 }
    }
}
