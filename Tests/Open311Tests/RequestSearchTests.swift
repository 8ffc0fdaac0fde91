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
        ("end_date", "0000-01-01T00:00:00Z"), ("end_date", "10000-01-01T00:00:00Z"), ("end_date", "now"),
    ])
    func refuses(_ name: String, _ value: String) {
        let error = #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [(name, value)], nowMs: nowMs)
        }
        #expect(error?.code == 400)
        #expect(error?.description.hasPrefix("\(name): ") == true)
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
