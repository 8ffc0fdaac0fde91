import Incidents
import Pipeline
import Readings
import Testing

/// How the state is cut into slices, and how fast they follow the stream.
@Suite struct SavingPaceTests {
    /// The sensors of a slice of detectors' lanes (family 1) or of silence (family 2); none of another slice.
    private func sensors(of slice: StateSlice, family wanted: UInt8) throws -> [Int] {
        var coder = try StateCoder(unsealing: slice.bytes)
        var (version, family): (UInt64, UInt8) = (0, 0)
        coder.code(&version)
        coder.code(&family)
        guard family == wanted else { return [] }
        var sensors: [Int] = []
        while true {
            var number = 0
            coder.code(&number)
            guard number > 0, coder.readBlock() != nil else { return sensors }
            sensors.append(number - 1)
        }
    }

    /// Forty sensors: those of one zone, and those of one gateway, are far apart.
    private static let registry = (0..<40).map { number in
        var sensor = Sensor(id: "bin-\(number)", kind: .binFill)
        if number % 3 != 0 { sensor.zone = "zone-\(number % 7)" }
        if number % 2 != 0 { sensor.gateway = "gateway-\(number % 5)" }
        return sensor
    }

    @Test func noSliceSplitsAZoneOrAGatewayAndTheStreamGoesOnBetweenThem() throws {
        var stream = Stream {
            $0.registry = Self.registry
            // As small as they can be.
            ($0.stateSteps.sensorsPerSlice, $0.stateSteps.bytesPerSlice) = (1, 1)
            ($0.stateSteps.bytesPerTick, $0.stateSteps.bytesPerBatch) = (1, 1)
        }
        let bins = Self.registry.map { stream.adopt($0.id, .binFill) }
        var slices: [StateSlice] = []
        var minute: Int64 = 0
        while slices.last?.isLast != true {
            try #require(minute < 1000)
            let batch = stream.batch()
            let bin = bins[Int(minute) % bins.count]
            stream.processor.take(stream.reading(bin, .fill, minute: minute, value: 40), into: batch)
            stream.processor.tick(atMs: Stream.at(minute), into: batch)
            slices += batch.stateSlices
            minute += 1
        }
        let groups = { (key: (Sensor) -> String?) in
            Set(Dictionary(grouping: Self.registry.indices) { key(Self.registry[$0]) ?? "alone-\($0)" }.values)
        }
        let lanes = try slices.map { try sensors(of: $0, family: 1) }.filter { !$0.isEmpty }
        #expect(Set(lanes) == groups(\.zone))
        #expect(lanes.count == groups(\.zone).count)
        let silences = try slices.map { try sensors(of: $0, family: 2) }.filter { !$0.isEmpty }
        // Where no gateway is named, the zone stands for one.
        let gateways = groups { $0.gateway ?? $0.zone }
        #expect(Set(silences) == gateways)
        #expect(silences.count == gateways.count)
        // Each stands at its own place of the stream.
        #expect(zip(slices, slices.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
    }

    /// A flood, in batches of one size.
    struct Flood: Sendable, CustomTestStringConvertible {
        var batch: Int
        var testDescription: String { "\(batch) readings a batch" }
    }

    /// A thirtieth of what the daemon does, with 400 sensors for 10,000.
    @Test(arguments: [Flood(batch: 4), Flood(batch: 40), Flood(batch: 160), Flood(batch: 300)])
    func howeverAFloodComesLittleIsToBeMetAgainAndNoBatchCarriesMuch(_ flood: Flood) throws {
        let steps = {
            var steps = StateSteps()
            (steps.bytesPerBatch, steps.bytesPerSlice, steps.sensorsPerSlice) = (96 << 10, 2048, 8)
            steps.entriesPerTurn = 500
            return steps
        }()
        let pay = PipelineConfiguration().stateBytesPerEntry
        var stream = Stream {
            $0.stateSteps = steps
            $0.readingsPerSecond = 1000
        }
        let bins = (0..<400).map { stream.adopt("bin-\($0)", .binFill) }
        var (begins, complete): ([Int64: Int64], Int64?) = ([:], nil)
        var (sizes, largestSlice): ([Int64: Int], Int) = ([:], 0)
        var (most, turns) = (Int64(0), 0)
        var number = 0
        while turns < 12 {
            try #require(number < 400_000, "\(turns) turns")
            let batch = stream.batch()
            for _ in 0..<flood.batch {
                let reading = stream.reading(
                    bins[number % bins.count], .fill, minute: Int64(number / bins.count), value: Double(number % 90))
                stream.processor.take(reading, into: batch)
                number += 1
            }
            stream.processor.saveStep(into: batch)
            let carried = batch.stateSlices.reduce(0) { $0 + $1.bytes.count }
            let slice = batch.stateSlices.map(\.bytes.count).max() ?? 0
            largestSlice = max(largestSlice, slice)
            #expect(carried <= max(steps.bytesPerBatch / 8, flood.batch * steps.bytesPerEntry) + slice)
            for slice in batch.stateSlices {
                if slice.number == 0 { begins[slice.turn] = slice.sequence }
                sizes[slice.turn, default: 0] += slice.bytes.count
                guard slice.isLast else { continue }
                complete = begins[slice.turn]
                turns += 1
            }
            // What a start would meet again if it were killed before this batch is committed, and with it.
            if turns > 1, let complete { most = max(most, stream.processor.sequence - complete + Int64(flood.batch)) }
        }
        let bytes = Int64(sizes.values.max() ?? 0)
        #expect(bytes > Int64(steps.bytesPerBatch), "the state is too small for this test: \(bytes) bytes")
        let bound =
            max(steps.entriesPerTurn, bytes / pay) + bytes / Int64(steps.bytesPerEntry) + 3 * Int64(flood.batch)
        #expect(most <= bound, "\(bytes) bytes of state")
        #expect(largestSlice < 3 * steps.bytesPerSlice)
    }
}
