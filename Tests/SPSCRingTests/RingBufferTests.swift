import Glibc
import SPSCRing
import Testing

@Suite struct RingBufferTests {
    /// A story told in words, over a ring of four. Elements number themselves from 0; each pop must give the next one.
    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var script: String
    }

    @Test(arguments: [
        Story(testDescription: "a new ring is empty", script: "empty"),
        Story(testDescription: "first in, first out", script: "push push push pop pop pop empty"),
        Story(testDescription: "holds exactly its capacity", script: "push push push push full pop pop pop pop empty"),
        Story(testDescription: "one pop makes room for one", script: "push push push push full pop push full"),
        Story(
            testDescription: "wraps around, many times",
            script: "push push push pop pop push push pop push pop push pop push push full pop pop pop pop empty"),
        Story(testDescription: "what is staged is not seen", script: "stage stage empty"),
        Story(testDescription: "publishing shows it all", script: "stage stage publish pop pop empty"),
        Story(
            testDescription: "staging continues after publishing", script: "stage publish stage pop empty publish pop"),
        Story(testDescription: "staged elements occupy the ring", script: "stage stage stage stage full publish pop"),
        Story(testDescription: "a push publishes what was staged before it", script: "stage push pop pop empty"),
        Story(testDescription: "publishing nothing changes nothing", script: "publish empty push pop publish empty"),
    ])
    func followsTheStory(_ story: Story) throws {
        let ring = RingBuffer<Int>(capacity: 4)
        var producer = ring.producer
        var consumer = ring.consumer
        var (next, expected) = (0, 0)
        for (step, word) in story.script.split(separator: " ").enumerated() {
            switch word {
            case "push", "stage":
                let accepted = word == "push" ? producer.push(next) : producer.stage(next)
                #expect(accepted, "step \(step)")
                next += 1
            case "publish": producer.publish()
            case "full":
                let accepted = producer.push(next)
                #expect(!accepted, "step \(step)")
            case "pop":
                let popped = consumer.pop()
                #expect(popped == expected, "step \(step)")
                expected += 1
            case "empty":
                let (isEmpty, popped) = (consumer.isEmpty, consumer.pop())
                #expect(isEmpty && popped == nil, "step \(step)")
            default: Issue.record("unknown word \(word)")
            }
        }
    }

    /// How a batch goes in and comes out.
    enum Way: CaseIterable, Sendable { case copied, inPlace }

    @Test(arguments: Way.allCases, Way.allCases)
    func keepsBatchesWholeFromEveryStartToEveryLength(_ wayIn: Way, _ wayOut: Way) {
        let capacity = 8
        for start in 0..<capacity {
            for count in 0...capacity {
                let ring = RingBuffer<Int>(capacity: capacity)
                var producer = ring.producer
                var consumer = ring.consumer
                // Move both indexes to `start`, so that the batch wraps where it must.
                for _ in 0..<start {
                    _ = producer.push(-1)
                    _ = consumer.pop()
                }
                let batch = Array(0..<count)
                expect(stage(batch, in: &producer, wayIn))
                producer.publish()
                let out = take(count, from: &consumer, wayOut)
                #expect(out == batch, "\(count) from \(start)")
                let isEmpty = consumer.isEmpty
                #expect(isEmpty)
            }
        }
    }

    private func stage(_ batch: [Int], in producer: inout RingProducer<Int>, _ way: Way) -> Bool {
        guard way == .inPlace else { return producer.stage(contentsOf: batch.span) }
        var staged = 0
        while staged < batch.count {
            let run = producer.stage(upTo: batch.count - staged) { offset in batch[staged + offset] }
            if run == 0 { return false }
            staged += run
        }
        return true
    }

    private func take(_ count: Int, from consumer: inout RingConsumer<Int>, _ way: Way) -> [Int] {
        var out: [Int] = []
        guard way == .inPlace else {
            expect(consumer.pop(into: &out, limit: count), is: count)
            return out
        }
        while out.count < count {
            let run = consumer.pop(upTo: count - out.count) { run in
                for index in run.indices { out.append(run[index]) }
            }
            if run == 0 { break }
        }
        return out
    }

    @Test func refusesABatchThatDoesNotFitAndTakesNoneOfIt() {
        let ring = RingBuffer<Int>(capacity: 4)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.push(7))
        expect(!producer.stage(contentsOf: [1, 2, 3, 4].span))
        expect(producer.stage(contentsOf: [1, 2, 3].span))
        producer.publish()
        var out: [Int] = []
        expect(consumer.pop(into: &out, limit: .max), is: 4)
        #expect(out == [7, 1, 2, 3])
    }

    @Test func writesInPlaceOnlyIntoFreeSlots() {
        let ring = RingBuffer<Int>(capacity: 4)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.push(7))
        expect(producer.stage(contentsOf: [8, 9].span))
        // Two slots are free, one on either side of the end: staged elements occupy theirs like published ones.
        expect(consumer.pop() == 7)
        expect(producer.stage(upTo: 4) { _ in 1 }, is: 1)
        expect(producer.stage(upTo: 4) { _ in 1 }, is: 1)
        expect(producer.stage(upTo: 4) { _ in 1 }, is: 0)
        producer.publish()
        var out: [Int] = []
        expect(consumer.pop(into: &out, limit: .max), is: 4)
        #expect(out == [8, 9, 1, 1])
    }

    @Test func aLimitLeavesTheRestForTheNextCall() {
        let ring = RingBuffer<Int>(capacity: 8)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.stage(contentsOf: [0, 1, 2, 3, 4].span))
        producer.publish()
        var out: [Int] = []
        expect(consumer.pop(into: &out, limit: 0), is: 0)
        expect(consumer.pop(into: &out, limit: 3), is: 3)
        expect(consumer.pop(into: &out, limit: 3), is: 2)
        expect(consumer.pop(into: &out, limit: 3), is: 0)
        #expect(out == [0, 1, 2, 3, 4])
    }

    @Test func aPopSeesWhatWasPublishedSinceTheLastLook() {
        let ring = RingBuffer<Int>(capacity: 8)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.push(0) && producer.push(1))
        expect(consumer.pop(), is: 0)
        // The consumer still knows of one element; now there are three.
        expect(producer.push(2) && producer.push(3))
        var out: [Int] = []
        expect(consumer.pop(into: &out, limit: 3), is: 3)
        #expect(out == [1, 2, 3])
    }

    private struct Interrupted: Error {}

    @Test func anErrorWhileReadingInPlaceTakesNothing() {
        let ring = RingBuffer<Int>(capacity: 4)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.push(1))
        #expect(throws: Interrupted.self) {
            _ = try consumer.pop(upTo: 4) { (_: Span<Int>) throws(Interrupted) in throw Interrupted() }
        }
        expect(consumer.pop(), is: 1)
    }

    @Test func anErrorWhileWritingInPlaceStagesNothing() {
        let ring = RingBuffer<Int>(capacity: 4)
        var producer = ring.producer
        var consumer = ring.consumer
        #expect(throws: Interrupted.self) {
            _ = try producer.stage(upTo: 4) { offset throws(Interrupted) in
                if offset == 1 { throw Interrupted() }
                return 9
            }
        }
        expect(producer.push(1))
        expect(consumer.pop(), is: 1)
        expect(consumer.pop(), is: nil)
    }

    @Test func countsItsBacklog() {
        let ring = RingBuffer<UInt8>(capacity: 16)
        var producer = ring.producer
        var consumer = ring.consumer
        expect(producer.stage(contentsOf: [1, 2, 3].span))
        expect(producer.backlog, is: 3)
        producer.publish()
        _ = consumer.pop()
        expect(producer.backlog, is: 2)
        expect(producer.capacity == 16 && consumer.capacity == 16)
    }

    @Test func elementsOutliveTheProducer() {
        let ring = RingBuffer<Int>(capacity: 2)
        var consumer = ring.consumer
        do {
            var producer = ring.producer
            expect(producer.push(42))
        }
        expect(consumer.pop(), is: 42)
    }

    @Test(arguments: [0, -1, 3, 12]) func trapsOnACapacityThatIsNoPowerOfTwo(_ capacity: Int) async {
        await #expect(processExitsWith: .failure) { [capacity] in
            _ = RingBuffer<Int>(capacity: capacity)
        }
    }

    @Test(arguments: [1, 2, 64, 4096])
    func carriesAMillionElementsInOrderBetweenTwoThreads(_ capacity: Int) {
        let count = capacity == 1 ? 50_000 : 1_000_000
        let ring = RingBuffer<Int>(capacity: capacity)
        let thread = WorkerThread.start(name: "producer", owning: ring.producer) { producer in
            var producer = producer
            for number in 0..<count {
                while !producer.push(number) { sched_yield() }
            }
        }
        var consumer = ring.consumer
        var next = 0
        var misplaced = 0
        while next < count {
            guard let number = consumer.pop() else {
                sched_yield()
                continue
            }
            if number != next { misplaced += 1 }
            next += 1
        }
        thread.join()
        let isEmpty = consumer.isEmpty
        #expect(misplaced == 0)
        #expect(isEmpty)
    }
}
