import Readings

/// The wards as the city's builder needs them: numbered, and with random positions to draw.
struct CityGround: Sendable {
    let names: [String]
    /// The names as ids carry them.
    let slugs: [[UInt8]]
    private let wards: WardMap

    /// - Precondition: there is a ward.
    init(_ wards: WardMap) {
        precondition(!wards.wards.isEmpty, "a city needs a ward")
        self.wards = wards
        names = wards.wards.map(\.name)
        slugs = wards.wards.map { Array(slug($0.name).utf8) }
    }

    var count: Int { names.count }

    /// The ward that holds a position, or nil outside the city.
    func ward(at position: Sensor.Position) -> Int? {
        wards.wards.indices.first { wards.wards[$0].contains(position) }
    }

    /// A position inside a ward: drawn from its box until one falls inside. Wards fill a third of their box or more.
    func randomPosition(inWard ward: Int, _ generator: inout SeededGenerator) -> Sensor.Position {
        let box = wards.wards[ward].bounds
        for _ in 0..<10_000 {
            let position = Sensor.Position(
                latitude: box.south + (box.north - box.south) * generator.nextUnit(),
                longitude: box.west + (box.east - box.west) * generator.nextUnit()
            ).rounded
            if wards.wards[ward].contains(position) { return position }
        }
        preconditionFailure("ward \(names[ward]) has an outline without an inside")
    }
}
