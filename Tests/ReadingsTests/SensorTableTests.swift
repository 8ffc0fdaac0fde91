import Readings
import Testing

@Suite struct SensorTableTests {
    private func table(_ text: String) -> SensorTable {
        let bytes = Array(text.utf8)
        return SensorTable(csv: bytes.span)
    }

    @Test func readsTheRegistrysColumns() throws {
        let table = table(
            """
            \u{FEFF}sensor_id,kind,group,lat,lon,zone,tz,step_s,metrics,eval_from,eval_to,attrs\r
            dma-1,water-leak,dma,50.51309,8.99846,dma-d00,Europe/Berlin,900,flow_m3h,2024-02-12T00:00:00Z,,"{""a"":1}"\r
            """)
        #expect(table.problems == [])
        var expected = Sensor(id: "dma-1", kind: .waterLeak)
        expected.position = .init(latitude: 50.51309, longitude: 8.99846)
        expected.zone = "dma-d00"
        expected.timeZone = "Europe/Berlin"
        expected.expectedIntervalS = 900
        #expect(table.sensors == [expected])
    }

    @Test func readsWhatItWrites() throws {
        var full = Sensor(id: "urn:bin,\"17\"", kind: .binFill)
        full.position = .init(latitude: -33.5, longitude: 151.25)
        full.ward = "Acocks Green"
        full.zone = "north"
        full.gateway = "gw-1"
        full.address = "12 High Street,\nrear"
        full.asset = "Behälter 4"
        full.expectedIntervalS = 1800
        full.timeZone = "Europe/London"
        (full.site, full.owner, full.sensitivity) = ("Market square", "Waste, north", 0.5)
        full.neighbours = ["bin-16", "bin-18"]
        full.mounting = Mounting(depthMM: 1200, fullMM: 100)
        let written = SensorTable(sensors: [full, Sensor(id: "plain", kind: .generic)])
        let read = table(written.csv)
        #expect(read.sensors == written.sensors && read.problems.isEmpty)
    }

    @Test func onlyIDAndKindAreRequired() {
        #expect(table("kind,sensor_id\ntraffic,a\n\ntraffic,b").sensors.map(\.id) == ["a", "b"])
    }

    @Test func reportsEveryBadRowAtOnce() {
        let table = table(
            """
            sensor_id,kind,lat,lon,step_s
            a,traffic,1,2,60
            ,traffic,,,
            b,car,91,2,0
            c,,1,,
            a,traffic,,,
            d,traffic
            "e"x,traffic,,,
            f,generic,,,
            """)
        #expect(table.sensors.map(\.id) == ["a", "f"])
        #expect(
            table.problems.map(\.description) == [
                "line 3: sensor_id: is empty",
                #"line 4: kind: must be one of water-leak, traffic, bin-fill, generic, found "car""#,
                #"line 4: lat: must be −90 to 90 degrees, found "91""#,
                #"line 4: step_s: must be 1–31536000 seconds, found "0""#,
                "line 5: kind: must not be empty", "line 5: lat and lon: must be given together",
                "line 6: sensor_id: a is already on line 2", "line 7: must have 5 fields, has 2",
                "line 8: has text after a closing quote",
            ])
    }

    @Test(arguments: [
        ("", "line 1: must name the columns, at least sensor_id and kind; the file is empty"),
        ("sensor_id\na", "line 1: must name the column kind"),
        (
            "root:x:0:0:root:/root:/bin/bash\n",
            #"line 1: must name the columns of a registry, at least sensor_id and kind, found "root:x:0:0:root:/root:/bin/bash""#
        ),
        ("sensor_id,kind,kind\n", "line 1: names the column kind twice"),
        ("sensor_id,kind\n\"a,traffic", "line 2: has a quoted field that never ends"),
    ])
    func reportsABadFile(text: String, problem: String) {
        #expect(table(text).problems.map(\.description).contains(problem))
        #expect(table(text).sensors == [])
    }

    @Test func namesBadNeighboursAndSensitivities() {
        let table = table("sensor_id,kind,neighbours,sensitivity\na,traffic,b c,0.1\nb,traffic,,0\nc,traffic,,much")
        #expect(table.sensors.map(\.neighbours) == [["b", "c"]])
        #expect(
            table.problems.map(\.description) == [
                #"line 3: sensitivity: must be a number above 0, found "0""#,
                #"line 4: sensitivity: must be a number above 0, found "much""#,
            ])
    }

    @Test func aFileThatIsNoRegistryIsToldOnce() {
        #expect(table("root:x:0\ndaemon:x:1\n").problems.count == 1)
    }

    /// What an import warns of and a start goes over: nothing of it keeps a sensor from being heard.
    @Test func doubtsAreNamedByLine() {
        let table = table(
            "sensor_id,kind,neighbours\na,traffic,b\nb,traffic,b a\nc/d,traffic,\ne#,traffic,a nobody none\nf g,traffic,a\n"
        )
        #expect(table.problems.isEmpty && table.sensors.count == 5)
        let topic =
            "holds /, + or #, which no level of a topic can carry: it is heard only by a route that takes the id from the "
            + "payload, or puts it together of several levels"
        #expect(
            table.doubts.map(\.description) == [
                "line 3: neighbours: names the sensor itself", "line 4: sensor_id: c/d \(topic)",
                "line 5: sensor_id: e# \(topic)", "line 5: neighbours: no sensor of this file is nobody or none",
            ])
    }

    @Test func aMisspeltColumnIsAProblem() {
        #expect(
            table("sensor_id,kind,latitude\na,traffic,1\n").problems.first?.text.hasPrefix(
                "has the unknown column \"latitude\"") == true)
    }
}
