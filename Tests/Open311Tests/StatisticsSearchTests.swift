import Open311
import Testing

/// What measures, hotspots and exports are asked for, read from query parameters.
@Suite struct StatisticsSearchTests {
    /// 2026-11-21T20:34:05.678Z
    static let nowMs: Int64 = 1_795_293_245_678
    static let dayMs: Int64 = 86_400_000
    /// 2026-11-16T00:00:00Z
    static let mondayMs: Int64 = 1_794_787_200_000

    static let catalog = ServiceCatalog(
        ServiceCatalog.standard.services + [
            Service(code: ServiceCode(rawValue: "safeguarding")!, name: "Safeguarding", visibility: .hidden)
        ])

    @Test func withoutParametersMeasuresAreOfTheLastNinetyDays() throws {
        let search = try MeasureSearch(parameters: [], nowMs: Self.nowMs, catalog: Self.catalog)
        #expect(search.toMs == Self.nowMs && search.fromMs == Self.nowMs - 90 * Self.dayMs)
        #expect(search.services == ServiceCode.standard && search.wards == nil && search.grouping == nil)
    }

    @Test func measuresAreAskedForByServiceWardAndTime() throws {
        let search = try MeasureSearch(
            parameters: [
                ("service", "bin-full, water-leak"), ("ward", "Aston,Perry Barr"), ("from", "2026-11-16T00:00:00Z"),
                ("to", "2026-11-17T01:00:00+01:00"), ("by", "week"), ("colour", "red"),
            ], nowMs: Self.nowMs, catalog: Self.catalog)
        // In the catalogue's order.
        #expect(search.services == [.waterLeak, .binFull])
        #expect(search.wards == ["Aston", "Perry Barr"] && search.grouping == .week)
        #expect(search.fromMs == Self.mondayMs && search.toMs == Self.mondayMs + Self.dayMs)
        // GeoReport's name works as well, and an empty parameter is as absent.
        let other = try MeasureSearch(
            parameters: [("service", ""), ("service_code", "bin-full"), ("by", "")], nowMs: Self.nowMs,
            catalog: Self.catalog)
        #expect(other.services == [.binFull] && other.grouping == nil)
    }

    @Test func hotspotsAreOfTheLastWeekAndNeverOfTheFuture() throws {
        let search = try HotspotSearch(parameters: [], nowMs: Self.nowMs, catalog: Self.catalog)
        #expect(search.days == 7 && search.toMs == Self.nowMs && search.kinds == [.ward, .cell])
        let later = try HotspotSearch(
            parameters: [("to", "9999-12-31T23:59:59Z"), ("days", "91"), ("kind", "cell")], nowMs: Self.nowMs,
            catalog: Self.catalog)
        #expect(later.toMs == Self.nowMs && later.days == 91 && later.kinds == [.cell])
    }

    @Test func exportsAreOfEverythingThatIsPublic() throws {
        let search = try ExportSearch(parameters: [], nowMs: Self.nowMs, catalog: Self.catalog)
        #expect(search.search.requestedFromMs == nil && search.search.updatedFromMs == nil)
        #expect(search.search.services == ServiceCode.standard)
        #expect(search.wards == nil && search.leastSeverity == nil && search.asOfMs == nil)
        let narrow = try ExportSearch(
            parameters: [
                ("start_date", "2000-01-01T00:00:00Z"), ("end_date", "2026-01-01T00:00:00Z"), ("ward", "Aston"),
                ("severity", "3"), ("as_of", "2026-11-16T00:00:00Z"),
            ], nowMs: Self.nowMs, catalog: Self.catalog)
        // A quarter of a century: an export is whole.
        #expect(narrow.search.requestedFromMs != nil && narrow.search.requestedToMs != nil)
        #expect(narrow.wards == ["Aston"] && narrow.leastSeverity == 3 && narrow.asOfMs == Self.mondayMs + 999)
        let byID = try ExportSearch(
            parameters: [("service_request_id", "4,5")], nowMs: Self.nowMs, catalog: Self.catalog)
        #expect(byID.search.ids == [4, 5] && byID.search.hiddenServices.map(\.rawValue) == ["safeguarding"])
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var name: String
        var value: String
        var testDescription: String { "\(name)=\(value)" }
    }

    @Test(arguments: [
        Refused(name: "from", value: "2026-11-16"), Refused(name: "to", value: "nan"),
        Refused(name: "from", value: "9999-12-31T23:59:59Z"), Refused(name: "by", value: "WEEK"),
        Refused(name: "service", value: "safeguarding"), Refused(name: "service_code", value: "no-such"),
    ])
    func measuresThatMakeNoSenseAreRefused(_ c: Refused) {
        #expect(throws: GeoReportError.self) {
            try MeasureSearch(parameters: [(c.name, c.value)], nowMs: Self.nowMs, catalog: Self.catalog)
        }
    }

    @Test(arguments: [
        Refused(name: "days", value: "0"), Refused(name: "days", value: "7.0"), Refused(name: "days", value: "٧"),
        Refused(name: "kind", value: "ward;cell"), Refused(name: "to", value: "\u{0}"),
        Refused(name: "service", value: "safeguarding"),
    ])
    func hotspotsThatMakeNoSenseAreRefused(_ c: Refused) {
        #expect(throws: GeoReportError.self) {
            try HotspotSearch(parameters: [(c.name, c.value)], nowMs: Self.nowMs, catalog: Self.catalog)
        }
    }

    @Test(arguments: [
        Refused(name: "severity", value: "0"), Refused(name: "severity", value: "5"),
        Refused(name: "as_of", value: "2026-11-16T00:00:00"), Refused(name: "service_code", value: "safeguarding"),
        Refused(name: "bbox", value: "0,0,0"),
    ])
    func exportsThatMakeNoSenseAreRefused(_ c: Refused) {
        #expect(throws: GeoReportError.self) {
            try ExportSearch(parameters: [(c.name, c.value)], nowMs: Self.nowMs, catalog: Self.catalog)
        }
    }
}
