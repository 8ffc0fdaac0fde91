/// What finding trouble early saves.
public enum SavedUnit: Int64, Sendable, CaseIterable {
    case litres = 1
    case vehicleHours = 2

    /// As in `/api/measures`.
    public var name: String {
        switch self {
        case .litres: "litres"
        case .vehicleHours: "vehicle_hours"
        }
    }

    /// The estimates that are a loss by the hour, by their names.
    init?(estimate name: String) {
        switch name {
        case "litres_per_hour": self = .litres
        case "vehicle_hours_per_hour": self = .vehicleHours
        default: return nil
        }
    }
}

/// An amount with its bounds.
public struct Amount: Sendable, Equatable {
    public var value, low, high: Double

    public init(value: Double, low: Double, high: Double) { (self.value, self.low, self.high) = (value, low, high) }
}
