public import Readings
internal import TimeBase

/// A made-up city's sensors inside the real wards, and everything they would measure at any time.
///
/// ```
/// seed, wards, recordings ─▶ devices ─▶ sensors (the registry)
///                              │
///            script of events ─┴─▶ readings(from:to:) ─▶ a pipeline
///                                  messages(from:to:) ─▶ a broker
/// ```
/// Nothing is stored but one compact record a device: a value is computed from the seed, the device and the moment, so
/// the same seed gives the same bytes, in whichever order and however often they are asked for.
///
/// Wards are real; streets, assets and readings are invented, except what ``RecordedSeries`` replay. A program that
/// shows the city shows ``notice`` with it.
public struct SyntheticCity: Sendable {
    public let seed: UInt64
    public let population: CityPopulation
    /// When the demo goes live, in milliseconds since the Unix epoch. The script's times are relative to it.
    public let liveStartMs: Int64
    /// What happens in this city.
    public private(set) var script: EventScript
    /// Seconds from UTC to the local clock at a moment.
    public let offsetSeconds: @Sendable (Int64) -> Int

    let ground: CityGround
    let recorded: [RecordedSeries]
    private(set) var devices: [CityDevice] = []
    /// The first device of each sort, and the end.
    private(set) var bounds: [Int] = []
    /// The gateways' devices: gateway `g` hears `byGateway[g * size ..< (g + 1) * size]`.
    private(set) var byGateway: [Int32] = []

    /// Places every device and writes the script.
    ///
    /// - Parameters:
    ///   - recorded: real recordings that drive some traffic stations.
    ///   - liveStartMs: when the demo's live time begins; history lies before it. Cut to a whole minute.
    ///   - offsetSeconds: the local clock, by default the United Kingdom's.
    ///   - hasEvents: without events the city has nothing but ordinary days.
    /// - Complexity: O(sensors · log sensors); a million take about a second and 80 MB.
    public init(
        seed: UInt64, wards: WardMap, recorded: [RecordedSeries] = [], population: CityPopulation = CityPopulation(),
        liveStartMs: Int64, hasEvents: Bool = true,
        offsetSeconds: @escaping @Sendable (Int64) -> Int = { UnitedKingdomTime.offsetSeconds(atMs: $0) }
    ) {
        self.seed = seed
        self.population = population
        self.liveStartMs = floorDivide(liveStartMs, 60_000) * 60_000
        self.offsetSeconds = offsetSeconds
        self.recorded = recorded
        ground = CityGround(wards)
        script = EventScript(seed: seed, liveStartMs: self.liveStartMs)
        var builder = CityBuilder(seed: seed, ground: ground, population: population, recorded: recorded)
        builder.placeAll()
        (devices, bounds) = (builder.devices, builder.bounds)
        byGateway = GatewayPlan.assign(&devices, perGateway: population.sensorsPerGateway)
        if hasEvents { script.write(for: self) }
    }

    public var sensorCount: Int { devices.count }

    public var gatewayCount: Int {
        (devices.count + population.sensorsPerGateway - 1) / population.sensorsPerGateway
    }

    /// What must stand wherever the city is shown.
    public static let notice = """
        A synthetic city: streets, assets and readings are invented; some traffic stations replay recordings \
        (Numenta Anomaly Benchmark, Caltrans PeMS). Ward outlines: UK-GeoJSON by Martin Chorley (CC BY 4.0), contains \
        Ordnance Survey data © Crown copyright and database right 2014.
        """

    /// The devices of one sort.
    func range(of sort: DeviceSort) -> Range<Int> { bounds[sort.rawValue]..<bounds[sort.rawValue + 1] }

    /// The devices that a gateway hears, in order.
    func sensors(ofGateway gateway: Int) -> [Int] {
        let first = gateway * population.sensorsPerGateway
        let end = min(first + population.sensorsPerGateway, byGateway.count)
        return byGateway[first..<end].map { Int($0) }.sorted()
    }

    func moment(atMs: Int64) -> LocalMoment { LocalMoment(atMs: atMs, offsetSeconds: offsetSeconds(atMs)) }
}
