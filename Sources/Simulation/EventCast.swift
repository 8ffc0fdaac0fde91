/// Chooses whom the events happen to.
struct EventCast: Sendable {
    private let sorts: [Range<Int>]
    /// Corridors as ranges of stations, upstream to downstream.
    private let corridors: [Range<Int>]
    /// Sensors that the demo's dying gateway takes with it: nothing else happens to them in the written part.
    private(set) var doomed: Set<Int>
    /// The gateway of the written part.
    let gateway: Int
    private let gatewayCount: Int
    private var usedSensors: Set<Int> = []
    private var usedCorridors: Set<Int> = []
    private var usedZones: Set<Int> = []
    private var generator: SeededGenerator

    init(city: SyntheticCity) {
        sorts = DeviceSort.allCases.map { city.range(of: $0) }
        let stations = city.range(of: .traffic)
        let length = city.population.stationsPerCorridor
        corridors = stride(from: stations.lowerBound, to: stations.upperBound, by: length).map {
            $0..<min($0 + length, stations.upperBound)
        }
        generator = SeededGenerator(seed: SeededHash.key(city.seed, 3))
        gatewayCount = city.gatewayCount
        // A gateway that hears its full number; the walk's last may hear fewer.
        gateway = generator.next(in: 0..<max(1, gatewayCount - 1))
        doomed = Set(city.sensors(ofGateway: gateway))
    }

    /// Starts afresh with other choices, everyone free again.
    mutating func begin(key: UInt64) {
        generator = SeededGenerator(seed: key)
        usedSensors = []
        usedCorridors = []
        usedZones = []
    }

    /// A number in `0 ..< 1`.
    mutating func chance() -> Double { generator.nextUnit() }

    /// A sensor of this sort that nothing has happened to yet. When all have had their turn, any of them.
    mutating func sensor(_ sort: DeviceSort, where suits: (Int) -> Bool = { _ in true }) -> Int {
        let all = sorts[sort.rawValue]
        var choice = generator.next(in: all)
        for _ in 0..<200 {
            if !usedSensors.contains(choice) && !doomed.contains(choice) && suits(choice) { break }
            choice = generator.next(in: all)
        }
        usedSensors.insert(choice)
        return choice
    }

    /// Bins of one ward that nothing has happened to yet; of the wards that have so many, or else the most, chance picks one.
    mutating func binsOfOneWard(most: Int, _ ward: (Int) -> Int) -> [Int] {
        var byWard: [Int: [Int]] = [:]
        for bin in sorts[DeviceSort.bin.rawValue] where !usedSensors.contains(bin) && !doomed.contains(bin) {
            byWard[ward(bin), default: []].append(bin)
        }
        let number = min(most, byWard.values.map(\.count).max() ?? 0)
        let wards = byWard.filter { $0.value.count >= number }.keys.sorted()
        guard !wards.isEmpty else { return [] }
        let bins = byWard[wards[generator.next(in: 0..<wards.count)], default: []].prefix(number)
        usedSensors.formUnion(bins)
        return Array(bins)
    }

    /// A water zone whose inlet meter stays heard. Zones are numbered like the flow meters.
    mutating func zone() -> Int {
        let flows = sorts[DeviceSort.flow.rawValue]
        var choice = generator.next(in: flows)
        for _ in 0..<200 {
            if !usedZones.contains(choice) && !usedSensors.contains(choice) && !doomed.contains(choice) { break }
            choice = generator.next(in: flows)
        }
        usedZones.insert(choice)
        return choice - flows.lowerBound
    }

    /// A corridor nobody has queued on yet, most of whose stations stay heard, and five stations of its middle.
    mutating func corridor() -> (corridor: Int, stations: Range<Int>) {
        var choice = generator.next(in: 0..<corridors.count)
        for _ in 0..<200 {
            let middle = Self.middle(of: corridors[choice])
            if !usedCorridors.contains(choice) && !middle.contains(where: doomed.contains) { break }
            choice = generator.next(in: 0..<corridors.count)
        }
        usedCorridors.insert(choice)
        return (choice, Self.middle(of: corridors[choice]))
    }

    private static func middle(of stations: Range<Int>) -> Range<Int> {
        guard stations.count > 5 else { return stations }
        let first = stations.lowerBound + (stations.count - 5) / 2
        return first..<first + 5
    }

    /// Any event at all, for the time after the written part. Nothing longer than a day.
    mutating func improvise(startMs: Int64) -> CityEvent {
        func lasting(hours: Double) -> Int64 { startMs + Int64(hours * 3_600_000) }
        switch generator.next(in: 0..<12) {
        case 0:
            return CityEvent(
                .mainLeaks(zone: zone(), share: 0.25 + 0.25 * chance(), growsForMs: 0), startMs: startMs,
                endMs: lasting(hours: 14 + 8 * chance()))
        case 1, 2, 3: return congestion(startMs: startMs, endMs: lasting(hours: 0.7 + 1.8 * chance()))
        case 4, 5:
            return CityEvent(
                .binFills(sensor: sensor(.bin), fullAtMs: lasting(hours: 3 + 3 * chance())), startMs: startMs,
                endMs: lasting(hours: 12 + 8 * chance()))
        case 6:
            return CityEvent(
                .binBurns(sensor: sensor(.bin)), startMs: startMs, endMs: lasting(hours: 0.8 + chance()))
        case 7:
            return CityEvent(
                .stuck(sensor: sensor(.traffic)), startMs: startMs, endMs: lasting(hours: 4 + 10 * chance()))
        case 8:
            return CityEvent(
                .silent(sensor: sensor(.traffic)), startMs: startMs, endMs: lasting(hours: 2 + 8 * chance()))
        case 9:
            return CityEvent(
                .chamberFloods(sensor: sensor(.wet)), startMs: startMs, endMs: lasting(hours: 18 + 5 * chance()))
        case 10:
            return CityEvent(
                .gatewayDies(gateway: generator.next(in: 0..<gatewayCount)), startMs: startMs,
                endMs: lasting(hours: 3 + 6 * chance()))
        default:
            return CityEvent(
                .binTilts(sensor: sensor(.bin) { $0 % 2 == 0 }), startMs: startMs,
                endMs: lasting(hours: 2 + 6 * chance()))
        }
    }

    mutating func congestion(startMs: Int64, endMs: Int64, severity: Double = 0.72) -> CityEvent {
        let place = corridor()
        return CityEvent(
            .congestion(corridor: place.corridor, stations: place.stations, severity: severity), startMs: startMs,
            endMs: endMs)
    }
}
