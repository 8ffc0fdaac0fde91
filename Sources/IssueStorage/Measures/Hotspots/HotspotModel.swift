/// Tells hotspots from chance: each place against its own history, all of them together against being many.
package struct HotspotModel {
    /// One place and service, with what is known of it.
    package struct Place {
        package var kind: PlaceKind
        package var name: String
        package var service: String
        package var series: DaySeries
        /// nil: of a service that only people report to, who are everywhere, but only since there is the service.
        package var listening: Listening?

        package init(kind: PlaceKind, name: String, service: String, series: DaySeries, listening: Listening?) {
            (self.kind, self.name, self.service) = (kind, name, service)
            (self.series, self.listening) = (series, listening)
        }
    }

    let windows: HotspotWindows
    let falseDiscoveryRate: Double
    /// Of each service, by its code.
    let seasons: [String: Double]
    /// Of each service, by its code, the day of its first request in the whole city: before it nothing is known of what people
    /// report, for nobody may have been asked.
    let firstDays: [String: Int]

    package init(
        windows: HotspotWindows, falseDiscoveryRate: Double, seasons: [String: Double], firstDays: [String: Int]
    ) {
        (self.windows, self.falseDiscoveryRate) = (windows, falseDiscoveryRate)
        (self.seasons, self.firstDays) = (seasons, firstDays)
    }

    /// A place that was a hotspot in the window before is one that would have been called so with this probability.
    private static let wasHot = 0.01
    /// For the comparison of two windows.
    private static let significant = 0.05

    /// Hot ones first, then by how unlikely they are by chance; then by kind, service and name.
    package func hotspots(_ places: [Place]) -> [Hotspot] {
        var found: [Hotspot] = []
        for kind in PlaceKind.allCases {
            var tested: [Hotspot] = []
            for place in places where place.kind == kind { tested.append(hotspot(place)) }
            judge(&tested)
            found += tested
        }
        // Of cells there are thousands; of wards each is shown.
        return found.filter { $0.kind != .cell || $0.count > 0 || $0.previous > 0 }.sorted(by: Self.isBefore)
    }

    private func hotspot(_ place: Place) -> Hotspot {
        let counts = windows.counts(of: place.series, windows: windows.levels + 2)
        var hotspot = Hotspot(
            kind: place.kind, place: place.name, service: place.service, count: counts[0], previous: counts[1],
            claim: .tested, sensors: place.listening?.sensors[0] ?? 0)
        let exposures =
            place.listening?.exposures() ?? windows.exposures(sinceDay: firstDays[place.service] ?? .max)
        guard exposures[0] > 0 else {
            hotspot.claim = .noCoverage
            return hotspot
        }
        guard let now = HotspotBaseline(counts: Array(counts[1...]), exposures: Array(exposures[1...])) else {
            hotspot.claim = .noHistory
            return hotspot
        }
        let prediction = now.prediction(factor: (seasons[place.service] ?? 1) * windows.exposure)
        hotspot.basis = exposures[1...].count { $0 > 0 }
        hotspot.expected = prediction.mean
        hotspot.pValue = prediction.upperTail(counts[0])
        // Costly, and only asked for where there is something to show.
        if counts[0] > 0 || counts[1] > 0 || place.kind == .ward {
            hotspot.expectedRange = prediction.quantile(upper: 0.975)...prediction.quantile(upper: 0.025)
        }
        if counts[0] + counts[1] > 0 { hotspot.trend = trend(counts, exposures) }
        return hotspot
    }

    /// As if it were hot; ``judge(_:)`` knows.
    private func trend(_ counts: [Int], _ exposures: [Double]) -> Hotspot.Trend {
        guard exposures[1] > 0,
            let before = HotspotBaseline(counts: Array(counts[2...]), exposures: Array(exposures[2...])),
            before.prediction(factor: exposures[1]).upperTail(counts[1]) <= Self.wasHot
        else { return .new }
        // Two counts of one rate: given their sum, the later one is binomial.
        let share = windows.exposure / (windows.exposure + exposures[1])
        let both = Binomial(trials: counts[0] + counts[1], probability: share)
        if both.upperTail(counts[0]) <= Self.significant { return .worse }
        return 1 - both.upperTail(counts[0] + 1) <= Self.significant ? .better : .steady
    }

    private func judge(_ hotspots: inout [Hotspot]) {
        let tested = hotspots.indices.filter { hotspots[$0].pValue != nil }
        let qValues = BenjaminiHochberg.qValues(tested.map { hotspots[$0].pValue! })
        for (index, qValue) in zip(tested, qValues) {
            hotspots[index].qValue = qValue
            hotspots[index].isHot = qValue <= falseDiscoveryRate
            if !hotspots[index].isHot {
                hotspots[index].trend = hotspots[index].trend.flatMap { $0 == .new ? nil : .better }
            }
        }
    }

    private static func isBefore(_ a: Hotspot, _ b: Hotspot) -> Bool {
        if a.isHot != b.isHot { return a.isHot }
        let (p, q) = (a.pValue ?? 2, b.pValue ?? 2)
        if p != q { return p < q }
        return (a.kind.rawValue, a.service, a.place) < (b.kind.rawValue, b.service, b.place)
    }
}
