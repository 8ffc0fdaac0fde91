import Open311
import Testing

/// 2026-11-21T20:34:05.678Z
private let nowMs = sampleMs
private let dayMs: Int64 = 86_400_000

@Suite struct RequestSearchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var given: KeyValuePairs<String, String>
        var expected: @Sendable (inout RequestSearch) -> Void

        init(
            _ testDescription: String, _ given: KeyValuePairs<String, String>,
            _ expected: @escaping @Sendable (inout RequestSearch) -> Void
        ) {
            (self.testDescription, self.given, self.expected) = (testDescription, given, expected)
        }
    }

    @Test(arguments: [
        Case("nothing: the last 90 days, from the next whole second on", [:]) {
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case("empty is absent", ["status": "", "service_code": "", "start_date": "", "page": "", "extensions": ""]) {
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case("unknown parameters are ignored", ["jurisdiction_id": "x.gov", "api_key": "", "foo": "NaN"]) {
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case(
            "ids override all else, even what is wrong",
            [
                "service_request_id": "12, 15", "status": "closed", "start_date": "yesterday",
                "service_code": "pothole",
            ]
        ) { $0.ids = [12, 15] },
        Case("lists", ["service_code": "bin-full,water-leak", "status": "open,closed"]) {
            $0.services = [.binFull, .waterLeak]
            $0.statuses = [.open, .closed]
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case("a repeated list is joined", ["status": "open", "status": "closed"]) {
            $0.statuses = [.open, .closed]
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case("commas alone are absent", ["service_request_id": " , ,", "status": ","]) {
            $0.requestedFromMs = 1_795_293_246_000 - 90 * dayMs
        },
        Case(
            "both ends are inclusive to the second shown",
            [
                "start_date": "2026-11-01T00:00:00Z", "end_date": "2026-11-02T00:00:00Z",
            ]
        ) {
            $0.requestedFromMs = 1_793_491_200_000
            $0.requestedToMs = 1_793_577_600_999
        },
        Case(
            "fractions: from the next second shown, to the one begun",
            [
                "start_date": "2026-11-01T00:00:00.001Z", "end_date": "2026-11-02T00:00:00.999+00:00",
            ]
        ) {
            $0.requestedFromMs = 1_793_491_201_000
            $0.requestedToMs = 1_793_577_600_999
        },
        Case("a start alone reaches 90 days on", ["start_date": "2026-11-01T00:00:00Z"]) {
            $0.requestedFromMs = 1_793_491_200_000
            $0.requestedToMs = 1_793_491_200_999 + 90 * dayMs
        },
        Case("an end alone reaches 90 days back", ["end_date": "2026-11-01T00:00:00Z"]) {
            $0.requestedFromMs = 1_793_491_200_000 - 90 * dayMs
            $0.requestedToMs = 1_793_491_200_999
        },
        Case(
            "exactly 90 days are allowed",
            [
                "start_date": "2026-08-03T00:00:00Z", "end_date": "2026-11-01T00:00:00Z",
            ]
        ) {
            $0.requestedFromMs = 1_793_491_200_000 - 90 * dayMs
            $0.requestedToMs = 1_793_491_200_999
        },
        Case("the ends of the calendar", ["start_date": "0001-01-01T00:00:00Z"]) {
            $0.requestedFromMs = -62_135_596_800_000
            $0.requestedToMs = -62_135_596_800_000 + 999 + 90 * dayMs
        },
        Case("pages", ["page": "3", "page_size": "50", "service_request_id": "1"]) {
            $0.ids = [1]
            $0.page = 3
            $0.pageSize = 50
        },
        Case("when it changed takes the place of the last 90 days", ["updated_after": "2020-01-01T00:00:00.5Z"]) {
            $0.updatedFromMs = 1_577_836_801_000
        },
        Case("changes up to a second", ["updated_before": "2020-01-01T00:00:00Z", "status": "open"]) {
            $0.updatedToMs = 1_577_836_800_999
            $0.statuses = [.open]
        },
        Case(
            "around a point, 750 m unless said",
            ["lat": "52.48", "long": "-1.9", "updated_after": "2020-01-01T00:00:00Z"]
        ) {
            $0.updatedFromMs = 1_577_836_800_000
            $0.circle = GeoCircle(latitude: 52.48, longitude: -1.9, radiusM: 750)
        },
        Case(
            "in a box, longitude first, and around a point",
            [
                "bbox": "-1.95,52.45,-1.85,52.52", "lat": "-90", "long": "180", "radius": "100000",
                "updated_after": "2020-01-01T00:00:00Z",
            ]
        ) {
            $0.updatedFromMs = 1_577_836_800_000
            $0.box = GeoBox(west: -1.95, south: 52.45, east: -1.85, north: 52.52)
            $0.circle = GeoCircle(latitude: -90, longitude: 180, radiusM: 100_000)
        },
        Case("a box over the 180th meridian", ["bbox": "170,-20,-170,-10", "updated_after": "2020-01-01T00:00:00Z"]) {
            $0.updatedFromMs = 1_577_836_800_000
            $0.box = GeoBox(west: 170, south: -20, east: -170, north: -10)
        },
        Case("extensions", ["extensions": "true", "service_request_id": "1"]) {
            $0.ids = [1]
            $0.includesExtensions = true
        },
    ])
    func reads(_ c: Case) throws {
        var expected = RequestSearch()
        c.expected(&expected)
        #expect(try RequestSearch(parameters: c.given.map { ($0.key, $0.value) }, nowMs: nowMs) == expected)
    }

    @Test(arguments: [
        ("page", "0"), ("page", "-1"), ("page", "+1"), ("page", "0x10"), ("page", "nan"), ("page", "1e3"),
        ("page", "１"), ("page", "100001"), ("page", "99999999999999999999"), ("page", "1.0"), ("page", " 1"),
        ("page_size", "0"), ("page_size", "1001"), ("page_size", "inf"),
        ("extensions", "yes"), ("extensions", "TRUE"), ("extensions", "1"),
        ("service_request_id", "abc"), ("service_request_id", "12,x"), ("service_request_id", "0"),
        ("service_request_id", "-5"), ("service_request_id", "9223372036854775808"), ("service_request_id", "1.5"),
        ("service_code", "pothole"), ("service_code", "water-leak,pothole"), ("service_code", "WATER-LEAK"),
        ("status", "fixed"), ("status", "open,fixed"), ("status", "null"),
        ("start_date", "2026-11-01"), ("start_date", "2026-11-01T00:00:00"), ("start_date", "nan"),
        ("updated_after", "2026-11-01"), ("updated_before", "never"),
        ("lat", "91"), ("lat", "nan"), ("lat", "0x10"), ("lat", "1e1"), ("long", "180.1"), ("long", "+1"),
        ("lat", "52,5"), ("long", "."), ("lat", "-"), ("lat", "5."), ("lat", ".5"), ("lat", "١"),
        ("radius", "0"), ("radius", "100001"), ("radius", "inf"),
        ("bbox", "1,2,3"), ("bbox", "1,2,3,4,5"), ("bbox", "-181,0,0,1"), ("bbox", "0,2,1,1"), ("bbox", "0,0,1,91"),
        ("bbox", "nan,0,1,1"), ("bbox", ",,,"),
        ("end_date", "0000-01-01T00:00:00Z"), ("end_date", "10000-01-01T00:00:00Z"), ("end_date", "now"),
    ])
    func refuses(_ name: String, _ value: String) {
        let error = #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [(name, value)], nowMs: nowMs)
        }
        #expect(error?.code == 400)
        #expect(error?.description.hasPrefix(name) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"), ("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    ])
    func refusesASpanThatIsBackwardsOrTooLong(_ start: String, _ end: String) {
        #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [("start_date", start), ("end_date", end)], nowMs: nowMs)
        }
    }

    @Test(arguments: [
        [("lat", "52.5")], [("long", "1")], [("radius", "5")],
        [("updated_after", "2026-11-02T00:00:00Z"), ("updated_before", "2026-11-01T00:00:00Z")],
    ])
    func refusesHalves(_ given: [(String, String)]) {
        let error = #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: given.map { ($0.0, $0.1) }, nowMs: nowMs)
        }
        #expect(error?.code == 400)
    }

    @Test func exportsHaveNoDatesPutIn() throws {
        let search = try RequestSearch(
            parameters: [("start_date", "2001-01-01T00:00:00Z"), ("end_date", "2026-01-01T00:00:00Z")], nowMs: nowMs,
            isWhole: true)
        #expect(search.requestedFromMs == 978_307_200_000 && search.requestedToMs == 1_767_225_600_999)
        let open = try RequestSearch(parameters: [], nowMs: nowMs, isWhole: true)
        #expect(open.requestedFromMs == nil && open.requestedToMs == nil)
    }

    @Test func servicesThatAreNotPublicCanNotBeAskedFor() throws {
        var secret = ServiceCatalog.standard.named(.sensorFault)
        secret.visibility = .hidden
        let catalog = ServiceCatalog([ServiceCatalog.standard.named(.waterLeak), secret])
        let search = try RequestSearch(parameters: [("service_request_id", "1")], nowMs: nowMs, catalog: catalog)
        #expect(search.hiddenServices == [.sensorFault])
        #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [("service_code", "sensor-fault")], nowMs: nowMs, catalog: catalog)
        }
    }

    @Test func updatesMayBeAskedForOverAnyTime() throws {
        let both = try UpdateSearch(
            parameters: [("start_date", "2001-01-01T00:00:00.2Z"), ("end_date", "2026-01-01T00:00:00Z")],
            nowMs: nowMs)
        #expect(both.fromMs == 978_307_201_000 && both.toMs == 1_767_225_600_999)
        let recent = try UpdateSearch(parameters: [("api_key", "x")], nowMs: nowMs)
        #expect(recent.fromMs == 1_795_293_246_000 - 90 * dayMs && recent.toMs == nil)
        let ofOne = try UpdateSearch(parameters: [("service_request_id", "7")], nowMs: nowMs)
        #expect(ofOne.requestIDs == [7] && ofOne.fromMs == nil)
    }

    @Test func repeatsOnlyTheHeadOfWhatWasWrong() throws {
        let error = #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [("status", String(repeating: "x", count: 5000))], nowMs: nowMs)
        }
        #expect(try #require(error).description.count < 200)
    }

    @Test func takesAtMostAThousandIds() throws {
        let ids = Array(repeating: "1", count: 1000).joined(separator: ",")
        #expect(try RequestSearch(parameters: [("service_request_id", ids)], nowMs: nowMs).ids?.count == 1000)
        #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [("service_request_id", ids + ",1")], nowMs: nowMs)
        }
    }
}
