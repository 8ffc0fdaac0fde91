/// The stretches of days that are compared: the one asked about, and those of the same length before it.
///
/// ```
///     … ──┤ 2 ├──┤ 1 ├──┤ 0 ├  now       each begins on the same weekday; days between are not looked at
/// ```
package struct HotspotWindows: Equatable {
    /// Length in days.
    let days: Int
    /// The day behind the last of window 0.
    let endDay: Int
    /// How much of window 0 has passed already: its last day is today.
    package let exposure: Double
    /// From one window's beginning to the next one's: whole weeks.
    package let stride: Int
    /// How many before window 0 give the level: half a year's, but at least eight.
    package let levels: Int

    package init(days: Int, toMs: Int64) {
        self.days = days
        let today = ISOWeek.day(toMs - 1)
        endDay = today + 1
        let passed = Double(toMs - Int64(today) * 86_400_000) / 86_400_000
        exposure = (Double(days - 1) + passed) / Double(days)
        stride = (days + 6) / 7 * 7
        levels = max(8, 182 / stride)
    }

    /// The first day of window `number`, `earlier` days earlier.
    package func startDay(_ number: Int, earlier: Int = 0) -> Int { endDay - days - number * stride - earlier }

    /// How much of each window that a baseline is made of may have had requests, when none could be raised before a day: all or
    /// nothing, but the present one always.
    func exposures(sinceDay firstDay: Int) -> [Double] {
        (0..<levels + 2).map { $0 == 0 || startDay($0) >= firstDay ? 1 : 0 }
    }

    /// How many requests `series` has in each of the windows 0 to `count` − 1.
    package func counts(of series: DaySeries, windows count: Int, earlier: Int = 0) -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        for entry in series.entries {
            let age = endDay - earlier - 1 - entry.day
            guard age >= 0 else { continue }
            let number = age / stride
            if number < count, age % stride < days { counts[number] += entry.count }
        }
        return counts
    }
}
