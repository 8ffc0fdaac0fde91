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
}
