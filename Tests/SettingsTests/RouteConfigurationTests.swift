import Settings
import Readings
import Testing

/// Routes as the configuration file writes them.
@Suite struct RouteConfigurationTests {
    private func load(_ yaml: String) throws -> Configuration {
        try Configuration.parse(yaml, source: "sluice.yaml", files: .none).configuration
    }

    private func problems(_ yaml: String) -> String {
        do {
            _ = try load(yaml)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func everyKeyOfARouteIsRead() throws {
        let route = try load(
            """
            routes:
              - name: bins
                topic: v3/{app}/devices/{device}/up
                format: the-things-stack
                profile: milesight-em400
                sensor: "{app}-{device}"
                time_field: at
                time_unit: ms
                counter_field: n
                interval: 5m
                depth_mm: 1200
                full_mm: 100
                fields:
                  - path: hours[0].m3
                    quantity: flow_lph
                    unit: m3
                    per: 1h
                    age: 2h
                    words: {none: 0}
                    faults: No Sensor, Invalid Reading
                    text: true
                series:
                  - path: log
                    time: t
                    time_unit: s
                    fields:
                      - path: temp
                        quantity: temperature_c
                        unit: F
                samples:
                  - topic: v3/a/devices/b/up
                    payload_hex: 7b 7D
                    expect: fill_pct 50, tilt 0
            """
        ).routes[0]
        var expected = Route(
            name: "bins", topic: try TopicPattern("v3/{app}/devices/{device}/up"), format: .theThingsStack)
        expected.profile = DeviceProfile(name: "milesight-em400")
        expected.sensor = "{app}-{device}"
        (expected.timeField, expected.timeUnit, expected.counterField) = ("at", .milliseconds, "n")
        (expected.intervalS, expected.mounting) = (300, Mounting(depthMM: 1200, fullMM: 100))
        expected.fields = [
            RouteField(
                "hours[0].m3", .meterFlow, unit: .cubicMetre, periodS: 3600, ageS: 7200, words: ["none": 0],
                faults: ["No Sensor", "Invalid Reading"], isText: true)
        ]
        expected.series = [
            RouteSeries(
                "log", time: "t", timeUnit: .seconds, fields: [RouteField("temp", .temperature, unit: .fahrenheit)])
        ]
        #expect(route.route == expected)
        #expect(route.samples[0].bytes == Array("{}".utf8))
        #expect(route.samples[0].expect == ["fill_pct 50", "tilt 0"])
    }

    @Test func columnsAreNamedInALine() throws {
        let route = try load(
            """
            routes:
              - name: files
                topic: city/{kind}
                format: csv
                sensor_field: dev
                time_field: when
                columns: when, dev, level
                delimiter: ;
                fields: [{path: level, quantity: fill_pct}]
            """
        ).routes[0].route
        #expect(route.columns == ["when", "dev", "level"])
        #expect(route.delimiter == ";")
    }

    @Test func pressureDoesNotBecomeLitres() {
        let found = problems(
            """
            routes:
              - name: mains
                topic: city/{sensor}
                format: json
                kind: water-leak
                fields:
                  - path: p
                    quantity: flow_lph
                    unit: kPa
            """)
        #expect(
            found.contains("routes[0].fields[0].unit: must be convertible into L/h for flow_lph, found kPa"), "\(found)"
        )
        #expect(found.contains(":9:"), "where it stands: \(found)")
    }

    @Test func whatIsMissingIsNamed() {
        let found = problems(
            """
            routes:
              - name: mains
                topic: city/{sensor}
                format: json
                kind: water-leak
                fields:
                  - path: p
                    words: {wet: soaked}
            """)
        #expect(found.contains("routes[0].fields[0].quantity: is missing"), "\(found)")
        #expect(found.contains("routes[0].fields[0].words.wet: must be a number, found soaked"), "\(found)")
    }

    @Test func aDeviceThatNobodyKnowsIsRefusedWithTheListOfThoseThatAreKnown() {
        let found = problems("routes: [{name: a, topic: 'c/{sensor}', format: the-things-stack, profile: acme-1}]")
        #expect(
            found.contains("routes[0].profile: must be a device model: ") && found.contains("dragino-lwl02"), "\(found)"
        )
    }
}
