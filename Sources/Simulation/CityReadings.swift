internal import TimeBase

extension SyntheticCity {
    /// Every reading measured in `fromMs ..< toMs`, ordered by time and then by sensor, made as they are asked for.
    ///
    /// Two weeks of 600 sensors are about two million readings.
    public func readings(fromMs: Int64, toMs: Int64) -> CityReadings {
        CityReadings(city: self, fromMs: fromMs, toMs: toMs)
    }
}

/// A span of the city's time, as readings. Each iteration gives the same ones.
public struct CityReadings: Sequence, Sendable {
    let city: SyntheticCity
    let fromMs: Int64
    let toMs: Int64

    public func makeIterator() -> Iterator { Iterator(walk: CityWalk(city: city, fromMs: fromMs, toMs: toMs)) }

    public struct Iterator: IteratorProtocol {
        private var walk: CityWalk
        private var sample = CitySample()
        private var taken = 0

        init(walk: CityWalk) { self.walk = walk }

        public mutating func next() -> CityReading? {
            while taken == sample.count {
                guard let next = walk.next() else { return nil }
                (sample, taken) = (next, 0)
            }
            defer { taken += 1 }
            return CityReading(
                sensor: walk.sensor, quantity: sample.quantity(taken), observedAtMs: walk.moment.atMs,
                value: sample.value(taken))
        }
    }
}

/// Walks through the city tick by tick and sensor by sensor.
struct CityWalk {
    let city: SyntheticCity
    private let toMs: Int64
    private(set) var moment: LocalMoment
    /// The sensor of the latest sample.
    private(set) var sensor = -1
    /// What is left of this tick: ranges of sensors, the next one last.
    private var due: [Range<Int>] = []
    private var effects: CityEffects
    private var effectsUntilMs: Int64

    init(city: SyntheticCity, fromMs: Int64, toMs: Int64) {
        self.city = city
        self.toMs = toMs
        let tickMs = DeviceSort.tickMs
        let first = floorDivide(fromMs + tickMs - 1, tickMs) * tickMs
        moment = city.moment(atMs: first)
        (effects, effectsUntilMs) = city.effects(atMs: first)
        due = first < toMs ? city.due(atMs: first) : []
    }

    /// The next device's sample, or nil when the span is over. A silent device's sample is empty.
    mutating func next() -> CitySample? {
        while due.isEmpty {
            guard advance() else { return nil }
        }
        sensor = due[due.count - 1].lowerBound
        let rest = (sensor + 1)..<due[due.count - 1].upperBound
        if rest.isEmpty { due.removeLast() } else { due[due.count - 1] = rest }
        return city.sample(sensor, at: moment, effects: effects)
    }

    private mutating func advance() -> Bool {
        let atMs = moment.atMs + DeviceSort.tickMs
        guard atMs < toMs else { return false }
        moment = city.moment(atMs: atMs)
        if atMs >= effectsUntilMs { (effects, effectsUntilMs) = city.effects(atMs: atMs) }
        due = city.due(atMs: atMs)
        return true
    }
}

extension SyntheticCity {
    /// The sensors that measure at this tick, as ranges with the highest first.
    func due(atMs: Int64) -> [Range<Int>] {
        DeviceSort.allCases.reversed()
            .filter { floorModulo(atMs, $0.intervalS * 1000) == 0 }
            .map { range(of: $0) }
            .filter { !$0.isEmpty }
    }

    /// The effects of the events at a time, and until when they are all the effects there are.
    func effects(atMs: Int64) -> (CityEffects, untilMs: Int64) {
        let (events, untilMs) = script.events(around: atMs)
        return (CityEffects(of: events, in: self), untilMs)
    }
}
