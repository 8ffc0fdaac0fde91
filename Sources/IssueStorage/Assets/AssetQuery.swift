public import Open311
public import Readings

/// Which assets to read. Conditions that are given must all hold.
public struct AssetQuery: Sendable, Equatable {
    public var box: GeoBox?
    public var kinds: [String]?
    /// Only the asset of this id.
    public var id: String?
    /// Sensors of these kinds tell nobody what they stand at: their siting is sensitive.
    public var hiddenSensors: Set<SensorKind> = []
    /// At most so many, by id.
    public var limit = AssetQuery.mostRows
    public var offset = 0

    public init() {}

    public static let mostRows = 1000

    /// ``hiddenSensors`` for those who may not know what services keep back.
    public static func hiddenSensors(_ catalog: ServiceCatalog) -> Set<SensorKind> {
        let hidden = Set(catalog.notFoundByPlace)
        return Set(SensorKind.allCases.filter { $0.service.map(hidden.contains) ?? false })
    }
}

extension SensorKind {
    /// The service that requests about what such a sensor watches belong to.
    fileprivate var service: ServiceCode? {
        switch self {
        case .waterLeak: .waterLeak
        case .traffic: .trafficAnomaly
        case .binFill: .binFull
        case .generic: nil
        }
    }
}
