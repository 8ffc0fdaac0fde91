import Readings
import Testing

@Suite struct SensorTableGeoJSONTests {
    private func table(_ features: String...) -> SensorTable {
        let bytes = Array(
            "\u{FEFF} {\"type\":\"FeatureCollection\",\"features\":[\(features.joined(separator: ","))]}".utf8)
        return SensorTable(bytes.span)
    }

    @Test func pointsSayWhatRowsSay() throws {
        let points = table(
            """
            {"type":"Feature","geometry":{"type":"Point","coordinates":[-1.9,52.5,120]},"properties":{"sensor_id":"bin-1",
            "kind":"bin-fill","zone":"north","tz":"Europe/London","step_s":1800,"ward":"Aston","gateway":"gw-1",
            "address":"12 High Street","asset":"Bin 4","site":"Market","owner":"Waste","neighbours":["bin-2","bin-3"],
            "sensitivity":0.5,"depth_mm":1200,"full_mm":"100","colour":"passed over","attrs":{"a":1}}}
            """,
            #"{"type":"Feature","id":17,"geometry":null,"properties":{"kind":"generic","ward":null}}"#)
        #expect(points.problems.isEmpty, "\(points.problems)")
        let rows = Array(
            """
            sensor_id,kind,lat,lon,zone,tz,step_s,ward,gateway,address,asset,site,owner,neighbours,sensitivity,depth_mm,full_mm
            bin-1,bin-fill,52.5,-1.9,north,Europe/London,1800,Aston,gw-1,12 High Street,Bin 4,Market,Waste,bin-2 bin-3,0.5,1200,100
            17,generic,,,,,,,,,,,,,,,

            """.utf8)
        #expect(points.sensors == SensorTable(rows.span).sensors)
        // And back again.
        let csv = Array(points.csv.utf8)
        #expect(SensorTable(csv.span).sensors == points.sensors)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var feature: String
        var says: String
    }

    @Test(arguments: [
        Case(
            testDescription: "a line", feature: #"{"geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}"#,
            says: "feature 2: geometry: must be a Point of longitude and latitude"),
        Case(
            testDescription: "latitude first", feature: #"{"geometry":{"type":"Point","coordinates":[52,-181]}"#,
            says: "feature 2: lat: must be −90 to 90 degrees, found \"-181.0\""),
        Case(
            testDescription: "the same id again", feature: #"{"id":"a""#,
            says: "feature 2: sensor_id: a is already feature 1"),
    ])
    func aBadFeatureIsNamedByItsNumber(_ c: Case) {
        let found = table(
            #"{"id":"a","properties":{"kind":"generic"}}"#,
            c.feature + #","properties":{"sensor_id":"a","kind":"generic"}}"#)
        #expect(found.problems.contains { $0.description == c.says }, "\(found.problems)")
        #expect(found.sensors.map(\.id) == ["a"])
    }

    @Test(arguments: ["{", #"{"type":"Feature"}"#]) func whatIsNoCollectionIsOneProblem(text: String) {
        let bytes = Array(text.utf8)
        let table = SensorTable(bytes.span)
        #expect(table.sensors.isEmpty && table.problems.count == 1)
    }
}
