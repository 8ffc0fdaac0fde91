/// What a quantity does in an ordinary week: day and night, working days and weekends, and noise.
///
/// A value depends on nothing but the pattern and the moment, so any moment can be asked for on its own.
/// The three traffic patterns of one station agree with each other when they share keys and size.
public struct WeeklyPattern: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Flow into a water zone, m³/h. Size: its mean.
        case waterFlow = "water-flow"
        /// Pressure in a water zone, m. Size: its mean.
        case waterPressure = "water-pressure"
        /// Level at an acoustic logger, dB. Size: the level of a quiet night.
        case leakNoise = "leak-noise"
        /// Flow through one building's meter, L/h. Size: about what it draws in a busy hour.
        case meterFlow = "meter-flow"
        /// A contact that stays dry: 0. The size has no meaning.
        case dry = "dry"
        /// Mean speed, km/h. Size: the speed on an empty road.
        case trafficSpeed = "traffic-speed"
        /// Occupancy, percent. Size: the speed on an empty road, km/h.
        case trafficOccupancy = "traffic-occupancy"
        /// Vehicles per hour. Size: the speed on an empty road, km/h.
        case trafficFlow = "traffic-flow"
        /// Fill of a bin that is emptied every fourth day, percent. Size: its fill when it is emptied, about.
        case binFill = "bin-fill"
        /// Temperature in a bin, °C. Size: the mean of a mild season.
        case binTemperature = "bin-temperature"
    }

    public var kind: Kind
    public var size: Double
    /// Chooses the noise and the small habits of one sensor.
    public var key: UInt64
    /// Chooses what the sensors of one water zone or one corridor share.
    public var groupKey: UInt64

    public init(_ kind: Kind, size: Double, key: UInt64, groupKey: UInt64) {
        (self.kind, self.size, self.key, self.groupKey) = (kind, size, key, groupKey)
    }

    /// The value at `moment`, rounded as devices round.
    public func value(at moment: LocalMoment) -> Double {
        switch kind {
        case .waterFlow: WaterPattern.flow(mean: size, zoneKey: groupKey, at: moment)
        case .waterPressure: WaterPattern.pressure(mean: size, zoneKey: groupKey, key: key, at: moment)
        case .leakNoise: WaterPattern.noise(quiet: size, key: key, at: moment)
        case .meterFlow: WaterPattern.meter(busy: size, key: key, at: moment)
        case .dry: 0
        case .trafficSpeed: traffic(at: moment).speed
        case .trafficOccupancy: traffic(at: moment).occupancy
        case .trafficFlow: traffic(at: moment).flow
        case .binFill: BinPattern(key: key, periodDays: 4, weekdayPhase: 0, full: size).fill(at: moment)
        case .binTemperature: BinPattern.temperature(mean: size, key: key, at: moment)
        }
    }

    private func traffic(at moment: LocalMoment) -> TrafficState {
        TrafficPattern(freeSpeed: size, capacity: 1200, corridorKey: groupKey, key: key).state(at: moment)
    }
}

extension Double {
    /// To a number of decimals, as the device's payload carries it: the nearest double to that decimal number.
    func rounded(decimals: Int) -> Double {
        switch decimals {
        case 0: rounded()
        case 1: (self * 10).rounded() / 10
        default: (self * 100).rounded() / 100
        }
    }
}
