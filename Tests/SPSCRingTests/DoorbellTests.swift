import Glibc
import SPSCRing
import Testing

/// Whether `poll` would return for the bell now.
func isReadable(_ bell: Doorbell) -> Bool {
    var descriptor = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&descriptor, 1, 0) == 1
}

@Suite struct DoorbellTests {
    /// What happens in order, and whether a sleeper would wake.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var script: String
        var wakes: Bool
    }

    @Test(arguments: [
        Case(testDescription: "silent at first", script: "", wakes: false),
        Case(testDescription: "nobody waits, so a ring costs no system call", script: "ring", wakes: false),
        Case(testDescription: "an armed bell rings", script: "arm ring", wakes: true),
        Case(testDescription: "a second ring adds nothing", script: "arm ring ring disarm", wakes: false),
        Case(testDescription: "disarming forgets the ring", script: "arm ring disarm", wakes: false),
        Case(testDescription: "disarming takes the arming back", script: "arm disarm ring", wakes: false),
        Case(testDescription: "it can be armed again", script: "arm ring disarm arm ring", wakes: true),
        Case(testDescription: "a signal needs no arming", script: "signal", wakes: true),
        Case(testDescription: "a signal outlasts arming", script: "signal arm", wakes: true),
    ])
    func wakesExactlyAnArmedWaiter(_ c: Case) {
        let bell = Doorbell()
        for word in c.script.split(separator: " ") {
            switch word {
            case "ring": bell.ring()
            case "arm": bell.arm()
            case "disarm": bell.disarm()
            case "signal": bell.signal()
            default: Issue.record("unknown word \(word)")
            }
        }
        #expect(isReadable(bell) == c.wakes)
    }

    @Test func doesNotSleepWhenThereIsSomethingToDo() {
        let bell = Doorbell()
        var looks = 0
        // Ready at the third look: two spins, and the look between arming and sleeping.
        let waited = ContinuousClock().measure {
            bell.wait(timeoutMs: 10_000, spins: 2) {
                looks += 1
                return looks == 3
            }
        }
        #expect(looks == 3)
        #expect(waited < .seconds(9))
    }

    @Test func spinsLessWhereThatWasInVainAndAgainWhereItPays() {
        let bell = Doorbell()
        func looks() -> Int {
            var count = 0
            bell.wait(timeoutMs: 1, spins: 64) {
                count += 1
                return false
            }
            return count
        }
        // One a spin, and one between arming and sleeping.
        #expect((0..<8).map { _ in looks() } == [65, 33, 17, 9, 5, 3, 2, 2])
        bell.wait(timeoutMs: 1, spins: 64) { true }
        #expect(looks() == 65)
    }

    @Test func sleepsNoLongerThanItsTimeout() {
        let bell = Doorbell()
        let waited = ContinuousClock().measure { bell.wait(timeoutMs: 20, spins: 0) { false } }
        #expect(waited >= .milliseconds(20))
    }

    @Test func aSignalBeforeTheSleepEndsItAtOnce() {
        let bell = Doorbell()
        bell.signal()
        let waited = ContinuousClock().measure { bell.wait(timeoutMs: 10_000, spins: 0) { false } }
        #expect(waited < .seconds(9))
        #expect(!isReadable(bell))
    }

    /// Two threads hand one element to and fro; each sleeps, for as long as the whole test may take, until the other rings.
    ///
    /// ```
    ///   here   push ring | arm look sleep ········ wake pop | push ring …
    ///   there  arm look sleep ···· wake pop | push ring | arm look sleep …
    /// ```
    @Test(arguments: [0, 1, 50]) func losesNoWake(spins: Int) {
        let rounds = 5000
        let deadline = ContinuousClock.now + .seconds(20)
        let there = RingBuffer<Int>(capacity: 1)
        let back = RingBuffer<Int>(capacity: 1)
        let (farBell, nearBell) = (Doorbell(), Doorbell())
        let far = Ends(incoming: there.consumer, outgoing: back.producer)
        var near = Ends(incoming: back.consumer, outgoing: there.producer)
        let thread = WorkerThread.start(name: "far", owning: far) { ends in
            var ends = ends
            while let number = ends.receive(on: farBell, deadline: deadline, spins: spins) {
                ends.send(number, ringing: nearBell)
                if number == rounds - 1 { return }
            }
        }
        var played = 0
        while played < rounds {
            near.send(played, ringing: farBell)
            guard near.receive(on: nearBell, deadline: deadline, spins: spins) == played else { break }
            played += 1
        }
        farBell.signal()
        thread.join()
        // One lost wake would have slept past the deadline.
        #expect(played == rounds)
    }

    private struct Ends: ~Copyable, Sendable {
        var incoming: RingConsumer<Int>
        var outgoing: RingProducer<Int>

        mutating func send(_ number: Int, ringing bell: Doorbell) {
            _ = outgoing.push(number)
            bell.ring()
        }

        /// Nil once the deadline has passed.
        mutating func receive(on bell: Doorbell, deadline: ContinuousClock.Instant, spins: Int) -> Int? {
            while ContinuousClock.now < deadline {
                if let number = incoming.pop() { return number }
                bell.wait(timeoutMs: 20_000, spins: spins) { !incoming.isEmpty }
            }
            return nil
        }
    }
}
