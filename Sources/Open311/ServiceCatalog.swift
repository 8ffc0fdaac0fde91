/// The services of a city, in the order in which they are listed.
public struct ServiceCatalog: Sendable, Equatable {
    public let services: [Service]
    private let places: [ServiceCode: Int]

    /// - Precondition: no two services have one code.
    public init(_ services: [Service]) {
        self.services = services
        places = Dictionary(uniqueKeysWithValues: services.enumerated().map { ($1.code, $0) })
    }

    /// nil: no such service.
    public subscript(code: ServiceCode) -> Service? { places[code].map { services[$0] } }

    /// The service of a request that is stored. One that has left the catalogue since is known by its code alone.
    public func named(_ code: ServiceCode) -> Service { self[code] ?? Service(code: code, name: code.rawValue) }

    /// nil also for a service that the public may not know of.
    public func published(code: ServiceCode) -> Service? {
        self[code].flatMap { $0.visibility == .hidden ? nil : $0 }
    }

    /// Those that the public may not know of.
    public var hidden: [ServiceCode] { services.filter { $0.visibility == .hidden }.map(\.code) }

    /// Those that the public may know of.
    public var published: [Service] { services.filter { $0.visibility != .hidden } }

    /// A service that keeps back as much as any; nil if none keeps anything back.
    public var mostSecretive: ServiceCode? {
        let most = services.max { $0.visibility < $1.visibility }
        return most.flatMap { $0.visibility == .open ? nil : $0.code }
    }

    /// Services that a question about a place must not find: boxes and circles that grow smaller would find the place out.
    public var notFoundByPlace: [ServiceCode] {
        services.filter {
            switch $0.visibility {
            case .open, .pseudonymous: false
            case .coarse, .hidden: true
            }
        }.map(\.code)
    }

    /// The four that Sluice's own rules file into. None demands attributes, so that people can report there too.
    public static let standard = ServiceCatalog([
        Service(
            code: .waterLeak, name: "Water leak",
            description: "Water escapes from a main, a service pipe or a fitting.", group: "water",
            keywords: ["sensor", "automatic", "leak", "burst"], agency: "Water"),
        Service(
            code: .trafficAnomaly, name: "Traffic anomaly",
            description: "Traffic is much slower or much lighter than is usual at this time of the week.",
            group: "highways", keywords: ["sensor", "automatic", "congestion", "incident"], agency: "Highways",
            // Where traffic is counted, and by which device, tells who can be watched.
            visibility: .pseudonymous),
        Service(
            code: .binFull, name: "Bin needs attention",
            description: "A public bin is full or about to be, has fallen over or is on fire.", group: "waste",
            keywords: ["sensor", "automatic", "bin", "waste", "fire"], agency: "Waste and Recycling"),
        Service(
            code: .sensorFault, name: "Sensor fault",
            description: "A street sensor or its gateway is silent, stuck or implausible.", group: "operations",
            keywords: ["sensor", "automatic", "fault"], agency: "Sensor Operations",
            // A fault names its sensor and where it stands, whatever that sensor watches: traffic, too.
            visibility: .pseudonymous),
    ])
}
