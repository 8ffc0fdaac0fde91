internal import CReferences
internal import Detection
internal import Foundation
internal import Readings

/// One sensor's detectors: how much state they hold, and what a reading costs them.
enum DetectorBenchmark: Benchmark {
    static let name = "detectors"
    static let about = "state per sensor and cost per reading, by what the sensor measures"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        try Street.all.flatMap { street -> [Figure] in
            let sensors = rounds.amount(500, smoke: 20)
            let days = rounds.amount(15, smoke: 2)
            let bytes = try (0..<rounds.count).map { _ in try street.bytes(sensors) }
            let times = (0..<rounds.count).map { _ in street.nanoseconds(days: days, sensors: max(1, sensors / 50)) }
            let bound = street.hasProfile ? 10_000.0 : 2_000
            let state = Figure(
                "\(street.name), state", unit: "bytes a sensor", better: .lower, ours: bytes,
                goal: .init(measure: .value, bound: bound))
            return [
                state, Figure("\(street.name), cost", unit: "ns a reading", better: .lower, ours: times),
            ]
        }
    }

    /// One kind of sensor, with readings of ordinary days.
    private struct Street {
        var name: String
        var kind: SensorKind
        var quantities: [(Quantity, @Sendable (_ day: Double) -> Double)]
        var stepS: Int64
        /// Whether it keeps what each time of week is like.
        var hasProfile = false

        /// A day's course between 0 and 1, by its share: low at night.
        private static func course(_ day: Double) -> Double {
            let hour = (day - day.rounded(.down)) * 24
            return hour < 5 ? 0.1 : hour < 9 ? 0.9 : hour < 21 ? 0.6 : 0.3
        }

        static let all = [
            Street(
                name: "district inflow", kind: .waterLeak, quantities: [(.flow, { 30 + 40 * course($0) })], stepS: 900,
                hasProfile: true),
            Street(
                name: "pressure", kind: .waterLeak, quantities: [(.pressure, { 50 - 5 * course($0) })], stepS: 900,
                hasProfile: true),
            Street(
                name: "speed, occupancy and flow", kind: .traffic,
                quantities: [
                    (.speed, { 90 - 20 * course($0) }), (.occupancy, { 3 + 9 * course($0) }),
                    (.vehicleFlow, { 200 + 1200 * course($0) }),
                ], stepS: 300, hasProfile: true),
            Street(
                name: "vehicle counts", kind: .traffic, quantities: [(.vehicleFlow, { 200 + 1200 * course($0) })],
                stepS: 300, hasProfile: true),
            Street(
                name: "bin level and temperature", kind: .binFill,
                quantities: [
                    (.fill, { ($0 * 24).truncatingRemainder(dividingBy: 90) }), (.temperature, { 10 + course($0) }),
                ],
                stepS: 1800, hasProfile: true),
            Street(name: "noise logger", kind: .waterLeak, quantities: [(.noise, { 30 + 9 * course($0) })], stepS: 900),
            Street(
                name: "service meter", kind: .waterLeak, quantities: [(.meterFlow, { 20 * course($0) - 2 })],
                stepS: 3600),
            Street(name: "wet contact", kind: .waterLeak, quantities: [(.wetness, { _ in 0 })], stepS: 3600),
            Street(name: "any other series", kind: .generic, quantities: [(.generic, { 5 + course($0) })], stepS: 300),
        ]

        /// What monitors hold of the heap once each quantity has spoken for two days: nothing grows after that.
        func bytes(_ sensors: Int) throws -> Double {
            let before = creferences_heap_bytes()
            let monitors = filled(sensors)
            let after = creferences_heap_bytes()
            guard monitors.count == sensors, after > before else { throw WrongAnswer("the heap has shrunk by \(name)") }
            return Double(after - before) / Double(sensors)
        }

        private func filled(_ sensors: Int) -> [SensorMonitor] {
            let parameters = SharedParameters(DetectionParameters())
            var monitors = Array(
                repeating: SensorMonitor(kind: kind, zone: .utc, parameters: parameters), count: sensors)
            var verdicts: [Verdict] = []
            for index in monitors.indices {
                feed(&monitors[index], fromS: 0, toS: 2 * 86_400, index, &verdicts)
            }
            return monitors
        }

        func nanoseconds(days: Int, sensors: Int) -> Double {
            var monitors = filled(sensors)
            var verdicts: [Verdict] = []
            let toS = Int64(days + 2) * 86_400
            let time = seconds {
                for index in monitors.indices { feed(&monitors[index], fromS: 2 * 86_400, toS: toS, index, &verdicts) }
            }
            let readings = Int64(sensors * quantities.count) * Int64(days) * 86_400 / stepS
            return time * 1e9 / Double(readings)
        }

        private func feed(
            _ monitor: inout SensorMonitor, fromS: Int64, toS: Int64, _ number: Int, _ verdicts: inout [Verdict]
        ) {
            var random = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
            for atS in stride(from: fromS, to: toS, by: Int64.Stride(stepS)) {
                for (quantity, value) in quantities {
                    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    let noise = quantity == .wetness ? 0 : Double(random >> 56) / 256
                    // A Monday in May.
                    let atMs = 1_777_852_800_000 + atS * 1000
                    monitor.observe(
                        Reading(
                            sensor: SensorIndex(rawValue: 0), quantity: quantity, observedAtMs: atMs, arrivedAtMs: atMs,
                            value: max(0, value(Double(atS) / 86_400) + noise)), active: [], into: &verdicts)
                }
                verdicts.removeAll(keepingCapacity: true)
            }
        }
    }
}
