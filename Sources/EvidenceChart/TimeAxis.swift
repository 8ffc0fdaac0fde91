internal import Detection
internal import Readings
internal import TimeBase

/// Round local times along an axis of event times.
struct TimeAxis: Equatable {
    struct Tick: Equatable {
        var atMs: Int64
        var label: String
        /// Whether a local day begins: drawn stronger, with its date.
        var isDay: Bool
    }

    let ticks: [Tick]

    /// - Parameter count: How many labels there is room for.
    init(fromMs: Int64, toMs: Int64, zone: ZoneTable, count: Int) {
        let minute: Int64 = 60_000
        let span = toMs - fromMs
        let steps: [Int64] = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200].map { $0 * minute }
        let step = steps.first { span / $0 <= Int64(max(1, count)) } ?? 10 * steps[steps.count - 1]
        var ticks: [Tick] = []
        // On the local clock: through the change of clocks the hours stay round.
        var local = Self.local(fromMs, zone) / step * step
        let last = Self.local(toMs, zone) + step
        while local <= last {
            let atMs = Self.instant(local, zone)
            if (fromMs...toMs).contains(atMs), atMs > ticks.last?.atMs ?? .min {
                let isDay = local % (1440 * minute) == 0
                ticks.append(Tick(atMs: atMs, label: isDay ? Self.date(local) : Self.clock(local), isDay: isDay))
            }
            local += step
        }
        self.ticks = ticks
    }

    /// Local milliseconds since 1970.
    private static func local(_ ms: Int64, _ zone: ZoneTable) -> Int64 {
        ms + Int64(zone.offsetSeconds(atMs: ms)) * 1000
    }

    /// The instant at which local clocks show this; of two, the later.
    private static func instant(_ local: Int64, _ zone: ZoneTable) -> Int64 {
        let guess = local - Int64(zone.offsetSeconds(atMs: local)) * 1000
        return local - Int64(zone.offsetSeconds(atMs: guess)) * 1000
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func date(_ local: Int64) -> String {
        let date = CivilDate(daysSinceEpoch: Int(local / 86_400_000))
        return "\(weekdays[date.weekday - 1]) \(date.day) \(months[date.month - 1])"
    }

    static func clock(_ local: Int64) -> String {
        let minutes = Int(local / 60_000 % 1440)
        return "\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"
    }

    /// `Fri 1 May 02:10`, by the clock of the place.
    static func moment(_ ms: Int64, _ zone: ZoneTable) -> String {
        let local = local(ms, zone)
        return "\(date(local)) \(clock(local))"
    }

    /// `UTC+1`, `UTC−3:30`.
    static func offset(_ ms: Int64, _ zone: ZoneTable) -> String {
        let minutes = zone.offsetSeconds(atMs: ms) / 60
        guard minutes != 0 else { return "UTC" }
        let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
        return "UTC\(minutes < 0 ? "−" : "+")\(hours)" + (rest == 0 ? "" : ":\(rest < 10 ? "0" : "")\(rest)")
    }
}
