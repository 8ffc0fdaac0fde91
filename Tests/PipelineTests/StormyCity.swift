import Detection
import Foundation
import Incidents
import Open311
import Pipeline
import Readings
import Simulation

/// A small city's stream as a daemon meets it: late, repeated, contradicted, with clocks ahead and connections that drop.
struct StormyCity {
    enum Step {
        case speak(sensor: Int, Reading)
        case tick(atMs: Int64)
        case connection(isUp: Bool, source: Int, atMs: Int64)
        /// Somebody says something, at random.
        case say(UInt64, atMs: Int64)
    }

    static let liveStartMs = Timestamp.parse("2026-03-18T10:00:00Z") ?? 0
    static let dayMs: Int64 = 86_400_000

    let city: SyntheticCity
    private(set) var steps: [Step] = []

    /// - Parameter days: days before and after the city's eventful first one.
    /// - Parameter hasPeople: whether people say something, too.
    init(seed: UInt64, days: ClosedRange<Int64> = -14...2, hasPeople: Bool = false) {
        var population = CityPopulation()
        (population.zones, population.pressuresPerZone, population.noiseLoggers) = (3, 1, 3)
        (population.meters, population.wetContacts, population.stations, population.bins) = (3, 3, 10, 12)
        population.sensorsPerGateway = 8
        city = SyntheticCity(
            seed: seed, wards: Self.wards, population: population, liveStartMs: Self.liveStartMs)
        var random = SeededGenerator(seed: seed)
        write(
            fromMs: Self.liveStartMs + days.lowerBound * Self.dayMs,
            toMs: Self.liveStartMs + days.upperBound * Self.dayMs, hasPeople: hasPeople, &random)
    }

    private static let wards: WardMap = {
        do {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../fixtures/birmingham-wards.geojson").standardized
            let text = try [UInt8](Data(contentsOf: file))
            return try WardMap(geoJSON: text.span)
        } catch {
            fatalError("the wards can't be read: \(error)")
        }
    }()

    func configuration(_ change: (inout PipelineConfiguration) -> Void = { _ in }) -> PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.registry = city.sensors
        // Saved often and in crumbs, so that the stream has moved on from slice to slice.
        configuration.stateIntervalMs = 7_200_000
        configuration.stateBytesPerEntry = .max
        configuration.stateSteps.sensorsPerSlice = 3
        (configuration.stateSteps.bytesPerTick, configuration.stateSteps.bytesPerBatch) = (1, 1)
        // A little less than the quickest sensors send.
        configuration.readingsPerSecond = 0.0095
        configuration.readingBurst = 9
        var both = Routing.Rule(service: .waterLeak)
        both.parts = [.init(service: .trafficAnomaly, agency: "Highways")]
        configuration.routing.rules = [both]
        change(&configuration)
        return configuration
    }

    // MARK: Weather

    private mutating func write(fromMs: Int64, toMs: Int64, hasPeople: Bool, _ random: inout SeededGenerator) {
        var timed: [(atMs: Int64, step: Step)] = []
        let sensors = city.sensors
        // Some sensors are put up later; some neither say the time nor are heard for a while.
        let firstMs = sensors.indices.map { _ in
            random.nextUnit() < 0.2 ? fromMs + Int64(random.nextUnit() * Double(toMs - fromMs)) : fromMs
        }
        // Some sensors' clocks are set back by two days and stay there; they are orderly otherwise, or nobody could tell.
        let setBackMs = sensors.indices.map { _ in
            random.nextUnit() < 0.2 ? fromMs + Int64(random.nextUnit() * Double(toMs - fromMs)) : Int64.max
        }
        let isTimeless = sensors.indices.map { _ in random.nextUnit() < 0.1 }
        for reading in city.readings(fromMs: fromMs, toMs: toMs) where reading.observedAtMs >= firstMs[reading.sensor] {
            var arrivedAtMs = reading.observedAtMs + Int64(random.nextUnit() * 90_000)
            let isSetBack = reading.observedAtMs >= setBackMs[reading.sensor]
            if random.nextUnit() < 0.02, !isSetBack { arrivedAtMs += Int64(random.nextUnit() * 10_800_000) }
            var observedAtMs = reading.observedAtMs
            if random.nextUnit() < 0.002 { observedAtMs += 7_200_000 }
            if isSetBack { observedAtMs -= 2 * Self.dayMs }
            if isTimeless[reading.sensor] { observedAtMs = arrivedAtMs }
            for (value, share) in [(reading.value, 1), (reading.value, 0.03), (reading.value + 1, 0.005)] {
                guard share == 1 || random.nextUnit() < share && !isSetBack else { continue }
                let atMs = share == 1 ? arrivedAtMs : arrivedAtMs + Int64(random.nextUnit() * 3_600_000)
                let spoken = Reading(
                    sensor: SensorIndex(rawValue: 0), quantity: reading.quantity, observedAtMs: observedAtMs,
                    arrivedAtMs: atMs, value: value,
                    counter: isTimeless[reading.sensor] ? Int32(reading.observedAtMs / 60_000 % 1_000_000) : -1,
                    flags: isTimeless[reading.sensor] ? .arrivalTime : [], source: UInt8(1 + reading.sensor % 2))
                timed.append((atMs, .speak(sensor: reading.sensor, spoken)))
            }
        }
        for source in 1...2 { timed.append((fromMs, .connection(isUp: true, source: source, atMs: fromMs))) }
        for atMs in stride(from: fromMs, to: toMs, by: 60_000) { timed.append((atMs, .tick(atMs: atMs))) }
        for _ in 0..<12 {
            let source = random.next(in: 1..<3)
            let downMs = fromMs + Int64(random.nextUnit() * Double(toMs - fromMs))
            let upMs = downMs + Int64(random.nextUnit() * 7_200_000)
            timed.append((downMs, .connection(isUp: false, source: source, atMs: downMs)))
            timed.append((upMs, .connection(isUp: true, source: source, atMs: upMs)))
        }
        for atMs in stride(from: fromMs, to: hasPeople ? toMs : fromMs, by: 1_800_000) {
            let saidMs = atMs + Int64(random.nextUnit() * 1_800_000)
            timed.append((saidMs, .say(random.next(), atMs: saidMs)))
        }
        // Our own clock had been an hour ahead for a while.
        let wrongMs = fromMs + Int64(random.nextUnit() * Double(toMs - fromMs))
        for minute in 0..<3 {
            let atMs = wrongMs + Int64(minute) * 60_000
            timed.append((atMs, .tick(atMs: atMs + 3_600_000)))
        }
        // Stable: what comes at one time keeps its order.
        steps = timed.enumerated().sorted { ($0.element.atMs, $0.offset) < ($1.element.atMs, $1.offset) }
            .map(\.element.step)
    }
}
