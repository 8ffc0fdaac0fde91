import Foundation
import Readings
import TestSupport
import Testing

/// What the registry says of a sensor, on its way through the daemon and out again.
@Suite struct SensorsCommandTests {
    private typealias Site = DaemonProcessTests.Site

    /// Waits until what the sensor has sent is committed: metrics count it a moment before.
    private static func isStored(_ id: String, _ site: Site) async throws {
        _ = try await HTTPAnswer.poll("\(site.address)/api/sensor?id=\(id)", within: .seconds(10)) {
            $0.text.contains(#""streams":[{"#)
        }
    }

    @Test func whatIsKnownOfASensorIsShownAndExported() async throws {
        let site = try Site()
        let registry = """
            sensor_id,kind,lat,lon,zone,tz,step_s,ward,gateway,address,asset,site,owner,neighbours,sensitivity,depth_mm,full_mm
            bin-1,bin-fill,52.5,-1.88,north,Europe/London,1800,Aston,gw-1,12 High Street,Bin 4,Market square,Waste north,\
            bin-2 bin-3,0.5,1200.0,100.0

            """
        let file = "\(site.folder)/sensors.csv"
        try registry.write(toFile: file, atomically: true, encoding: .utf8)
        try site.configure(extra: "sensors:\n  file: \(file)")
        let daemon = try await site.started()
        try site.publish([
            ("sluice/bin-fill/bin-1", Array(#"{"value":40}"#.utf8)),
            ("sluice/bin-fill/stranger", Array(#"{"value":20}"#.utf8)),
        ])
        try await Self.isStored("stranger", site)

        let page = try await HTTPAnswer.get("\(site.address)/api/sensor?id=bin-1").text
        for word in ["Market square", "Waste north", "bin-2", "1200"] { #expect(page.contains(word), "\(page)") }
        let data = ["--data", "\(site.folder)/data"]
        let shown = try await SluiceProcess.run(["sensors", "show", "bin-1"] + data)
        #expect(shown.code == 0)
        for word in ["Market square", "Waste north", "bin-2 bin-3"] {
            #expect(shown.output.contains(word), "\(shown.output)")
        }
        let listed = try await SluiceProcess.run(["sensors", "list", "--kind", "bin-fill"] + data)
        #expect(listed.output.contains("stranger") && listed.output.contains("2 sensors"), "\(listed.output)")
        let first = try await SluiceProcess.run(["sensors", "list", "--limit", "1"] + data)
        #expect(first.output.contains("the first 1 of 2 sensors: --limit"), "\(first.output)")
        #expect(try await SluiceProcess.run(["sensors", "show", "nobody"] + data).code == 66)

        // What is exported is a registry, and says what the first one said.
        let exported = try await SluiceProcess.run(["sensors", "export"] + data)
        let bytes = Array(exported.output.utf8)
        let table = SensorTable(csv: bytes.span)
        let before = Array(registry.utf8)
        #expect(table.problems.isEmpty, "\(exported.output)")
        #expect(table.sensors.first == SensorTable(csv: before.span).sensors.first)
        #expect(table.sensors.map(\.id) == ["bin-1", "stranger"])
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    // MARK: Import

    private static func run(_ site: Site, _ arguments: String...) async throws -> (code: Int32, output: String) {
        try await SluiceProcess.run(["sensors"] + arguments + ["--data", "\(site.folder)/data"])
    }

    private static func write(_ text: String, _ site: Site, _ name: String) throws -> String {
        let path = "\(site.folder)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func aRunningDaemonLearnsOfImportedSensorsAndKeepsThem() async throws {
        let site = try Site()
        try site.configure(extra: "sensors:\n  mode: allow_list")
        let daemon = try await site.started()
        try site.publish([("sluice/bin-fill/bin-1", Array(#"{"value":40}"#.utf8))])
        _ = try await daemon.line { $0.contains("\"unknown_sensor\"") }
        let file = try Self.write("sensor_id,kind,ward,tz\nbin-1,bin-fill,Aston,Europe/London\n", site, "a.csv")
        let imported = try await Self.run(site, "import", file)
        #expect(imported.code == 0, "\(imported.output)")
        #expect(
            imported.output.contains("1 sensor imported, 1 of them new; the running daemon knows them"),
            "\(imported.output)")
        #expect(try await Self.run(site, "list").output.contains("never heard"))
        try site.publish([("sluice/bin-fill/bin-1", Array(#"{"value":41}"#.utf8))])
        try await Self.isStored("bin-1", site)
        #expect(try await Self.run(site, "show", "bin-1").output.contains("Aston"))
        // What is known of a sensor that speaks already changes in its place in the stream.
        let moved = try Self.write("sensor_id,kind,ward\nbin-1,bin-fill,Ladywood\n", site, "b.csv")
        #expect(try await Self.run(site, "import", moved).code == 0)
        #expect(try await Self.run(site, "show", "bin-1").output.contains("Ladywood"))
        daemon.send(SIGKILL)
        try await daemon.expectExit(-SIGKILL)
        let again = try await site.started()
        #expect(try await Self.run(site, "show", "bin-1").output.contains("Ladywood"))
        again.send(SIGTERM)
        try await again.expectExit(0)
    }

    @Test func anImportedSensorIsKnownEverywhereBeforeItIsHeard() async throws {
        let site = try Site()
        try site.configure()
        let daemon = try await site.started()
        let file = try Self.write(
            "sensor_id,kind,lat,lon,ward,asset\nbin-1,bin-fill,52.5,-1.9,Aston,litter bin 556\n", site, "a.csv")
        #expect(try await Self.run(site, "import", file).code == 0)
        let all = try await HTTPAnswer.get("\(site.address)/api/sensors").text
        #expect(all.contains(#""bin-1","bin-fill",52.5,-1.9,"Aston""#), "\(all)")
        let one = try await HTTPAnswer.get("\(site.address)/api/sensor?id=bin-1")
        #expect(one.status == 200 && one.text.contains(#""asset":"litter bin 556""#), "\(one.text)")
        let assets = try await HTTPAnswer.get("\(site.address)/api/assets?bbox=-2,52,-1,53&kind=bin").text
        #expect(assets.contains("litter bin 556"), "\(assets)")
        let data = ["--data", "\(site.folder)/data"]
        let adopted = try await SluiceProcess.run(
            ["assets", "adopt", "litter bin 556", "--name", "Ann", "--mqtt", "stewards/ann"] + data)
        #expect(adopted.code == 0, "\(adopted.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
        // And so beside no daemon.
        for command in [["assets", "list"], ["sensors", "list"]] {
            let listed = try await SluiceProcess.run(command + data)
            #expect(
                listed.output.contains(command[0] == "assets" ? "litter bin 556" : "never heard"), "\(listed.output)")
        }
        let again = try await SluiceProcess.run(
            ["assets", "adopt", "litter bin 556", "--name", "Bob", "--mqtt", "stewards/bob"] + data)
        #expect(again.code == 0, "\(again.output)")
    }

    @Test func anImportBeyondTheMostSaysHowManyWouldBeRefused() async throws {
        let site = try Site()
        try site.configure(extra: "sensors:\n  max: 2")
        let daemon = try await site.started()
        let two = try Self.write("sensor_id,kind\nbin-1,bin-fill\nbin-2,bin-fill\n", site, "two.csv")
        let fits = try await Self.run(site, "import", two)
        #expect(fits.code == 0 && !fits.output.contains("refused"), "\(fits.output)")
        let third = try Self.write("sensor_id,kind\nbin-3,bin-fill\n", site, "third.csv")
        let tooMany = try await Self.run(site, "import", third)
        #expect(tooMany.code == 0, "\(tooMany.output)")
        #expect(
            tooMany.output.contains(
                "at least 1 of the 3 imported sensors would be refused when heard: sensors.max is 2"),
            "\(tooMany.output)")
        // What a reload has changed since the start counts.
        try site.configure(extra: "sensors:\n  max: 3")
        daemon.send(SIGHUP)
        _ = try await daemon.line { $0.contains("\"reload.done\"") }
        let raised = try await Self.run(site, "import", third)
        #expect(raised.code == 0 && !raised.output.contains("refused"), "\(raised.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func anImportIsAllOrNothingAndNamesEachBadRow() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let good = try Self.write("sensor_id,kind\nbin-1,bin-fill\n", site, "good.csv")
        #expect(try await Self.run(site, "import", good).code == 0)
        let before = try await Self.run(site, "export").output
        for (name, text, says) in [
            ("rows.csv", "sensor_id,kind\nbin-2,bin-fill\nbin-3,bucket\n", "line 3: kind: must be one of"),
            ("zone.csv", "sensor_id,kind,tz\nbin-2,bin-fill,Europe/Nowhere\n", "Europe/Nowhere"),
            (
                "points.geojson",
                #"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"sensor_id":"x"}}]}"#,
                "feature 1: kind: must not be empty"
            ),
        ] {
            let ran = try await Self.run(site, "import", try Self.write(text, site, name))
            #expect(ran.code == 65 && ran.output.contains(says), "\(ran.output)")
        }
        #expect(try await Self.run(site, "export").output == before)
        #expect(try await Self.run(site, "import", "\(site.folder)/missing.csv").code == 66)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func withoutADaemonTheyHoldFromTheNextStartAndTheConfiguredFileWins() async throws {
        let site = try Site()
        let points = """
            {"type":"FeatureCollection","features":[
            {"type":"Feature","id":"bin-1","properties":{"kind":"bin-fill","ward":"Aston","step_s":900,"depth_mm":1200.5},
             "geometry":{"type":"Point","coordinates":[-1.88,52.5]}},
            {"type":"Feature","properties":{"sensor_id":"loop-7","kind":"traffic","neighbours":["loop-8"]}}]}
            """
        let alone = try await Self.run(site, "import", try Self.write(points, site, "points.geojson"))
        #expect(alone.code == 0, "\(alone.output)")
        #expect(alone.output.contains("2 sensors imported, 2 of them new; they hold from the daemon's next start"))
        let exported = try await Self.run(site, "export").output
        #expect(exported.contains("bin-1,bin-fill,52.5,-1.88,,,900,Aston"), "\(exported)")
        // What is exported can be imported, and is the same then.
        let back = try await Self.run(site, "import", "--replace", try Self.write(exported, site, "back.csv"))
        #expect(back.output.contains("2 sensors imported, 0 of them new;"), "\(back.output)")
        #expect(try await Self.run(site, "export").output == exported)
        let configured = try Self.write("sensor_id,kind,ward\nbin-1,bin-fill,Nechells\n", site, "configured.csv")
        try site.configure(extra: "sensors:\n  file: \(configured)\n  mode: allow_list")
        let daemon = try await site.started()
        try site.publish([
            ("sluice/bin-fill/bin-1", Array(#"{"value":40}"#.utf8)),
            ("sluice/traffic/loop-7", Array(#"{"value":40,"metric":"speed_kmh"}"#.utf8)),
        ])
        try await Self.isStored("bin-1", site)
        _ = try await site.metric("sluice_readings_total 2")
        #expect(try await Self.run(site, "show", "bin-1").output.contains("Nechells"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }
}
