import Detection
import Readings

/// A district's inflow, quarter by quarter: quiet nights, two peaks, other weekends, noise.
struct District {
    var street: Street
    private var random: Random
    private var quarter: Int64 = 0
    private let zone: ZoneTable
    private let startMs: Int64

    /// Mean flow, m³/h.
    static let mean = 50.0

    init(seed: UInt64 = 1, zone: ZoneTable = .utc, startMs: Int64 = .monday) {
        street = Street(.waterLeak, zone: zone)
        random = Random(seed: seed)
        self.zone = zone
        self.startMs = startMs
    }

    var nowMs: Int64 { startMs + quarter * 15 * .minute }
    /// Days since the start.
    var day: Double { Double(quarter) / 96 }

    /// Lets hours pass. `extra`: added flow; `like`: the day type that people live; nil values are not sent.
    mutating func pass(
        hours: Double, extra: Double = 0, like dayType: DayType? = nil, every quarters: Int64 = 1,
        sent: (Double) -> Double? = { $0 }
    ) {
        for _ in 0..<Int(hours * 4) {
            let local = LocalTime(atMs: nowMs, in: zone)
            let usual = Self.curve(Double(local.secondOfDay) / 3600, dayType ?? local.dayType)
            let value = usual * (1 + 0.05 * random.normal()) + 0.4 * random.normal() + extra
            let isDue = quarter.isMultiple(of: quarters)
            if isDue, let value = sent((value * 100).rounded() / 100) { street.send(.flow, value, atMs: nowMs) }
            quarter += 1
        }
    }

    mutating func pass(days: Double, extra: Double = 0) { pass(hours: days * 24, extra: extra) }

    private static func curve(_ hour: Double, _ dayType: DayType) -> Double {
        func peak(at center: Double, _ height: Double, _ width: Double) -> Double {
            let x = (hour - center) / width
            return height / (1 + x * x * x * x)
        }
        let morning = dayType == .workday ? peak(at: 7.5, 45, 1.6) : peak(at: 10.5, 45, 2.4)
        return 22 + morning + peak(at: 19.5, 40, 2.8) + peak(at: 13, 18, 4)
    }
}
