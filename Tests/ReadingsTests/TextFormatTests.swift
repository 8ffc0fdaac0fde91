import Readings
import Testing

@Suite struct NumberFormatTests {
    @Test(arguments: [
        FormatCase("a number", "12.5", becomes: ["s-1 fill_pct 12.5 arrival"]),
        FormatCase("with white space around it", " 12.5\r\n", becomes: ["s-1 fill_pct 12.5 arrival"]),
        FormatCase("an exponent", "1.25e1", becomes: ["s-1 fill_pct 12.5 arrival"]),
        FormatCase("a ratio", "0.5", becomes: ["s-1 fill_pct 50 arrival"], change: { $0.unit = .ratio }),
        FormatCase(
            "a contact says true", "true", becomes: ["s-1 tilt 1 arrival"], change: { $0.quantity = .tilt }),
        FormatCase(
            "a contact has words", "OPEN", becomes: ["s-1 tilt 1 arrival"],
            change: { $0.fields = [RouteField("payload", .tilt, words: ["OPEN": 1, "SHUT": 0])] }),
        FormatCase(
            "a distance", "300", becomes: ["s-1 fill_pct 70 arrival"],
            change: {
                $0.fields = [RouteField("payload", .fill, unit: .millimetre)]
                $0.mounting = Mounting(depthMM: 1000)
            }),
        FormatCase("a unit behind it", "12.5 %", becomes: ["wrong_type"]),
        FormatCase("nothing", "", becomes: ["wrong_type"]),
        FormatCase("not a number", "nan", becomes: ["wrong_type"]),
        FormatCase("infinity", "inf", becomes: ["wrong_type"]),
        FormatCase("too large for a double", "1e309", becomes: ["not_finite"]),
        FormatCase("four hundred digits", String(repeating: "9", count: 400), becomes: ["not_finite"]),
        FormatCase("hexadecimal", "0x10", becomes: ["wrong_type"]),
        FormatCase("broken UTF-8", bytes: [0xFF, 0xFE], becomes: ["wrong_type"]),
    ])
    func becomes(_ c: FormatCase) throws {
        c.check(Route(name: "r", topic: try TopicPattern("city/{sensor}"), format: .number, kind: .binFill))
    }
}

@Suite struct LineProtocolTests {
    @Test(arguments: [
        FormatCase(
            "fields of every kind",
            #"water,site=A7,dev=24e1 pressure=412.5,leak=true,n=3i,u=4u,st="ok" 1777615200000000000"#,
            becomes: ["24e1 pressure_m 42.063294 2026-05-01T06:00:00Z", "24e1 wet 1 2026-05-01T06:00:00Z"]),
        FormatCase(
            "a point a line, each sensor's own",
            "water,dev=a pressure=9.80665 1777615200000000000\n# a comment\r\n\nwater,dev=b leak=f 1777615260000000000\n",
            becomes: ["a pressure_m 1 2026-05-01T06:00:00Z", "b wet 0 2026-05-01T06:01:00Z"]),
        FormatCase("no time: the arrival's", "water,dev=a leak=t", becomes: ["a wet 1 arrival"]),
        FormatCase(
            "seconds", "water,dev=a leak=t 1777615200", becomes: ["a wet 1 2026-05-01T06:00:00Z"],
            change: { $0.timeUnit = .seconds }),
        FormatCase(
            "nanoseconds are cut, not rounded", "water,dev=a leak=t 1777615200999999999",
            becomes: ["a wet 1 2026-05-01T06:00:00Z"]),
        FormatCase(
            "names with escapes", #"water,my\ tag=x,dev=a\,b\ c my\ field=1,leak=t"#, becomes: ["a,b c wet 1 arrival"]),
        FormatCase(
            "a field of one measurement alone", "rain level=1\nwater,dev=a level=2", becomes: ["missing_field"],
            change: { $0.fields = [RouteField("water.level", .flow)] }),
        FormatCase(
            "named with its measurement", "rain,dev=a level=1\nwater,dev=a level=2", becomes: ["a flow_m3h 2 arrival"],
            change: { $0.fields = [RouteField("water.level", .flow)] }),
        FormatCase(
            "words in quotation marks", #"water,dev=a st="a \"wet\" one""#, becomes: ["a wet 1 arrival"],
            change: { $0.fields = [RouteField("st", .wetness, words: [#"a "wet" one"#: 1])] }),
        FormatCase("no sensor", "water,site=A leak=t", becomes: ["missing_field"]),
        FormatCase("none of the fields", "water,dev=a x=1", becomes: ["missing_field"]),
        FormatCase("nothing", "", becomes: ["missing_field"]),
        FormatCase("text for a number", #"water,dev=a pressure="412.5""#, becomes: ["wrong_type"]),
        FormatCase("cut in a text", #"water,dev=a st="o"#, becomes: ["malformed"]),
        FormatCase("cut behind a backslash", #"water,dev=a st="\"#, becomes: ["malformed"]),
        FormatCase("cut in a key", "water,dev=a pres", becomes: ["malformed"]),
        FormatCase("cut before a value", "water,dev=a pressure=", becomes: ["malformed"]),
        FormatCase("no fields", "water,dev=a", becomes: ["malformed"]),
        FormatCase("no measurement", ",dev=a leak=t", becomes: ["malformed"]),
        FormatCase("a word without quotation marks", "water,dev=a leak=yes", becomes: ["malformed"]),
        FormatCase("too large for a double", "water,dev=a pressure=1e400", becomes: ["not_finite"]),
        FormatCase("too large for an integer", "water,dev=a pressure=99999999999999999999i", becomes: ["not_finite"]),
        FormatCase("a time that is none", "water,dev=a leak=t soon", becomes: ["bad_timestamp"]),
        FormatCase("seconds taken for nanoseconds", "water,dev=a leak=t 1777615200", becomes: ["bad_timestamp"]),
        FormatCase("more behind the time", "water,dev=a leak=t 1777615200000000000 x", becomes: ["malformed"]),
    ])
    func becomes(_ c: FormatCase) throws {
        var route = Route(name: "r", topic: try TopicPattern("city/+"), format: .lineProtocol, kind: .waterLeak)
        route.sensorField = "dev"
        route.fields = [RouteField("pressure", .pressure, unit: .kilopascal), RouteField("leak", .wetness)]
        c.check(route)
    }
}

@Suite struct CSVFormatTests {
    @Test(arguments: [
        FormatCase(
            "columns named by the first line",
            "when,dev,level,temp\r\n2026-05-01T06:00:00Z,bin-1,40,12.5\r\n1777615260,bin-2,,13\r\n",
            becomes: [
                "bin-1 fill_pct 40 2026-05-01T06:00:00Z", "bin-1 temperature_c 12.5 2026-05-01T06:00:00Z",
                "bin-2 temperature_c 13 2026-05-01T06:01:00Z",
            ]),
        FormatCase(
            "a sensor's lines are sorted by time", "when,dev,level\n1777615260,a,2\n1777615200,a,1",
            becomes: ["a fill_pct 1 2026-05-01T06:00:00Z", "a fill_pct 2 2026-05-01T06:01:00Z"]),
        FormatCase(
            "in quotation marks", "\"when\",\"dev\", \"level\"\n,\"a,b\",\"40\"", becomes: ["a,b fill_pct 40 arrival"]),
        FormatCase(
            "columns named by the route", "1777615200;a;40", becomes: ["a fill_pct 40 2026-05-01T06:00:00Z"],
            change: {
                ($0.columns, $0.delimiter) = (["when", "dev", "level"], ";"); $0.fields = [RouteField("level", .fill)]
            }),
        FormatCase("no line but the first", "when,dev,level\n", becomes: ["missing_field"]),
        FormatCase("nothing", "", becomes: ["malformed"]),
        FormatCase("a line that is too short", "when,dev,level\n1777615200,a", becomes: ["malformed"]),
        FormatCase("a quotation mark that is left open", "when,dev,level\n1777615200,\"a,40", becomes: ["malformed"]),
        FormatCase("text behind a quotation mark", "when,dev,level\n1777615200,\"a\"b,40", becomes: ["malformed"]),
        FormatCase("text for a number", "when,dev,level\n1777615200,a,full", becomes: ["wrong_type"]),
        FormatCase("a bad time", "when,dev,level\nyesterday,a,40", becomes: ["bad_timestamp"]),
        FormatCase("no sensor", "when,dev,level\n1777615200,,40", becomes: ["bad_sensor_id"]),
        FormatCase("no column for the sensor", "when,level\n1777615200,40", becomes: ["missing_field"]),
        FormatCase(
            "one bad line loses no other", "when,dev,level\n1777615200,a,40\n1777615200,a,x",
            becomes: ["a fill_pct 40 2026-05-01T06:00:00Z", "wrong_type level"]),
    ])
    func becomes(_ c: FormatCase) throws {
        var route = Route(name: "r", topic: try TopicPattern("city/+"), format: .csv, kind: .binFill)
        (route.sensorField, route.timeField) = ("dev", "when")
        route.fields = [RouteField("level", .fill), RouteField("temp", .temperature)]
        c.check(route)
    }

    @Test func speaksOfAtMost256Sensors() throws {
        var route = Route(name: "r", topic: try TopicPattern("city/+"), format: .csv, kind: .binFill)
        (route.sensorField, route.fields) = ("dev", [RouteField("level", .fill)])
        let header = "dev,level\n"
        let most = header + (0..<256).map { "s\($0),1" }.joined(separator: "\n")
        #expect(decode(most, topic: "city/x", routes: [route]).message?.sensors.count == 256)
        #expect(decode(most + "\nz,1", topic: "city/x", routes: [route]).label == "out_of_range")
    }
}
