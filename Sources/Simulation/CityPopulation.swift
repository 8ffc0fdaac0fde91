/// How many sensors of each sort a synthetic city has.
///
/// The defaults make 596 sensors, and four recorded stations beside them make 600.
public struct CityPopulation: Sendable, Equatable {
    /// Pipe zones: one inlet flow meter each.
    public var zones = 24
    /// Pressure loggers in each zone.
    public var pressuresPerZone = 2
    /// Acoustic loggers, spread over the zones.
    public var noiseLoggers = 60
    /// Meters of single buildings, spread over the zones.
    public var meters = 40
    /// Wetness contacts in valve chambers, spread over the zones.
    public var wetContacts = 24
    /// Traffic stations, spread over corridors.
    public var stations = 120
    /// Stations on one corridor, from its upstream end to its downstream end.
    public var stationsPerCorridor = 10
    public var bins = 280
    /// Sensors that one radio gateway hears.
    public var sensorsPerGateway = 40

    public init() {}

    /// A city of about `count` sensors with the default mix, for load tests. Never fewer than one of each sort.
    public init(sensors count: Int) {
        let usual = CityPopulation()
        let scale = Double(count) / Double(usual.count)
        func scaled(_ number: Int) -> Int { max(1, Int((Double(number) * scale).rounded())) }
        zones = scaled(usual.zones)
        noiseLoggers = scaled(usual.noiseLoggers)
        meters = scaled(usual.meters)
        wetContacts = scaled(usual.wetContacts)
        stations = scaled(usual.stations)
        let rest = zones * (1 + pressuresPerZone) + noiseLoggers + meters + wetContacts + stations
        bins = max(1, count - rest)
    }

    /// All of them, without recorded stations.
    public var count: Int {
        zones * (1 + pressuresPerZone) + noiseLoggers + meters + wetContacts + stations + bins
    }

    var corridors: Int { (stations + stationsPerCorridor - 1) / stationsPerCorridor }
}
