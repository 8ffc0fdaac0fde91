import Foundation
import Readings
import TestSupport
import Testing

/// What the registry says of a sensor, on its way through the daemon and out again.
@Suite struct SensorsCommandTests {
    private typealias Site = DaemonProcessTests.Site

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
        _ = try await site.metric("sluice_readings_total 2")

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
}
