import Synchronization
import Testing

import Daemon

/// A daemon is ready when each of its doors can be used, and says so once.
@Suite struct ReadinessTests {
    @Test(arguments: [true, false])
    func readyIsSaidOnceWhenPagesAndSocketAreOpen(socketFirst: Bool) {
        let said = Mutex<[Int]>([])
        let readiness = Readiness { port in said.withLock { $0.append(port) } }
        if socketFirst { readiness.socketIsOpen() } else { readiness.pagesAreServed(on: 8080) }
        #expect(said.withLock(\.self) == [])
        if socketFirst { readiness.pagesAreServed(on: 8080) } else { readiness.socketIsOpen() }
        #expect(said.withLock(\.self) == [8080])
        readiness.socketIsOpen()
        #expect(said.withLock(\.self) == [8080])
    }
}
