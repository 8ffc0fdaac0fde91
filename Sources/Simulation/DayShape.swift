internal import TimeBase

/// How something comes and goes over a day: 24 numbers, one for the middle of each hour, and straight lines between.
struct DayShape: Sendable {
    private let hours: [Double]

    init(_ hours: [Double]) {
        precondition(hours.count == 24, "a day has 24 hours, found \(hours.count)")
        self.hours = hours
    }

    /// The same shape with a mean of 1.
    init(normalising hours: [Double]) {
        let mean = hours.reduce(0, +) / Double(hours.count)
        self.init(hours.map { $0 / mean })
    }

    /// The value `second` seconds after local midnight; any number, the day is a circle.
    func value(atSecond second: Int64) -> Double {
        let (hour, rest) = (floorDivide(second - 1800, 3600), floorModulo(second - 1800, 3600))
        let index = Int(floorModulo(hour, 24))
        let share = Double(rest) / 3600
        return hours[index] * (1 - share) + hours[index == 23 ? 0 : index + 1] * share
    }

    /// Water that households draw on a working day: a low night, a peak at breakfast, another in the evening.
    static let waterWorkday = DayShape(normalising: [
        0.46, 0.38, 0.34, 0.33, 0.35, 0.48, 0.90, 1.36, 1.42, 1.26, 1.12, 1.06,
        1.04, 1.00, 0.96, 0.98, 1.10, 1.30, 1.44, 1.42, 1.30, 1.12, 0.88, 0.62,
    ])
    /// The same on Saturday and Sunday: everyone gets up later.
    static let waterWeekend = DayShape(normalising: [
        0.50, 0.41, 0.36, 0.34, 0.35, 0.44, 0.66, 1.02, 1.28, 1.37, 1.33, 1.24,
        1.16, 1.08, 1.02, 1.02, 1.08, 1.22, 1.36, 1.36, 1.26, 1.10, 0.90, 0.66,
    ])
    /// Vehicles on a working day, as a share of what the road can take.
    static let trafficWorkday = DayShape([
        0.07, 0.05, 0.04, 0.05, 0.09, 0.20, 0.42, 0.72, 0.78, 0.60, 0.52, 0.53,
        0.55, 0.55, 0.57, 0.64, 0.74, 0.80, 0.66, 0.48, 0.36, 0.28, 0.20, 0.12,
    ])
    static let trafficWeekend = DayShape([
        0.14, 0.10, 0.08, 0.06, 0.06, 0.09, 0.14, 0.22, 0.32, 0.42, 0.52, 0.58,
        0.60, 0.58, 0.56, 0.54, 0.52, 0.48, 0.42, 0.36, 0.30, 0.26, 0.22, 0.17,
    ])
    /// How likely a building draws water in this hour, 0 to 1.
    static let meterUse = DayShape([
        0.06, 0.02, 0.00, 0.00, 0.02, 0.15, 0.60, 0.92, 0.92, 0.80, 0.70, 0.70,
        0.75, 0.72, 0.68, 0.70, 0.80, 0.92, 0.95, 0.92, 0.85, 0.75, 0.50, 0.20,
    ])
    /// Street noise at an acoustic logger, 0 at night to 1.
    static let streetNoise = DayShape([
        0.04, 0.01, 0.00, 0.00, 0.03, 0.20, 0.55, 0.90, 1.00, 0.90, 0.85, 0.85,
        0.88, 0.88, 0.88, 0.92, 0.98, 1.00, 0.85, 0.65, 0.50, 0.35, 0.20, 0.10,
    ])
    /// How much is thrown away in each hour.
    static let waste = DayShape(normalising: [
        0.20, 0.12, 0.08, 0.06, 0.08, 0.20, 0.50, 0.90, 1.15, 1.20, 1.30, 1.55,
        1.90, 1.80, 1.60, 1.55, 1.60, 1.60, 1.40, 1.10, 0.80, 0.60, 0.45, 0.30,
    ])
}
