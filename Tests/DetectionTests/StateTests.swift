import Detection
import Readings
import Testing

/// What is saved of a detector and restored into a fresh one is that detector.
@Suite struct StateTests {
    static func saved(_ value: some StateCodable) -> [UInt8] {
        var (copy, coder) = (value, StateCoder())
        copy.code(&coder)
        return coder.bytes
    }

    static func restored<Value: StateCodable>(_ bytes: [UInt8], into fresh: Value) throws(StateError) -> Value {
        var (value, coder) = (fresh, StateCoder(reading: bytes))
        value.code(&coder)
        try coder.finish()
        return value
    }

    // MARK: Windows

    struct Window: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Feeds a window, saves it, and goes on with both: true if nothing tells them apart.
        var isSame: @Sendable (_ seed: UInt64) throws -> Bool

        init<Value: StateCodable & Equatable & Sendable>(
            _ name: String, _ fresh: Value, _ feed: @escaping @Sendable (inout Value, Int64, inout Random) -> Void
        ) {
            testDescription = name
            isSame = { seed in
                var random = Random(seed: seed)
                var (value, atMs) = (fresh, Int64(0))
                for length in [0, 1, 3, 9, 40, 300] {
                    for _ in 0..<length {
                        atMs += Int64.random(in: 0...900_000, using: &random)
                        feed(&value, atMs, &random)
                    }
                    var other = try restored(saved(value), into: fresh)
                    guard other == value else { return false }
                    var (again, later) = (random, atMs)
                    for _ in 0..<50 {
                        later += Int64.random(in: 0...900_000, using: &random)
                        feed(&value, later, &random)
                    }
                    for _ in 0..<50 {
                        atMs += Int64.random(in: 0...900_000, using: &again)
                        feed(&other, atMs, &again)
                    }
                    guard other == value, saved(other) == saved(value) else { return false }
                }
                return true
            }
        }
    }

    static let windows = [
        Window("sum of deviations", CumulativeSum(slack: 0.1, limit: 4)) { $0.append($2.normal()) },
        Window("average", ExponentialAverage(rate: 0.1)) { $0.append($2.normal()) },
        Window("median of three", MedianOfThree()) { _ = $0.append($2.normal()) },
        Window("leakage", LeakageWindow(hours: 2, scale: 0.02)) {
            let value = SIMD4<Double>(repeating: $2.normal())
            $0.append(value, levels: SIMD4(5, 6, 7, 8), weights: SIMD4(1, 2, 3, 4), atMs: $1)
        },
        Window("day", DayFit()) { $0.append($2.normal(), expected: 5 + $2.normal(), sigma: 2, atMs: 40 * $1) },
        Window("grain", Grain()) { $0.append($2.normal()) },
        Window("large steps", LargeSteps()) { _ = $0.append($2.normal(), atMs: $1) },
        Window("sequential test", SequentialTest(SequentialTest.Limits())) {
            let z = $2.normal() + ($1 % 40_000_000 < 20_000_000 ? 4 : 0)
            $0.append(z)
            $0.look(z, atOnce: 6, days: 0.5)
        },
        Window("weekdays", WeekdayHabits()) {
            $0.learn($2.normal(), LocalTime(atMs: $1, in: .utc))
        },
        Window("run", RunLength()) {
            $0.append(Double(Int.random(in: 0...1, using: &$2)), atMs: $1, isLearning: $1 < 20_000_000)
        },
        Window("mean of a slot", SlotMean(lengthMs: 900_000)) { _ = $0.append($2.normal(), atMs: $1) },
        Window("sorted", SortedWindow(capacity: 24)) {
            if Int.random(in: 0..<40, using: &$2) == 0 { $0.removeAll() }
            if Int.random(in: 0..<40, using: &$2) == 0 { $0.add(1.5) }
            if Int.random(in: 0..<40, using: &$2) == 0 { $0.scale(by: 0.75) }
            $0.append($2.normal())
        },
        Window("time of week", TimeOfWeekProfile()) {
            $0.learn($2.normal(), .saturday, quarter: Int($1 / 900_000 % 96))
        },
        Window("least of a span", TrailingExtreme(.minimum, spanMs: 7_200_000, capacity: 9)) {
            $0.append($2.normal(), atMs: $1)
        },
        Window("moments of a span", TrailingMoments(spanMs: 7_200_000, capacity: 9)) {
            $0.append($2.normal() * 1e6, atMs: $1)
        },
    ]

    @Test(arguments: windows, [1, 2, 3] as [UInt64]) func aRestoredWindowIsTheSame(_ window: Window, _ seed: UInt64)
        throws
    {
        #expect(try window.isSame(seed))
    }

    // MARK: Monitors

    struct Device: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: SensorKind
        var quantities: [Quantity]
        var stepMinutes: Int64
        var size: Double
        var learnsDays: Int
        var atLeastBytes: Int
    }

    static let devices = [
        Device(
            testDescription: "district flow", kind: .waterLeak, quantities: [.flow], stepMinutes: 15, size: 40,
            learnsDays: 40,
            atLeastBytes: 7_000),
        Device(
            testDescription: "pressure", kind: .waterLeak, quantities: [.pressure], stepMinutes: 15, size: 40,
            learnsDays: 40,
            atLeastBytes: 7_000),
        Device(
            testDescription: "noise", kind: .waterLeak, quantities: [.noise], stepMinutes: 15, size: 30, learnsDays: 30,
            atLeastBytes: 300),
        Device(
            testDescription: "meter", kind: .waterLeak, quantities: [.meterFlow], stepMinutes: 60, size: 8,
            learnsDays: 30,
            atLeastBytes: 300),
        Device(
            testDescription: "meter's total", kind: .waterLeak, quantities: [.volume], stepMinutes: 60, size: 0.02,
            learnsDays: 30,
            atLeastBytes: 20),
        Device(
            testDescription: "contact", kind: .waterLeak, quantities: [.wetness], stepMinutes: 20, size: 0,
            learnsDays: 5,
            atLeastBytes: 100),
        Device(
            testDescription: "traffic with speed", kind: .traffic, quantities: [.speed, .occupancy, .vehicleFlow],
            stepMinutes: 5, size: 50, learnsDays: 12, atLeastBytes: 6_000),
        Device(
            testDescription: "traffic counts", kind: .traffic, quantities: [.vehicleFlow], stepMinutes: 5, size: 600,
            learnsDays: 12, atLeastBytes: 2_500),
        Device(
            testDescription: "bin", kind: .binFill, quantities: [.fill, .temperature, .tilt, .battery], stepMinutes: 30,
            size: 30, learnsDays: 20, atLeastBytes: 500),
        Device(
            testDescription: "anything else", kind: .generic, quantities: [.generic], stepMinutes: 10, size: 5,
            learnsDays: 5, atLeastBytes: 20),
    ]

    /// Days like each other, with bad hours: too much, stuck, impossible, hot, nothing at all.
    static func send(_ device: Device, to street: inout Street, step: Int, _ random: inout Random) {
        let atMs = Int64.monday + Int64(step) * device.stepMinutes * .minute
        let hour = Double(atMs / 3_600_000 % 24)
        let mood = (atMs / (5 * 3_600_000)) % 29
        guard mood != 7 else { return }
        for quantity in device.quantities {
            var value = device.size * (1 + 0.3 * (hour > 6 && hour < 22 ? 1 : 0)) + random.normal()
            if mood == 11 { value = device.size * 2.5 }
            if mood == 17 { value = device.size * 0.2 }
            if mood == 23, hour < 12 { value = -20_000 }
            switch quantity {
            case .wetness, .tilt: value = mood > 20 ? 1 : 0
            case .fill: value = min(100, Double(step % 180) / 1.6 + random.normal().magnitude)
            case .temperature: value = mood == 13 ? 90 : 12 + random.normal()
            case .occupancy: value = mood == 17 ? 70 : 8 + random.normal().magnitude
            default: break
            }
            street.send(quantity, value, atMs: atMs)
        }
    }

    @Test(arguments: devices) func aRestoredMonitorGoesOnAsItWas(_ device: Device) throws {
        let stepsADay = 24 * 60 / Int(device.stepMinutes)
        let fresh = SensorMonitor(kind: device.kind, zone: .utc, parameters: DetectionParameters())
        var (street, random) = (Street(device.kind), Random(seed: 7))
        var places = Set((0..<25).map { _ in Int.random(in: 0..<(device.learnsDays * stepsADay), using: &random) })
        places.insert(device.learnsDays * stepsADay - 1)
        for step in 0..<(device.learnsDays * stepsADay) {
            Self.send(device, to: &street, step: step, &random)
            guard places.contains(step) else { continue }
            let bytes = Self.saved(street.monitor)
            let other = try Self.restored(bytes, into: fresh)
            try #require(other == street.monitor, "at step \(step)")
            var (a, b, again) = (street, street, random)
            b.replaceMonitor(other)
            var ahead = random
            for later in 1...stepsADay { Self.send(device, to: &a, step: step + later, &ahead) }
            for later in 1...stepsADay { Self.send(device, to: &b, step: step + later, &again) }
            try #require(a == b, "a day after step \(step)")
        }
        #expect(Self.saved(street.monitor).count >= device.atLeastBytes)
    }

    @Test(arguments: devices) func noBytesMakeItTrap(_ device: Device) throws {
        let fresh = SensorMonitor(kind: device.kind, zone: .utc, parameters: DetectionParameters())
        var (street, random) = (Street(device.kind), Random(seed: 3))
        for step in 0..<(10 * 24 * 60 / Int(device.stepMinutes)) { Self.send(device, to: &street, step: step, &random) }
        let bytes = Self.saved(street.monitor)
        // One beginning is whole: what was saved before there was more to save.
        var whole: [Int] = []
        for length in 0..<bytes.count where length < 1500 || length > bytes.count - 100 {
            do {
                let other = try Self.restored(Array(bytes[..<length]), into: fresh)
                whole.append(length)
                #expect(Self.saved(other).starts(with: bytes[..<length]))
            } catch {}
        }
        #expect(whole.count == 1 && whole[0] > bytes.count - 100)
        for _ in 0..<2000 {
            var wrong = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                wrong[Int.random(in: 0..<wrong.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Either it is refused by name, or it is a state like any other.
            if let other = try? Self.restored(wrong, into: fresh) { #expect(Self.saved(other).count > 0) }
        }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind = SensorKind.waterLeak
        var change: @Sendable (inout DetectionParameters) -> Void = { _ in }
        var code: StateError.Code?
    }

    @Test(arguments: [
        Change(testDescription: "as it was", code: nil),
        Change(testDescription: "another kind", kind: .generic, code: .changed),
        Change(testDescription: "a longer window", change: { $0.wetContact.hours = 20 }, code: .otherLength),
        Change(testDescription: "another threshold", change: { $0.wetContact.share = 0.8 }, code: nil),
    ])
    func todaysParametersApply(_ c: Change) throws {
        var (street, random) = (Street(.waterLeak), Random(seed: 1))
        let contact = try #require(Self.devices.first { $0.testDescription == "contact" })
        for step in 0..<200 { Self.send(contact, to: &street, step: step, &random) }
        let bytes = Self.saved(street.monitor)
        var parameters = DetectionParameters()
        c.change(&parameters)
        let fresh = SensorMonitor(kind: c.kind, zone: .utc, parameters: parameters)
        do {
            let other = try Self.restored(bytes, into: fresh)
            #expect(c.code == nil)
            #expect(other == street.monitor || c.testDescription == "another threshold")
            #expect(Self.saved(other) == bytes)
        } catch {
            #expect(error.code == c.code)
        }
    }
}
