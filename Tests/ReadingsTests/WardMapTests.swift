import Readings
import Testing

@Suite struct WardMapTests {
    private func map(_ features: String) throws(WardMap.GeoJSONError) -> WardMap {
        let text = Array(#"{"type":"FeatureCollection","features":[\#(features)]}"#.utf8)
        return try WardMap(geoJSON: text.span)
    }

    private static let square = "[[0,0],[4,0],[4,4],[0,4],[0,0]]"

    @Test func findsBirminghamsWards() throws {
        let text = try Fixtures.bytes("birmingham-wards.geojson")
        let map = try WardMap(geoJSON: text.span)
        #expect(map.wards.count == 40)
        #expect(map.names.first == "Acocks Green")
        #expect(map.wards.first?.code == "E05001178")
        #expect(map.attribution?.contains("Martin Chorley") == true)
        #expect(map.ward(at: .init(latitude: 52.4797, longitude: -1.9027)) == "Ladywood")  // Council House
        #expect(map.ward(at: .init(latitude: 52.4508, longitude: -1.9305)) == "Edgbaston")  // the university's clock
        #expect(map.ward(at: .init(latitude: 51.5, longitude: -0.12)) == nil)  // London
        let bounds = try #require(map.bounds)
        #expect(bounds.south > 52.3 && bounds.north < 52.7 && bounds.west > -2.1 && bounds.east < -1.7)
        #expect(bounds.contains(bounds.center))
    }

    @Test func holesAndIslandsCount() throws {
        let hole = "[[1,1],[3,1],[3,3],[1,3],[1,1]]"
        let island = "[[10,0],[11,0],[11,1],[10,1],[10,0]]"
        let map = try map(
            """
            {"properties":{"name":"ring"},"geometry":{"type":"MultiPolygon",
            "coordinates":[[\(Self.square),\(hole)],[\(island)]]}},
            {"properties":{"name":"core"},"geometry":{"type":"Polygon","coordinates":[\(hole)]}}
            """)
        func ward(_ longitude: Double, _ latitude: Double) -> String? {
            map.ward(at: .init(latitude: latitude, longitude: longitude))
        }
        #expect(ward(0.5, 0.5) == "ring")
        #expect(ward(2, 2) == "core")
        #expect(ward(10.5, 0.5) == "ring")
        #expect(ward(7, 0.5) == nil)
        #expect(ward(-1, 4) == nil)
        #expect(map.wards.first?.bounds.east == 11)
    }

    @Test func aCornerOnTheRayCountsOnce() throws {
        let diamond = "[[0,-1],[1,0],[0,1],[-1,0],[0,-1]]"
        let map = try map(#"{"properties":{"name":"d"},"geometry":{"type":"Polygon","coordinates":[\#(diamond)]}}"#)
        #expect(map.ward(at: .init(latitude: 0, longitude: 0)) == "d")
        #expect(map.ward(at: .init(latitude: 0, longitude: -1.5)) == nil)
        #expect(map.ward(at: .init(latitude: 0.999, longitude: 0.5)) == nil)
    }

    /// Every point of a fine grid over neighbours lies in exactly one of them, borders included.
    @Test func neighboursShareNoPointAndLeaveNoGap() throws {
        let left = "[[0,0],[2,0],[2,4],[0,4],[0,0]]"
        let right = "[[2,0],[4,0],[4,4],[2,4],[2,0]]"
        let map = try map(
            #"{"properties":{"name":"l"},"geometry":{"type":"Polygon","coordinates":[\#(left)]}},"#
                + #"{"properties":{"name":"r"},"geometry":{"type":"Polygon","coordinates":[\#(right)]}}"#)
        for step in 0..<16 {
            let position = Sensor.Position(latitude: 1, longitude: Double(step) / 4)
            #expect(map.wards.filter { $0.contains(position) }.count == 1)
        }
    }

    @Test(arguments: [
        (#"{"properties":{},"geometry":null}"#, "feature 1: must have properties.name"),
        (#"{"properties":{"name":"a"},"geometry":null}"#, "feature 1: must have geometry.coordinates"),
        (
            #"{"properties":{"name":"a"},"geometry":{"type":"Point","coordinates":[1,2]}}"#,
            "feature 1: must be a Polygon or MultiPolygon"
        ),
        (
            #"{"properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}}"#,
            "feature 1: must have closed rings of at least four positions"
        ),
        (
            #"{"properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,91],[0,0]]]}}"#,
            "feature 1: must have positions of longitude and latitude in degrees"
        ),
        (
            #"{"properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[]}}"#,
            "feature 1: must have an outline"
        ),
    ])
    func namesTheBadFeature(feature: String, problem: String) {
        #expect { try map(feature) } throws: { "\($0)" == problem }
    }

    @Test(arguments: ["", "[]", "{}", #"{"type":"FeatureCollection"}"#, "{"])
    func refusesOtherFiles(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: WardMap.GeoJSONError.self) { try WardMap(geoJSON: bytes.span) }
    }
}
