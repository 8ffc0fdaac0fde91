import Readings
import Testing

@Suite struct AssetFileTests {
    private func read(_ text: String) -> AssetFile {
        let bytes = Array(text.utf8)
        return AssetFile(bytes.span)
    }

    @Test func csvIsReadInAnyOrderOfColumns() {
        let file = read(
            "kind,lon,lat,id,name,ward\nbin,-1.88,52.5,bin-1,\"Corner, north\",Aston\nhydrant,-1.9,52.4,9,,\n")
        #expect(file.problems.isEmpty)
        var bin = Asset(id: "bin-1", kind: "bin", latitude: 52.5, longitude: -1.88)
        (bin.name, bin.ward) = ("Corner, north", "Aston")
        #expect(file.assets == [bin, Asset(id: "9", kind: "hydrant", latitude: 52.4, longitude: -1.9)])
    }

    @Test func whatIsWrittenIsReadBack() {
        var asset = Asset(id: "a,\"b\"", kind: "shelter", latitude: -0.125, longitude: 179.5)
        (asset.name, asset.address, asset.ward) = ("Nö", "1 High Street", "Abbey")
        let plain = Asset(id: "z", kind: "bin", latitude: 1, longitude: 2)
        #expect(read(AssetFile.csv([asset, plain])).assets == [asset, plain])
    }

    @Test func pointsOfGeoJSONAreRead() {
        let file = read(
            """
              {"type":"FeatureCollection","features":[
               {"type":"Feature","id":17,"properties":{"kind":"bin","colour":"red"},
                "geometry":{"type":"Point","coordinates":[-1.88,52.5]}},
               {"type":"Feature","properties":{"id":"h1","kind":"hydrant","address":"1 High Street"},
                "geometry":{"type":"Point","coordinates":[-1.9,52.4,100]}}]}
            """)
        #expect(file.problems.isEmpty)
        #expect(file.assets.map(\.id) == ["17", "h1"])
        #expect(file.assets.last?.address == "1 High Street")
        #expect(file.assets.first?.longitude == -1.88)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var line: Int
        var says: String
    }

    @Test(arguments: [
        Bad(testDescription: "empty", text: "", line: 1, says: "must name the columns"),
        Bad(testDescription: "a column is missing", text: "id,kind,lat\n", line: 1, says: "the column lon"),
        Bad(testDescription: "a misspelt column", text: "id,kind,lat,lon,adress\n", line: 1, says: "unknown column"),
        Bad(testDescription: "a field too few", text: "id,kind,lat,lon\na,bin,1\n", line: 2, says: "4 fields"),
        Bad(testDescription: "no number", text: "id,kind,lat,lon\na,bin,north,2\n", line: 2, says: "found north, 2"),
        Bad(testDescription: "not a number", text: "id,kind,lat,lon\na,bin,nan,2\n", line: 2, says: "degrees"),
        Bad(testDescription: "off the globe", text: "id,kind,lat,lon\na,bin,91,2\n", line: 2, says: "degrees"),
        Bad(testDescription: "no id", text: "id,kind,lat,lon\n,bin,1,2\n", line: 2, says: "id: is empty"),
        Bad(testDescription: "a kind in words", text: "id,kind,lat,lon\na,Bus stop,1,2\n", line: 2, says: "kind:"),
        Bad(
            testDescription: "twice", text: "id,kind,lat,lon\na,bin,1,2\nb,bin,1,2\na,bin,1,2\n", line: 4,
            says: "on line 2"),
        Bad(testDescription: "broken JSON", text: "{\"type\":", line: 1, says: "must be JSON"),
        Bad(testDescription: "another JSON", text: "{\"type\":\"Feature\"}", line: 1, says: "FeatureCollection"),
        Bad(
            testDescription: "a polygon",
            text: """
                {"type":"FeatureCollection","features":[{"properties":{"id":"a","kind":"bin"},
                "geometry":{"type":"Polygon","coordinates":[[1,2],[3,4]]}}]}
                """, line: 1, says: "found no point"),
    ])
    func whatIsWrongIsNamedByItsLine(_ bad: Bad) {
        let file = read(bad.text)
        #expect(file.problems.contains { $0.line == bad.line && $0.text.contains(bad.says) }, "\(file.problems)")
    }
}
