import SPSCRing
import Testing

@Suite struct ConduitTests {
    private let doorbell = Doorbell()

    @Test func carriesElementsBytesRepliesAndTheCommitCursor() {
        let conduit = Conduit<Int, Int>(capacity: 8, byteCapacity: 64, doorbell: doorbell)
        var inlet = conduit.inlet
        var outlet = conduit.outlet
        expect(inlet.push(1))
        expect(inlet.push(2, bytes: Array("leak".utf8).span))
        expect(inlet.push(3, bytes: Array("bin".utf8).span))
        inlet.flush()

        var bytes: [UInt8] = []
        expect(outlet.pop(), is: 1)
        expect(outlet.pop(), is: 2)
        outlet.pop(bytes: 4, into: &bytes)
        expect(outlet.pop(), is: 3)
        outlet.pop(bytes: 3, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "leakbin")
        expect(outlet.pop(), is: nil)

        expect(inlet.reply(), is: nil)
        outlet.reply(42)
        expect(inlet.reply(), is: 42)

        expect(inlet.cursor.sequence, is: 0)
        outlet.cursor.advance(to: 5)
        expect(inlet.cursor.sequence, is: 5)
    }

    @Test func showsNothingBeforeTheFlush() {
        let conduit = Conduit<Int, Int>(capacity: 8, byteCapacity: 64, doorbell: doorbell)
        var inlet = conduit.inlet
        var outlet = conduit.outlet
        expect(inlet.push(1, bytes: [1, 2].span))
        let before = outlet.isEmpty
        #expect(before)
        inlet.flush()
        let after = outlet.isEmpty
        #expect(!after)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var elementsBefore: Int
        var bytesBefore: Int
        var bytes: Int
    }

    @Test(arguments: [
        Refusal(testDescription: "the element ring is full", elementsBefore: 4, bytesBefore: 0, bytes: 1),
        Refusal(testDescription: "the byte ring is full", elementsBefore: 0, bytesBefore: 16, bytes: 1),
        Refusal(testDescription: "the bytes fit in part", elementsBefore: 1, bytesBefore: 10, bytes: 7),
    ])
    func pushesAnElementWithItsBytesOrNeither(_ refusal: Refusal) {
        let conduit = Conduit<Int, Int>(capacity: 4, byteCapacity: 16, doorbell: doorbell)
        var inlet = conduit.inlet
        var outlet = conduit.outlet
        for number in 0..<refusal.elementsBefore { expect(inlet.push(number)) }
        let filler = [UInt8](repeating: 1, count: refusal.bytesBefore)
        if !filler.isEmpty { expect(inlet.push(-1, bytes: filler.span)) }
        let payload = [UInt8](repeating: 2, count: refusal.bytes)
        expect(!inlet.push(99, bytes: payload.span))
        inlet.flush()

        // Once the pipeline has taken everything, a push goes through, and its bytes are the next ones.
        var elements: [Int] = []
        var bytes: [UInt8] = []
        _ = outlet.pop(into: &elements, limit: .max)
        #expect(!elements.contains(99))
        outlet.pop(bytes: filler.count, into: &bytes)
        let again = [UInt8](repeating: 3, count: refusal.bytes)
        expect(inlet.push(99, bytes: again.span))
        inlet.flush()
        expect(outlet.pop(), is: 99)
        bytes.removeAll()
        outlet.pop(bytes: again.count, into: &bytes)
        #expect(bytes == again)
    }

    @Test func anElementMayReferToNoBytes() {
        let conduit = Conduit<Int, Int>(capacity: 4, byteCapacity: 16, doorbell: doorbell)
        var inlet = conduit.inlet
        var outlet = conduit.outlet
        let none: [UInt8] = []
        expect(inlet.push(1, bytes: none.span))
        inlet.flush()
        var bytes: [UInt8] = []
        expect(outlet.pop(), is: 1)
        outlet.pop(bytes: 0, into: &bytes)
        #expect(bytes.isEmpty)
    }

    @Test func aFlushWakesThePipelineAndACommitWakesTheSource() {
        let conduit = Conduit<Int, Int>(capacity: 4, byteCapacity: 16, doorbell: doorbell)
        var inlet = conduit.inlet
        doorbell.arm()
        expect(inlet.push(1))
        inlet.flush()
        #expect(isReadable(doorbell))
        inlet.cursor.doorbell.arm()
        inlet.cursor.advance(to: 1)
        expect(isReadable(inlet.cursor.doorbell))
    }

    @Test func countsWhatIsUnderWay() {
        let conduit = Conduit<Int, Int>(capacity: 4, byteCapacity: 16, doorbell: doorbell)
        var inlet = conduit.inlet
        var outlet = conduit.outlet
        expect(inlet.capacity, is: 4)
        for number in 0..<4 { expect(inlet.push(number)) }
        expect(!inlet.push(4))
        inlet.flush()
        expect(outlet.pop(), is: 0)
        expect(inlet.backlog, is: 3)
    }

    @Test func trapsWhenCommitsGoBackwards() async {
        await #expect(processExitsWith: .failure) {
            let cursor = CommitCursor()
            cursor.advance(to: 2)
            cursor.advance(to: 1)
        }
    }
}
