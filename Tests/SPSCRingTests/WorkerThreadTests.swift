import Glibc
import SPSCRing
import Synchronization
import Testing

@Suite struct WorkerThreadTests {
    @Test func hasItsName() {
        let name = Mutex("")
        WorkerThread.start(name: "sluice-pipeline") {
            // The name is set while the thread already runs: wait until the system shows it.
            let deadline = ContinuousClock.now + .seconds(10)
            while name.withLock({ $0 }) != "sluice-pipeline", ContinuousClock.now < deadline {
                name.withLock { $0 = threadName() }
            }
        }.join()
        #expect(name.withLock { $0 } == "sluice-pipeline")
    }

    /// From a thread that blocks nothing: a pool's own threads block much, and a new thread inherits that.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func leavesItsSignalsToOthers(_ signal: Int32) {
        let (blocksItself, leavesItsCreator) = (Flag(), Flag())
        WorkerThread.start(name: "outer") {
            var none = sigset_t()
            unsafe sigemptyset(&none)
            unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
            WorkerThread.start(name: "inner") { if blocks(signal) { blocksItself.raise() } }.join()
            if !blocks(signal) { leavesItsCreator.raise() }
        }.join()
        #expect(blocksItself.isUp)
        #expect(leavesItsCreator.isUp)
    }

    @Test func anyNumberMayJoinAndAwait() async {
        let gate = Doorbell()
        let isDone = Flag()
        let thread = WorkerThread.start(name: "joined") {
            gate.wait(timeoutMs: 10_000, spins: 0) { false }
            isDone.raise()
        }
        let joiners = (0..<3).map { number in
            WorkerThread.start(name: "joiner-\(number)") {
                thread.join()
                #expect(isDone.isUp)
            }
        }
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    await thread.finished()
                    #expect(isDone.isUp)
                }
            }
            gate.signal()
        }
        for joiner in joiners { joiner.join() }
        thread.join()
        await thread.finished()
    }

    @Test func letsGoOfItsBodyBeforeItIsFinished() async {
        final class Witness: Sendable {}
        weak var witness: Witness?
        let thread: WorkerThread
        do {
            let held = Witness()
            witness = held
            thread = WorkerThread.start(name: "holder") { withExtendedLifetime(held) {} }
        }
        await thread.finished()
        #expect(witness == nil)
    }

    @Test func runsOnWithoutAnOwner() {
        let bell = Doorbell()
        let isDone = Flag()
        _ = WorkerThread.start(name: "stray") {
            isDone.raise()
            bell.signal()
        }
        bell.wait(timeoutMs: 10_000) { isDone.isUp }
        #expect(isDone.isUp)
    }

    @Test func aHandoffGivesItsValueOnce() {
        let handoff = Handoff(7)
        #expect(handoff.take() == 7)
        #expect(handoff.take() == nil)
    }

    @Test(arguments: ["", "sixteen-bytes-ab"]) func trapsOnANameThatTheSystemRefuses(_ name: String) async {
        await #expect(processExitsWith: .failure) { [name] in _ = WorkerThread.start(name: name) {} }
    }
}

/// Raised on one thread, seen on another.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isUp: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}

/// The calling thread's name as the system shows it.
private func threadName() -> String {
    let file = unsafe open("/proc/thread-self/comm", O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}

/// Whether the calling thread blocks `signal`.
private func blocks(_ signal: Int32) -> Bool {
    var mask = sigset_t()
    unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
    return unsafe sigismember(&mask, signal) == 1
}
