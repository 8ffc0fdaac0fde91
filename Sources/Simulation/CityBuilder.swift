import Readings

/// Places the devices of a ``SyntheticCity``, sort by sort.
struct CityBuilder {
    let seed: UInt64
    let ground: CityGround
    let population: CityPopulation
    let recorded: [RecordedSeries]
    private var generator: SeededGenerator
    /// The wards in an order of the seed's, so that the zones don't go to the alphabet's first.
    private let wardOrder: [Int]
    /// Ids given so far, by prefix and ward.
    private var numbers: [[Int32]]
    private(set) var devices: [CityDevice] = []
    private(set) var bounds: [Int] = [0]

    init(seed: UInt64, ground: CityGround, population: CityPopulation, recorded: [RecordedSeries]) {
        (self.seed, self.ground, self.population, self.recorded) = (seed, ground, population, recorded)
        generator = SeededGenerator(seed: SeededHash.key(seed, 1))
        wardOrder = generator.shuffled(ground.count)
        numbers = Array(repeating: Array(repeating: 0, count: ground.count), count: DeviceSort.allCases.count)
    }

    mutating func placeAll() {
        let zones = population.zones
        placeInZones(.flow, count: zones) { 18 + 70 * $0.nextUnit() }
        placeInZones(.pressure, count: zones * population.pressuresPerZone) { 34 + 22 * $0.nextUnit() }
        placeInZones(.noise, count: population.noiseLoggers) { 18 + 12 * $0.nextUnit() }
        placeInZones(.meter, count: population.meters) { 40 + 260 * $0.nextUnit() }
        placeInZones(.wet, count: population.wetContacts) { _ in 0 }
        placeStations()
        placeRecorded()
        placeBins()
    }

    /// Spreads devices over the water zones; each zone lies in one ward.
    private mutating func placeInZones(
        _ sort: DeviceSort, count: Int, size: (inout SeededGenerator) -> Double
    ) {
        for index in 0..<count {
            let zone = index % population.zones
            let ward = wardOrder[zone % wardOrder.count]
            append(
                sort, ward: ward, group: zone, rank: index / population.zones, size: size(&generator),
                position: ground.randomPosition(inWard: ward, &generator))
        }
        bounds.append(devices.count)
    }

    private mutating func placeStations() {
        var left = population.stations
        for corridor in 0..<population.corridors {
            let count = min(left, population.stationsPerCorridor)
            left -= count
            let freeSpeed = 44 + 20 * generator.nextUnit()
            for (rank, place) in corridorPlaces(count: count, corridor: corridor).enumerated() {
                let own = freeSpeed * (0.94 + 0.12 * generator.nextUnit())
                append(.traffic, ward: place.ward, group: corridor, rank: rank, size: own, position: place.position)
            }
        }
        bounds.append(devices.count)
    }

    /// Stations about 350 m apart on a straight line that stays inside the city.
    private mutating func corridorPlaces(
        count: Int, corridor: Int
    ) -> [(position: Sensor.Position, ward: Int)] {
        let home = wardOrder[(corridor * 3 + 1) % wardOrder.count]
        for attempt in 0..<60 {
            let start = ground.randomPosition(inWard: home, &generator)
            // 350 m are 0.00315° of latitude, and at 52.5° north 0.00517° of longitude. Shorter when space is tight.
            let stride = attempt < 40 ? 1.0 : 0.4
            let (east, north) = (generator.nextUnit() * 2 - 1, generator.nextUnit() * 2 - 1)
            let length = (east * east + north * north).squareRoot()
            guard length > 0.1 else { continue }
            var places: [(position: Sensor.Position, ward: Int)] = []
            for index in 0..<count {
                let position = Sensor.Position(
                    latitude: start.latitude + Double(index) * stride * 0.00315 * north / length,
                    longitude: start.longitude + Double(index) * stride * 0.00517 * east / length
                ).rounded
                guard let ward = ground.ward(at: position) else { break }
                places.append((position, ward))
            }
            if places.count == count { return places }
        }
        return (0..<count).map { _ in (ground.randomPosition(inWard: home, &generator), home) }
    }

    private mutating func placeRecorded() {
        for (series, recording) in recorded.enumerated() {
            for station in 0..<recording.stations {
                let ward = wardOrder[(series * 7 + station * 2 + 5) % wardOrder.count]
                append(
                    .recorded, ward: ward, group: station, rank: series, size: 52,
                    position: ground.randomPosition(inWard: ward, &generator))
            }
        }
        bounds.append(devices.count)
    }

    private mutating func placeBins() {
        for index in 0..<population.bins {
            let ward = wardOrder[index % wardOrder.count]
            append(
                .bin, ward: ward, group: -1, rank: 0, size: 34 + 20 * generator.nextUnit(),
                position: ground.randomPosition(inWard: ward, &generator))
        }
        bounds.append(devices.count)
    }

    private mutating func append(
        _ sort: DeviceSort, ward: Int, group: Int, rank: Int, size: Double, position: Sensor.Position
    ) {
        // Recorded stations share the prefix of the others, and so their count.
        let prefix = sort == .recorded ? DeviceSort.traffic.rawValue : sort.rawValue
        numbers[prefix][ward] += 1
        devices.append(
            CityDevice(
                sort: sort, ward: Int32(ward), number: numbers[prefix][ward], group: Int32(group), rank: Int32(rank),
                position: position, key: SeededHash.key(seed, Int64(devices.count) + 1000), size: size))
    }
}

extension SeededGenerator {
    /// The numbers below `count` in a random order (Fisher–Yates).
    mutating func shuffled(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for index in order.indices.dropLast() { order.swapAt(index, next(in: index..<count)) }
        return order
    }
}

extension Sensor.Position {
    /// To 0.000 01°, about a metre, as registries write positions.
    var rounded: Sensor.Position {
        Sensor.Position(
            latitude: (latitude * 100_000).rounded() / 100_000, longitude: (longitude * 100_000).rounded() / 100_000)
    }
}
