import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct RecoveryTests {
    @Test func theLogComesBackAsItWasWrittenAndInOrder() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let run = StoreRun(try directory.store())
        var written: [RecoveredEntry] = []
        var (sequence, sensors): (Int64, UInt32) = (0, 0)
        // Every mixture of the three kinds, over several transactions; a fixed pattern of 1,000 entries.
        for _ in 0..<20 {
            run.submit { batch in
                for _ in 0..<50 {
                    sequence += 1 + sequence % 3  // sequences may have gaps
                    switch sequence % 7 {
                    case 0:
                        batch.newSensors.append(newSensor(sequence, number: sensors, id: "s\(sensors)"))
                        written.append(.sensor(newSensor(sequence, number: sensors, id: "s\(sensors)")))
                        sensors += 1
                    case 1:
                        let event = StreamEvent(
                            sequence: sequence, kind: sequence % 2 == 0 ? .tick : .connectionDown, source: 3,
                            atMs: midnightMs - sequence)
                        batch.events.append(event)
                        written.append(.event(event))
                    default:
                        let logged = reading(
                            sequence, sensor: sensors, atMs: midnightMs - sequence * 7,
                            value: Double(sequence) * 0.1, counter: sequence % 2 == 0 ? -1 : Int32(sequence),
                            flags: sequence % 5 == 0 ? [.late, .conflict] : [])
                        batch.readings.append(logged)
                        written.append(.reading(logged))
                    }
                }
            }
        }
        run.end()
        let store = try directory.store()
        var recovered: [RecoveredEntry] = []
        try store.recover { recovered.append($0) }
        #expect(recovered == written)
        #expect(try store.openState().lastSequence == sequence)
    }

    @Test(arguments: [
        (-Double.greatestFiniteMagnitude, "largest"), (Double.leastNonzeroMagnitude, "smallest"), (0.1, "not exact"),
        (1e15, "whole"), (9_007_199_254_740_992, "53 bits"), (9_223_372_036_854_775_808, "beyond an integer"),
    ])
    func valuesComeBackToTheBit(_ value: Double, _ name: String) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.readings = [reading(1, value: value)] }
        var bits: UInt64?
        try directory.store().recover { if case .reading(let logged) = $0 { bits = logged.reading.value.bitPattern } }
        #expect(bits == value.bitPattern, "\(name)")
    }

    @Test func anEmptyStoreHasNothingToRecover() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let store = try directory.store()
        try store.recover { Issue.record("unexpected \($0)") }
        let open = try store.openState()
        #expect(open.lastSequence == 0)
        #expect(open.lastRequestID == 0)
        #expect(open.requests.isEmpty && open.incidents.isEmpty && open.lastUpdateNumbers.isEmpty)
    }

    @Test func whatVisitThrowsEndsTheWalk() throws {
        struct Enough: Error {}
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try directory.commitOnce { $0.readings = [reading(1), reading(2)] }
        var count = 0
        #expect(throws: Enough.self) {
            try directory.store().recover { _ in
                count += 1
                throw Enough()
            }
        }
        #expect(count == 1)
    }

    @Test func openStateHoldsWhatIsOpenAndWhatWasClosedLately() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var (old, late) = (request(2, status: .closed), request(3, status: .closed))
        old.updatedAtMs = midnightMs + 10
        late.updatedAtMs = midnightMs + 20
        try directory.commitOnce { [old, late] batch in
            batch.newSensors = [newSensor(1)]
            batch.requests = [request(1), old, late]
            batch.updates = [1, 2].flatMap { number in
                [1, 2, 3].map {
                    RequestUpdate(requestID: $0, number: number, atMs: midnightMs, status: .open, text: "")
                }
            }
            batch.incidents = [
                incident("of 1", request: 1), incident("of 1, over", request: 1, state: .resolved),
                incident("of 2", request: 2, state: .resolved), incident("of 3", request: 3, state: .resolved),
                incident("pending", request: nil, state: .pending),
            ]
        }
        let store = try directory.store()
        let open = try store.openState()
        #expect(open.lastRequestID == 3)
        #expect(open.requests == [request(1)])
        #expect(open.lastUpdateNumbers == [1: 2])
        #expect(open.incidents.map(\.key) == ["of 1", "of 1, over", "pending"])
        let recent = try store.openState(closedSinceMs: midnightMs + 20)
        #expect(recent.requests == [request(1), late])
        #expect(recent.lastUpdateNumbers == [1: 2, 3: 2])
        #expect(recent.incidents.map(\.key) == ["of 1", "of 1, over", "of 3", "pending"])
    }
}
