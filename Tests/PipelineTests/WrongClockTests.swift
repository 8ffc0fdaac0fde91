import Incidents
import Open311
import Pipeline
import Readings
import Testing

/// A device's clock that was set back, and our own that was set ahead, as the daemon meets them.
@Suite struct WrongClockTests {
    /// A sensor that speaks each ten minutes, by a clock that is so many minutes behind.
    private struct Device {
        var stream = Stream()
        let sensor: SensorIndex
        let batch = CommitBatch()
        /// Ours.
        var minute: Int64 = 0

        init() {
            sensor = stream.adopt("flow-1", .waterLeak)
            stream.processor.connection(isUp: true, source: 0, atMs: Stream.start, into: batch)
        }

        mutating func pass(hours: Int64, behind: Int64) {
            for _ in 0..<(6 * hours) {
                minute += 10
                let value = 20 + Double(minute * 7919 % 1000) / 500
                stream.processor.take(
                    stream.reading(sensor, .flow, minute: minute - behind, value: value, arrival: minute), into: batch)
                for tick in 0..<2 as Range<Int64> {
                    stream.processor.tick(atMs: Stream.at(minute + 5 * tick), into: batch)
                }
            }
        }

        /// Of each version of each request: whether it is open, by our hours.
        var faults: [(title: String, text: String, status: String, hour: Int64)] {
            batch.requests.filter { $0.detector == "clock" }.map {
                ($0.title, $0.description, $0.status.rawValue, ($0.updatedAtMs - Stream.start) / 3_600_000)
            }
        }
    }

    @Test(arguments: [60, 120, 600] as [Int64]) func aDeviceWhoseClockWasSetBackIsToldWhileItsReadingsAreLate(
        _ back: Int64
    ) throws {
        var device = Device()
        device.pass(hours: 48, behind: 0)
        #expect(device.batch.requests.isEmpty)
        device.pass(hours: 6, behind: back)
        let told = try #require(device.faults.first)
        #expect(told.title == "Sensor's clock is behind: flow-1")
        #expect(told.text.contains("has been \(back == 60 ? "60 minutes" : "\(back / 60) hours") behind since"))
        #expect(told.hour == 49)
        device.pass(hours: 3, behind: 0)
        #expect(device.faults.last?.status == "closed")
        #expect(Set(device.batch.requests.map(\.id)).count == 1)
    }

    @Test func ourOwnClockThatWasSetAheadIsNoDevicesFault() {
        var device = Device()
        device.pass(hours: 48, behind: 0)
        device.minute += 120
        device.pass(hours: 48, behind: 120)
        device.minute -= 120
        device.pass(hours: 48, behind: 0)
        #expect(device.batch.requests.isEmpty)
        // Its own, after that, is.
        device.pass(hours: 6, behind: 120)
        #expect(Set(device.batch.requests.map(\.id)).count == 1 && device.faults.last?.status == "open")
    }

    @Test func aPauseOfOursSetsNoDevicesClock() {
        var device = Device()
        device.pass(hours: 48, behind: 0)
        device.pass(hours: 6, behind: 120)
        device.minute += 60
        device.pass(hours: 24, behind: 120)
        #expect(device.faults.allSatisfy { $0.status == "open" } && !device.faults.isEmpty)
        device.pass(hours: 3, behind: 0)
        #expect(device.faults.last?.status == "closed")
    }
}
