import Readings

/// The sorts of device in the city. Sensors of one sort have consecutive numbers, in this order.
enum DeviceSort: Int, CaseIterable, Sendable {
    case flow, pressure, noise, meter, wet, traffic, recorded, bin

    /// The first part of the sensor's id.
    var prefix: StaticString {
        switch self {
        case .flow: "flow"
        case .pressure: "pressure"
        case .noise: "noise"
        case .meter: "meter"
        case .wet: "wet"
        case .traffic, .recorded: "traffic"
        case .bin: "bin"
        }
    }

    var kind: SensorKind {
        switch self {
        case .flow, .pressure, .noise, .meter, .wet: .waterLeak
        case .traffic, .recorded: .traffic
        case .bin: .binFill
        }
    }

    /// The kind's name, as topics carry it.
    var kindName: StaticString {
        switch kind {
        case .waterLeak: "water-leak"
        case .traffic: "traffic"
        case .binFill: "bin-fill"
        case .generic: "generic"
        }
    }

    /// Seconds from one measurement to the next. All divide the hour, and all are whole numbers of ticks.
    var intervalS: Int64 {
        switch self {
        case .traffic, .recorded: 300
        case .flow, .pressure: 900
        case .noise, .bin: 1800
        case .meter, .wet: 3600
        }
    }

    /// The city's devices measure at whole multiples of their interval, so nothing happens between ticks.
    static let tickMs: Int64 = 300_000
}

/// One device, as compact as a city of a million needs; the registry's ``Sensor`` is made from it when asked for.
struct CityDevice: Sendable {
    var sort: DeviceSort
    /// Index of the ward that holds it.
    var ward: Int32
    /// Counts the devices of one id prefix in one ward, from 1.
    var number: Int32
    /// Water zone or corridor; -1 for bins; for recorded stations, which of the recording's stations.
    var group: Int32
    /// Place along the corridor from 0, which pressure point of the zone, or which recording.
    var rank: Int32
    var gateway: Int32 = -1
    var position: Sensor.Position
    /// Names the sequences of random numbers that are this device's own.
    var key: UInt64
    /// Mean, quiet level, free speed, fill when emptied: by sort.
    var size: Double
}
