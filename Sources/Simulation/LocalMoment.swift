internal import TimeBase

/// A moment, and what the clock on the wall says then: computed once for all the sensors that measure at it.
public struct LocalMoment: Sendable, Equatable {
    /// Milliseconds since the Unix epoch.
    public let atMs: Int64
    /// Seconds on the local clock since local 1970-01-01 00:00.
    public let localS: Int64
    /// Local days since 1970-01-01.
    public let day: Int64
    /// Seconds since local midnight by the clock on the wall, 0 ..< 86 400.
    public let secondOfDay: Int64
    /// 0 is Monday, 6 is Sunday.
    public let weekday: Int

    public var isWeekend: Bool { weekday >= 5 }

    public init(atMs: Int64, offsetSeconds: Int) {
        self.atMs = atMs
        localS = floorDivide(atMs, 1000) + Int64(offsetSeconds)
        (day, secondOfDay) = (floorDivide(localS, 86_400), floorModulo(localS, 86_400))
        weekday = Int(floorModulo(day + 3, 7))  // day 0 was a Thursday
    }
}
