/// What a sensor watches over: the scorer's and the registry's `kind`.
///
/// The raw number is stored; never renumber.
public enum SensorKind: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case waterLeak = 1
    case traffic = 2
    case binFill = 3
    /// Any other numeric series.
    case generic = 4

    /// As in configuration, registry and payloads.
    public var name: String {
        switch self {
        case .waterLeak: "water-leak"
        case .traffic: "traffic"
        case .binFill: "bin-fill"
        case .generic: "generic"
        }
    }

    /// What sort of asset such a sensor stands at: ``Asset/kind``.
    public var assetKind: String {
        switch self {
        case .waterLeak: "main"
        case .traffic: "road"
        case .binFill: "bin"
        case .generic: "other"
        }
    }

    /// What a lone value of such a sensor measures, where neither route nor payload says.
    public var defaultQuantity: Quantity {
        switch self {
        case .waterLeak: .flow
        case .traffic: .speed
        case .binFill: .fill
        case .generic: .generic
        }
    }

    public init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}
