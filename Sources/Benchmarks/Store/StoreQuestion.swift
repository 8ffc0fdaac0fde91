internal import Open311

/// One thing that people ask of a store with years of requests, over HTTP.
struct StoreQuestion {
    var name: String
    /// Path and query.
    var path: String
    /// Milliseconds that the answer may take at the median.
    var bound: Double
    /// What the answer must hold, so that nothing quick and empty counts.
    var holds: String

    static func all(_ city: ScaledCity) -> [StoreQuestion] { lists(city) + statistics(city) }

    private static func lists(_ city: ScaledCity) -> [StoreQuestion] {
        let before = { (hours: Int) in W3CDateTime(milliseconds: city.endMs - Int64(hours) * 3_600_000).description }
        let (latitude, longitude) = ScaledCity.position(ward: 9, place: 3)
        let around = "lat=\(latitude)&long=\(longitude)&radius=500"
        let ever = "updated_after=2000-01-01T00:00:00Z"
        let lists = [
            ("newest 1,000", "page_size=1000"), ("newest 50", "page_size=50"),
            ("page 100 of 50", "page_size=50&page=100"),
            ("open", "page_size=50&status=open"), ("one service", "page_size=50&service_code=water-leak"),
            ("one service, open", "page_size=50&service_code=water-leak&status=open"),
            ("half the city", "page_size=50&bbox=-2,52.4,-1.84,52.6"), ("500 m around", "page_size=50&\(around)"),
            ("500 m around, one service, open", "page_size=50&\(around)&service_code=bin-full&status=open"),
            ("changed within a day", "page_size=50&updated_after=\(before(24))"),
            ("open, of all times", "page_size=50&status=open&\(ever)"),
            ("500 m around, of all times", "page_size=50&\(around)&\(ever)"),
            ("half the city, of all times", "page_size=50&bbox=-2,52.4,-1.84,52.6&\(ever)"),
            ("newest 50 with extensions", "page_size=50&extensions=true"),
        ]
        let id = city.requests / 2
        return lists.map { name, query in
            StoreQuestion(
                name: "requests: \(name)", path: "/open311/v2/requests.json?\(query)", bound: 50,
                holds: "\"service_request_id\"")
        } + [
            StoreQuestion(
                name: "one request by id", path: "/open311/v2/requests/\(id).json?extensions=true", bound: 50,
                holds: "\"service_request_id\":\"\(id)\""),
            StoreQuestion(
                name: "updates of two days", path: "/open311/v2/servicerequestupdates.json?start_date=\(before(48))",
                bound: 50, holds: "\"update_id\""),
        ]
    }

    private static func statistics(_ city: ScaledCity) -> [StoreQuestion] {
        let from = W3CDateTime(milliseconds: city.startMs).description
        let measures = [
            ("90 days", ""), ("90 days by ward", "by=ward"), ("90 days by week", "by=week"),
            ("all times", "from=\(from)"), ("all times by ward", "from=\(from)&by=ward"),
            ("all times by week", "from=\(from)&by=week"),
        ]
        let hotspots = [
            ("wards, 7 days", "kind=ward"), ("wards and cells, 7 days", ""), ("wards and cells, 28 days", "days=28"),
        ]
        return measures.map { name, query in
            StoreQuestion(
                name: "measures: \(name)", path: "/api/measures?\(query)", bound: 300, holds: "\"requests\":")
        }
            + hotspots.map { name, query in
                StoreQuestion(
                    name: "hotspots: \(name)", path: "/api/hotspots?\(query)", bound: 300, holds: "\"claim\":\"tested\""
                )
            }
    }
}
