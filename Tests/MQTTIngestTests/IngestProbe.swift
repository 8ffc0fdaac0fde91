import MQTTSession
import Readings
import SPSCRing
import Synchronization
import TimeBase

/// Stands behind an inlet in place of pipeline and store: takes elements, gives out indexes, commits when it may.
final class IngestProbe: Sendable {
    struct Quarantined: Equatable {
        var header: QuarantineHeader
        var topic: String
        var detail: String
        var payload: [UInt8]
        var hash: [UInt8]
    }

    struct Seen {
        var readings: [Reading] = []
        var introduced: [String] = []
        var quarantined: [Quarantined] = []
        var batchEnds: [UInt64] = []
        var journalPositions: [JournalPosition] = []
        var connections: [Bool] = []
        /// How each of them was introduced: id, gateway, route, topic.
        var introductions: [[String]] = []
        var frames: [SensorFrame] = []
        var nodeFrames: [NodeFrames] = []
        var joins: [SensorIndex] = []
        var deaths: [(sensor: SensorIndex, isGateway: Bool)] = []
        /// Readings that a `.batchEnd` has closed, and the journal's position then.
        var closed = 0
        var closedPosition: JournalPosition?
        /// What a store would have after a crash.
        var committed: ArraySlice<Reading> = []
        var committedPosition: JournalPosition?
        var values: [Double] { readings.map(\.value) }
    }

    private let seen = Mutex(Seen())
    private let outlet: Mutex<Outlet<StreamElement, Admission>?>
    private let inlet: Mutex<Inlet<StreamElement, Admission>?>
    private let isCommitting: Atomic<Bool>
    private let isTaking = Atomic<Bool>(true)
    private let isAnswering = Atomic<Bool>(true)
    private let isDone = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)
    private let doorbell = Doorbell()
    private let thread = Mutex<WorkerThread?>(nil)
    private let refusal: QuarantineReason?

    /// - Parameters:
    ///   - commits: whether batches are committed as they come.
    ///   - refusal: what new sensors are told instead of an index.
    init(capacity: Int = 4096, commits: Bool = true, takes: Bool = true, refusal: QuarantineReason? = nil) {
        let conduit = Conduit<StreamElement, Admission>(capacity: capacity, byteCapacity: 1 << 18, doorbell: doorbell)
        inlet = Mutex(conduit.inlet)
        outlet = Mutex(conduit.outlet)
        isCommitting = Atomic(commits)
        self.refusal = refusal
        isTaking.store(takes, ordering: .releasing)
        let started = WorkerThread.start(name: "probe") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// To be called once.
    func takeInlet() -> Inlet<StreamElement, Admission> {
        let taken = inlet.withLock { slot -> Inlet<StreamElement, Admission>? in slot.take() }
        guard let taken else { preconditionFailure("the inlet has been taken") }
        return taken
    }

    func commit(_ isOn: Bool) {
        isCommitting.store(isOn, ordering: .releasing)
        doorbell.signal()
    }
    func take(_ isOn: Bool) {
        isTaking.store(isOn, ordering: .releasing)
        doorbell.signal()
    }
    func answer(_ isOn: Bool) {
        isAnswering.store(isOn, ordering: .releasing)
        doorbell.signal()
    }

    var now: Seen { seen.withLock { $0 } }
    /// Readings taken, without copying them.
    var readingCount: Int { count.load(ordering: .acquiring) }

    /// Waits until `isReached`; false when it takes too long.
    func wait(ms: Int64 = 15_000, until isReached: (Seen) -> Bool) -> Bool {
        let end = MonotonicClock.nowMs() + ms
        let pause = Doorbell()
        while !isReached(now) {
            if MonotonicClock.nowMs() > end { return false }
            pause.wait(timeoutMs: 2, spins: 0) { false }
        }
        return true
    }

    func end() {
        isDone.store(true, ordering: .releasing)
        doorbell.signal()
        thread.withLock { $0 }?.join()
    }

    private func run() {
        guard var outlet = outlet.withLock({ slot -> Outlet<StreamElement, Admission>? in slot.take() }) else { return }
        var ended: UInt64 = 0
        var waiting = 0
        while !isDone.load(ordering: .acquiring) {
            if isTaking.load(ordering: .acquiring) {
                var elements: [StreamElement] = []
                while elements.count < 4096, let element = outlet.pop() {
                    if case .introduce = element { waiting += 1 }
                    elements.append(element)
                    note(element, &outlet, &ended)
                }
            }
            if isAnswering.load(ordering: .acquiring) {
                while waiting > 0 {
                    waiting -= 1
                    outlet.reply(
                        refusal.map { .refused($0) }
                            ?? .admitted(SensorIndex(rawValue: UInt32(now.introduced.count - 1))))
                }
            }
            if isCommitting.load(ordering: .acquiring), ended > outlet.cursor.sequence {
                seen.withLock { seen in
                    seen.committed = seen.readings.prefix(seen.closed)
                    seen.committedPosition = seen.closedPosition
                }
                outlet.cursor.advance(to: ended)
            }
            doorbell.wait(timeoutMs: 20) { isTaking.load(ordering: .acquiring) && !outlet.isEmpty }
        }
    }

    private func note(_ element: StreamElement, _ outlet: inout Outlet<StreamElement, Admission>, _ ended: inout UInt64)
    {
        switch element {
        case .reading(let reading):
            seen.withLock { $0.readings.append(reading) }
            count.add(1, ordering: .releasing)
        case .introduce(_, let byteCount, _):
            let parts = String(decoding: bytes(Int(byteCount), &outlet), as: UTF8.self)
                .split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            seen.withLock {
                $0.introduced.append(parts[0])
                $0.introductions.append(parts)
            }
        case .quarantine(let header):
            let all = bytes(header.byteCount, &outlet)
            let detail = Int(header.topicBytes) + Int(header.detailBytes)
            let kept = detail + Int(header.keptBytes)
            let message = Quarantined(
                header: header, topic: String(decoding: all[..<Int(header.topicBytes)], as: UTF8.self),
                detail: String(decoding: all[Int(header.topicBytes)..<detail], as: UTF8.self),
                payload: Array(all[detail..<kept]), hash: Array(all[kept...]))
            seen.withLock { $0.quarantined.append(message) }
        case .journal(let position):
            seen.withLock { $0.journalPositions.append(position) }
        case .death(let sensor, let isGateway, _):
            seen.withLock { $0.deaths.append((sensor, isGateway)) }
        case .frame(let frame):
            seen.withLock { $0.frames.append(frame) }
        case .nodeFrames(let frames):
            seen.withLock { $0.nodeFrames.append(frames) }
        case .join(let sensor, _):
            seen.withLock { $0.joins.append(sensor) }
        case .batchEnd(let sequence):
            ended = sequence
            seen.withLock { seen in
                seen.batchEnds.append(sequence)
                seen.closed = seen.readings.count
                seen.closedPosition = seen.journalPositions.last
            }
        case .connection(let isUp, _):
            seen.withLock { $0.connections.append(isUp) }
        case .tick: break
        }
    }

    private func bytes(_ count: Int, _ outlet: inout Outlet<StreamElement, Admission>) -> [UInt8] {
        var bytes: [UInt8] = []
        outlet.pop(bytes: count, into: &bytes)
        return bytes
    }
}
