/// How much more happens at this time of the year than in the half year before, as one and two years ago in the whole city:
/// one place alone has too few requests to tell.
package enum SeasonFactor {
    /// Requests that say "no season" and weigh in until there are many more that say otherwise.
    private static let caution = 50.0

    /// 1 until there is a year and a half of history.
    package static func factor(city: DaySeries, windows: HotspotWindows) -> Double {
        guard let firstDay = city.entries.first?.day else { return 1 }
        var (found, expected) = (0.0, 0.0)
        for years in 1...2 {
            let earlier = years * 364
            guard windows.startDay(windows.levels, earlier: earlier) >= firstDay else { break }
            // The same weeks and three to either side.
            let around = (-3...3).map { weeks in
                windows.counts(of: city, windows: 1, earlier: earlier + weeks * 7)[0]
            }
            let before = windows.counts(of: city, windows: windows.levels + 1, earlier: earlier).dropFirst()
            found += Double(around.reduce(0, +))
            expected += Double(before.reduce(0, +)) / Double(windows.levels) * Double(around.count)
        }
        return (found + caution) / (expected + caution)
    }
}
