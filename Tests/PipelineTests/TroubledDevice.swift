import Detection
import Incidents
import Open311
import Pipeline
import Readings

/// One device of a street that lives by a local clock, and what its readings and the network do to each other.
struct TroubledDevice {
    /// What it measures.
    enum Sort: String, CaseIterable {
        case flow, pressure, noise, meter, contact, road, counter, bin, series

        var kind: SensorKind {
            switch self {
            case .flow, .pressure, .noise, .meter, .contact: .waterLeak
            case .road, .counter: .traffic
            case .bin: .binFill
            case .series: .generic
            }
        }

        var minutes: Int64 {
            switch self {
            case .road, .counter, .series: 5
            case .flow, .pressure: 15
            case .noise, .bin: 30
            case .meter, .contact: 60
            }
        }

        /// What it says at the end of its range.
        var greatest: [Quantity: Double] {
            switch self {
            case .flow: [.flow: 99]
            case .pressure: [.pressure: 99]
            case .noise: [.noise: 99]
            case .meter: [.meterFlow: 99]
            case .contact: [.wetness: 1]
            case .road: [.occupancy: 99]
            case .counter: [.vehicleFlow: 1188]
            case .bin: [.fill: 99]
            case .series: [.generic: 99]
            }
        }

        /// What the same device says in another unit, or another one of its make under its name.
        var otherUnit: (@Sendable (Quantity, Double) -> Double) {
            switch self {
            case .flow: { $1 / 3.6 }
            case .pressure: { $1 / 10.2 }
            case .noise: { $1 - 30 }
            case .meter: { ($1 / 10).rounded() }
            case .contact: { $1 * 100 }
            case .road: { $0 == .speed ? $1 / 1.609 : $1 }
            case .counter: { $1 / 12 }
            case .bin: { $0 == .fill ? $1 / 100 : $1 }
            case .series: { $1 * 1.8 + 32 }
            }
        }
    }

    /// What goes wrong for nine days.
    enum Trouble: String, CaseIterable {
        case nothing, gaps, silence, backFill, twice, disorder, clockAhead, clockBack, everyThird, thriceAsOften,
            otherUnit, swapped,
            zero, saturated
    }

    private let sort: Sort
    private let zone: ZoneTable
    private var processor: StreamProcessor
    private let sensor: SensorIndex
    private var random: Noise
    private let batch = CommitBatch()
    /// Sunday 2026-03-08: three weeks before the clocks go forward in Europe.
    static let startMs: Int64 = 1_772_928_000_000
    private var nowMs = TroubledDevice.startMs
    /// Readings that wait somewhere for a connection.
    private var waiting: [Reading] = []

    init(_ sort: Sort, zone: ZoneTable, seed: UInt64) {
        (self.sort, self.zone, random) = (sort, zone, Noise(seed: seed))
        var configuration = PipelineConfiguration()
        var entry = Sensor(id: "device", kind: sort.kind)
        entry.timeZone = "there"
        configuration.registry = [entry]
        configuration.sensorZones = ["there": zone]
        processor = StreamProcessor(configuration: configuration)
        guard
            case .admitted(let index) = processor.admit(
                id: "device", kind: sort.kind, nowMs: nowMs, into: CommitBatch())
        else { preconditionFailure("refused") }
        sensor = index
        processor.connection(isUp: true, source: 0, atMs: nowMs, into: batch)
    }

    /// Rules whose incidents became requests, once for each request, oldest first.
    var requests: [(detector: String, day: Double)] {
        var seen: Set<Int64> = []
        return batch.requests.filter { seen.insert($0.id).inserted }.map {
            ($0.detector, Double($0.requestedAtMs - Self.startMs) / 86_400_000)
        }
    }

    mutating func pass(days: Int64, _ trouble: Trouble = .nothing) {
        let endMs = nowMs + days * 86_400_000
        let beganMs = nowMs
        var step = 0
        let minutes = trouble == .everyThird ? sort.minutes * 3 : sort.minutes
        while nowMs < endMs {
            send(trouble, step, sinceMs: nowMs - beganMs)
            step += 1
            let untilMs = nowMs + minutes * 60_000
            if trouble == .thriceAsOften {
                for _ in 0..<2 {
                    nowMs += sort.minutes * 20_000
                    send(trouble, step, sinceMs: nowMs - beganMs)
                }
            }
            while nowMs < untilMs { nowMs = min(untilMs, nowMs + 5 * 60_000 - nowMs % (5 * 60_000)); tick() }
        }
        deliver()
    }

    private mutating func tick() { processor.tick(atMs: nowMs, into: batch) }

    private mutating func deliver() {
        for var reading in waiting {
            reading.arrivedAtMs = nowMs
            processor.take(reading, into: batch)
        }
        waiting.removeAll()
    }

    private mutating func send(_ trouble: Trouble, _ step: Int, sinceMs: Int64) {
        let isLost = trouble == .gaps && random.uniform() < 0.3
        let isSilent = trouble == .silence && (86_400_000..<3 * 86_400_000).contains(sinceMs)
        var observedMs = nowMs
        switch trouble {
        case .clockAhead: observedMs += 7_200_000
        case .clockBack: observedMs -= 7_200_000
        default: break
        }
        for (quantity, sound) in values() {
            var value = sound
            switch trouble {
            case .otherUnit: value = sort.otherUnit(quantity, value)
            case .swapped: value = swapped(quantity, value)
            case .zero: value = 0
            case .saturated: value = sort.greatest[quantity] ?? value
            default: break
            }
            guard !isLost, !isSilent else { continue }
            var reading = Reading(
                sensor: sensor, quantity: quantity, observedAtMs: observedMs, arrivedAtMs: nowMs, value: value)
            reading.source = 0
            waiting.append(reading)
            if trouble == .twice { waiting.append(reading) }
        }
        switch trouble {
        // What was measured since midnight comes at six.
        case .backFill: if LocalTime(atMs: nowMs, in: zone).secondOfDay >= 6 * 3600 { deliver() }
        // Two and two, the later ones first.
        case .disorder:
            if step % 2 == 1 {
                waiting.sort { $0.observedAtMs > $1.observedAtMs }
                deliver()
            }
        default: deliver()
        }
    }

    private func swapped(_ quantity: Quantity, _ value: Double) -> Double {
        switch quantity {
        case .flow: 0.6 * value
        case .pressure: value + 6
        case .noise: value + 7
        case .meterFlow: (1.5 * value).rounded()
        case .speed: 0.7 * value
        case .vehicleFlow: 0.5 * value
        case .fill: (0.7 * value).rounded()
        case .generic: value + 12
        default: value
        }
    }

    // MARK: The street

    private mutating func values() -> [(Quantity, Double)] {
        let local = LocalTime(atMs: nowMs, in: zone)
        let hour = Double(local.secondOfDay) / 3600
        let isWorkday = local.dayType == .workday
        let demand = 0.4 + bump(hour, isWorkday ? 7.5 : 10, 1.6) + 0.9 * bump(hour, 19.5, 2.4)
        switch sort {
        case .flow: return [(.flow, (50 * demand * (1 + 0.05 * random.normal()) * 100).rounded() / 100)]
        case .pressure: return [(.pressure, ((48 - 4 * demand + 0.2 * random.normal()) * 100).rounded() / 100)]
        case .noise: return [(.noise, ((18 + 14 * demand + abs(2 * random.normal())) * 10).rounded() / 10)]
        case .meter:
            let isAwake = hour > 6 && hour < 23 && random.uniform() < demand
            return [(.meterFlow, isAwake ? (60 * random.uniform()).rounded() : 0)]
        case .contact:
            // A shower every fourth day.
            return [(.wetness, local.day % 4 == 0 && (14..<18).contains(hour) ? 1 : 0)]
        case .road:
            let isRush = isWorkday && (7..<9).contains(hour)
            let isDay = (6..<22).contains(hour)
            return [
                (.vehicleFlow, ((isRush ? 1500 : isDay ? 1200 : 200) + 30 * random.normal()).rounded()),
                (.occupancy, (isRush ? 22 : isDay ? 8 : 2) + 0.6 * random.normal()),
                (.speed, (isRush ? 45 : 90) + 3 * random.normal()),
            ]
        case .counter:
            let mean = 700 * demand / 12
            return [(.vehicleFlow, max(0, (mean + mean.squareRoot() * random.normal()).rounded()) * 12)]
        case .bin:
            // A fifth of it a day, emptied every third day at six.
            let age = Double(local.day % 3) + (hour - 6) / 24
            let level = 4 + 20 * (age < 0 ? age + 3 : age)
            return [
                (.fill, (max(0, level + 1.5 * random.normal())).rounded()),
                (.temperature, 14 + 8 * bump(hour, 14, 5) + 0.5 * random.normal()),
            ]
        case .series: return [(.generic, 50 + 8 * bump(hour, 14, 5) + random.normal())]
        }
    }

    private func bump(_ hour: Double, _ center: Double, _ width: Double) -> Double {
        let x = (hour - center) / width
        return 1 / (1 + x * x * x * x)
    }
}

/// SplitMix64, and a nearly normal number from twelve of its: the same on every machine.
struct Noise {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
    }

    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
