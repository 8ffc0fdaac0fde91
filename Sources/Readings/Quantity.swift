/// What a reading measures, and with it the one unit that ``Reading/value`` has inside Sluice.
///
/// The raw number is stored and crosses the ring; never renumber.
public enum Quantity: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// Flow into a zone, m³/h.
    case flow = 1
    /// Pressure head, m of water.
    case pressure = 2
    /// Acoustic level at a leak logger, dB.
    case noise = 3
    /// Flow through one customer's meter, L/h.
    case meterFlow = 4
    /// A wetness contact: 0 dry, 1 wet.
    case wetness = 5
    /// Vehicles per hour.
    case vehicleFlow = 6
    /// Share of time that a detector is covered, percent.
    case occupancy = 7
    /// Mean speed, km/h.
    case speed = 8
    /// Fill level, percent of the bin's depth.
    case fill = 9
    /// Degrees Celsius.
    case temperature = 10
    /// 0 upright, 1 tilted.
    case tilt = 11
    /// Battery charge, percent.
    case battery = 12
    /// Any other number, in the sensor's own unit.
    case generic = 13
    /// What has run through a meter since it was made, m³: a total that only grows.
    case volume = 14
    /// Vehicles per hour of one part of an interval that comes in several messages; see ``RouteParts``.
    case vehicleFlowPart = 15
    /// The same part's vehicles per hour times their mean speed in km/h, so that parts can be added.
    case speedPart = 16

    /// The name of the metric in payloads, registry and CSV files. It carries its unit.
    public var name: String {
        switch self {
        case .flow: "flow_m3h"
        case .pressure: "pressure_m"
        case .noise: "noise_db"
        case .meterFlow: "flow_lph"
        case .wetness: "wet"
        case .vehicleFlow: "flow_vph"
        case .occupancy: "occupancy_pct"
        case .speed: "speed_kmh"
        case .fill: "fill_pct"
        case .temperature: "temperature_c"
        case .tilt: "tilt"
        case .battery: "battery_pct"
        case .generic: "value"
        case .volume: "volume_m3"
        case .vehicleFlowPart: "flow_part_vph"
        case .speedPart: "speed_part"
        }
    }

    /// The unit of ``Reading/value``, as people write it.
    public var unit: MeasurementUnit {
        switch self {
        case .flow: .cubicMetrePerHour
        case .pressure: .metreOfWater
        case .noise: .decibel
        case .meterFlow: .litrePerHour
        case .wetness, .tilt: .boolean
        case .vehicleFlow, .vehicleFlowPart: .vehiclePerHour
        case .occupancy, .fill, .battery: .percent
        case .speed: .kilometrePerHour
        case .temperature: .celsius
        case .generic, .speedPart: .none
        case .volume: .cubicMetre
        }
    }

    /// Whether it is a part of something, to be put together before anybody judges it.
    public var isPart: Bool { self == .vehicleFlowPart || self == .speedPart }

    /// The quantity whose ``name`` this is.
    public init?(name: String) {
        guard let quantity = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = quantity
    }
}
