import Incidents
import Pipeline
import Readings
import Testing

/// What frame counters say of each device, over interruptions as well.
@Suite struct FrameBookTests {
    /// What a broker delivers.
    enum Message: Sendable, Equatable {
        case frame(SensorFrame)
        case join(SensorIndex, atMs: Int64)
    }

    private static let at = Stream.start

    private static func frame(
        _ counter: UInt32, second: Int64, session: UInt64 = 0, sensor: UInt32 = 0
    ) -> Message {
        .frame(
            SensorFrame(
                sensor: SensorIndex(rawValue: sensor), counter: counter, session: session, atMs: at + second * 1000,
                arrivedAtMs: at + second * 1000 + 200, rssiDBm: -90, snrDB: 5))
    }

    private static func take(_ message: Message, _ processor: inout StreamProcessor) {
        switch message {
        case .frame(let frame): processor.take(frame)
        case .join(let sensor, let atMs): processor.join(sensor, atMs: atMs)
        }
    }

    private func links(_ messages: [Message]) -> [SensorLink] {
        var stream = Stream()
        for message in messages { Self.take(message, &stream.processor) }
        let batch = stream.batch()
        stream.processor.noteHearing(into: batch)
        return batch.links
    }

    @Test func everythingIsCountedOfEachDeviceByItself() throws {
        let all = [
            Self.frame(5, second: 0), Self.frame(1, second: 1, sensor: 1), Self.frame(8, second: 60),
            Self.frame(7, second: 50), Self.frame(8, second: 63), Self.frame(0, second: 120),
            .join(SensorIndex(rawValue: 0), atMs: Self.at + 130_000), Self.frame(2, second: 180),
            Self.frame(2, second: 61, sensor: 1),
        ]
        let found = links(all)
        try #require(found.map(\.sensor.rawValue) == [0, 1])
        var expected = FrameCounts()
        (expected.received, expected.lost, expected.duplicated, expected.reordered) = (5, 3, 1, 1)
        (expected.resets, expected.rejoins) = (1, 1)
        #expect(found[0].counts == expected)
        #expect(found[0].history.highest == 2 && found[0].rssiDBm == -90 && found[0].atMs == Self.at + 180_200)
        #expect(found[1].counts.received == 2 && found[1].counts.lost == 0)
    }

    /// A node's messages are on the record of each sensor behind it, and count as frames of none.
    @Test func anEdgeNodesMessagesAreOnEachSensorsRecord() throws {
        var stream = Stream()
        var node = FrameCounts()
        for _ in 0..<30 { node.count(.next(lost: 0)) }
        let before = node
        node.count(.next(lost: 10))
        let sensors = [SensorIndex(rawValue: 0), SensorIndex(rawValue: 1)]
        stream.processor.take(NodeFrames(sensor: sensors[0], arrivedAtMs: 5, counts: before, before: FrameCounts()))
        for sensor in sensors {
            let known = sensor == sensors[0] ? before : FrameCounts()
            stream.processor.take(NodeFrames(sensor: sensor, arrivedAtMs: 7, counts: node, before: known))
        }
        let batch = stream.batch()
        stream.processor.noteHearing(into: batch)
        try #require(batch.links.map(\.sensor) == sensors)
        for link in batch.links {
            #expect(link.counts == node && link.atMs == 7)
            #expect(try #require(link.lossShare) == 10.0 / 41)
        }
        #expect(stream.processor.tallies.frames == FrameCounts())
    }

    /// What comes late may have been lost before the sensor's record began.
    @Test func aLatecomerOfTheTimeBeforeARecordTakesNothingFromIt() throws {
        var (stream, node) = (Stream(), FrameCounts())
        node.count(.first)
        node.count(.next(lost: 3))
        let met = node
        stream.processor.take(NodeFrames(sensor: SensorIndex(rawValue: 0), arrivedAtMs: 5, counts: met, before: nil))
        node.count(.reordered)
        stream.processor.take(NodeFrames(sensor: SensorIndex(rawValue: 0), arrivedAtMs: 7, counts: node, before: met))
        let batch = stream.batch()
        stream.processor.noteHearing(into: batch)
        #expect(batch.links.map(\.counts.lost) == [0])
        #expect(batch.links.map(\.counts.reordered) == [1])
    }

    @Test func onlyWhatHasChangedIsWritten() {
        var stream = Stream()
        Self.take(Self.frame(5, second: 0), &stream.processor)
        Self.take(Self.frame(6, second: 60), &stream.processor)
        let first = stream.batch()
        stream.processor.noteHearing(into: first)
        #expect(first.links.map(\.counts.received) == [2])
        let second = stream.batch()
        stream.processor.noteHearing(into: second)
        #expect(second.isEmpty)
    }

    /// A broker delivers again what it has no acknowledgement of. Whether that was committed or not, the figures are those
    /// of a run without interruption.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func anInterruptedRunCountsWhatOneWithoutInterruptionCounts(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let all = Self.script(&dice)
        let expected = links(all)
        var processor = Stream().processor
        var stored: [SensorIndex: SensorLink] = [:]
        var (acknowledged, committed, next) = (0, 0, 0)
        var deaths = 0
        while next < all.count || committed < all.count {
            switch dice.below(10) {
            case 0 where deaths < 20:
                // Killed: what was not committed is gone, what was not acknowledged comes again.
                deaths += 1
                processor = Stream().processor
                processor.restore(links: stored.values.sorted { $0.sensor < $1.sensor })
                (next, committed) = (acknowledged, acknowledged)
            case 1 where deaths < 20:
                // The connection is lost, and comes back.
                deaths += 1
                processor.connection(isUp: false, source: 1, atMs: Self.at, into: CommitBatch())
                (next, committed) = (acknowledged, acknowledged)
            case 2, 3:
                let batch = CommitBatch()
                processor.noteHearing(into: batch)
                for link in batch.links { stored[link.sensor] = link }
                committed = max(committed, next)
            case 4: acknowledged = max(acknowledged, committed)
            default:
                guard next < all.count else { continue }
                Self.take(all[next], &processor)
                next += 1
            }
        }
        #expect(stored.values.sorted { $0.sensor < $1.sensor } == expected.sorted { $0.sensor < $1.sensor })
    }

    /// Devices that lose frames, repeat them, bring them late, are restarted and join anew.
    private static func script(_ dice: inout Dice) -> [Message] {
        var all: [Message] = []
        var counters: [UInt32] = [0, 100, 65_000]
        var sessions: [UInt64] = [0, 7, 9]
        for step in 0..<120 as Range<Int64> {
            let device = Int(dice.below(3))
            let sensor = SensorIndex(rawValue: UInt32(device))
            // A frame each ten minutes: what is sent again comes within seconds of it.
            let second = step * 600
            func frame(_ counter: UInt32, at second: Int64) -> Message {
                self.frame(counter, second: second, session: sessions[device], sensor: UInt32(device))
            }
            switch dice.below(12) {
            case 0:
                // Two come in the wrong order.
                counters[device] += 2
                all.append(frame(counters[device], at: second + 20))
                all.append(frame(counters[device] - 1, at: second))
                continue
            case 1: counters[device] += UInt32(dice.below(50)) + 2
            case 2 where counters[device] > 500: counters[device] = 0
            case 3:
                all.append(.join(sensor, atMs: at + (second - 60) * 1000))
                counters[device] = UInt32(dice.below(3))
                if sessions[device] != 0 { sessions[device] += 10 }
            default: counters[device] += 1
            }
            all.append(frame(counters[device], at: second))
            if dice.below(6) == 0 { all.append(frame(counters[device], at: second + 4)) }
        }
        return all
    }

    /// Numbers from a seed (splitmix64).
    private struct Dice {
        var seed: UInt64
        mutating func below(_ bound: UInt64) -> UInt64 {
            seed &+= 0x9E37_79B9_7F4A_7C15
            var word = seed
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return (word ^ (word >> 31)) % bound
        }
    }
}
