import Readings
import Testing

/// A route that could not mean what it says is refused when it is loaded, not when messages come.
@Suite struct RouteProblemTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var format = PayloadFormat.json
        var topic = "city/{sensor}"
        var kind: SensorKind? = .waterLeak
        var fields: [RouteField] = []
        var change: @Sendable (inout Route) -> Void = { _ in }
        var problems: [String]
    }

    @Test(arguments: [
        Case(
            testDescription: "pressure into litres",
            fields: [RouteField("p", .meterFlow, unit: .kilopascal)],
            problems: ["fields[0].unit: must be convertible into L/h for flow_lph, found kPa"]),
        Case(
            testDescription: "an amount where a rate is wanted", fields: [RouteField("v", .meterFlow, unit: .litre)],
            problems: [
                "fields[0].unit: L is an amount and flow_lph is a rate; say with per over how long it is summed"
            ]),
        Case(
            testDescription: "a period for what is no amount",
            fields: [RouteField("p", .pressure, unit: .bar, periodS: 60)],
            problems: ["fields[0].per: needs an amount (m3, L or count) as unit, found bar"]),
        Case(
            testDescription: "litres a minute from a count of vehicles",
            fields: [RouteField("n", .meterFlow, unit: .count, periodS: 60)],
            problems: ["fields[0].unit: must be convertible into L/h for flow_lph, found count"]),
        Case(
            testDescription: "a distance of a leak sensor", fields: [RouteField("d", .fill, unit: .millimetre)],
            problems: ["fields[0].unit: a distance becomes a fill level only for kind bin-fill"]),
        Case(
            testDescription: "a contact that is none", fields: [RouteField("f", .flow, closedFrom: 3)],
            problems: ["fields[0].closed_from: has a meaning for contacts (wet, tilt), found flow_m3h"]),
        Case(
            testDescription: "a sum of pressures", format: .senML, fields: [RouteField("p", .pressure, isSum: true)],
            problems: ["fields[0].sum: is what a flow has come to, quantity volume_m3 or value, found pressure_m"]),
        Case(
            testDescription: "a sum where the format has none", fields: [RouteField("f", .volume, isSum: true)],
            problems: ["fields[0].sum: has no meaning for json"]),
        Case(
            testDescription: "nothing to read",
            problems: ["fields: must name at least one field, or profile a device model"]),
        Case(
            testDescription: "no sensor", topic: "city/all", fields: [RouteField("p", .flow)],
            problems: [
                "sensor: must say which sensor it is: capture {sensor} in the topic, or give sensor or sensor_field"
            ]),
        Case(
            testDescription: "a capture that the topic does not have", topic: "city/{device}",
            fields: [RouteField("p", .flow)], change: { $0.sensor = "{app}-{device}" },
            problems: ["sensor: uses {app}, which the topic city/{device} does not capture"]),
        Case(
            testDescription: "one sensor for all", topic: "city/{device}", fields: [RouteField("p", .flow)],
            change: { $0.sensor = "pump" },
            problems: ["sensor: must have a {capture} of the topic, or all messages are one sensor's, found \"pump\""]),
        Case(
            testDescription: "two ways to name the sensor", fields: [RouteField("p", .flow)],
            change: { ($0.sensor, $0.sensorField) = ("{sensor}", "id") },
            problems: ["sensor_field: stands beside sensor; keep one"]),
        Case(
            testDescription: "a path with a hole", fields: [RouteField("a..b", .flow)],
            problems: ["fields[0].path: must be names joined by dots, such as uplink.level, found \"a..b\""]),
        Case(
            testDescription: "a word that is too long",
            fields: [RouteField("s", .wetness, words: ["seventeen letters": 1])],
            problems: ["fields[0].words: must be 1–16 bytes each, found \"seventeen letters\""]),
        Case(
            testDescription: "paths for flat JSON", format: .flatJSON, topic: "city/{kind}/{sensor}", kind: nil,
            fields: [RouteField("p", .flow)],
            problems: ["fields: has no meaning for flat-json, whose members are fixed; take format json to name paths"]),
        Case(
            testDescription: "a history in line protocol", format: .lineProtocol, fields: [RouteField("p", .flow)],
            change: { $0.series = [RouteSeries("h", time: "t", fields: [RouteField("p", .flow)])] },
            problems: ["series: has no meaning for line-protocol"]),
        Case(
            testDescription: "a bin that is full below its bottom", kind: .binFill,
            fields: [RouteField("d", .fill, unit: .millimetre)],
            change: { $0.mounting = Mounting(depthMM: 1200, fullMM: 1300) },
            problems: ["full_mm: must be less than the depth of 1200.0 mm, found 1300.0 mm"]),
        Case(
            testDescription: "columns that lack what is read", format: .csv, fields: [RouteField("level", .flow)],
            change: { $0.columns = ["time", "flow"] },
            problems: ["columns: must have \"level\", which the route reads"]),
        Case(
            testDescription: "a radar without its interval", format: .theThingsStack, kind: .traffic,
            fields: [RouteField("n", .vehicleFlow, unit: .count)],
            problems: [
                "fields[0].unit: count is an amount and flow_vph is a rate; say with per over how long it is summed"
            ]),
    ])
    func isRefusedWithASentence(_ c: Case) throws {
        var route = Route(name: "r", topic: try TopicPattern(c.topic), format: c.format, kind: c.kind)
        route.fields = c.fields
        c.change(&route)
        #expect(route.problems() == c.problems)
    }

    @Test(arguments: [
        RouteField("v", .flow, unit: .litrePerSecond), RouteField("v", .meterFlow, unit: .cubicMetre, periodS: 3600),
        RouteField("v", .pressure, unit: .kilopascal), RouteField("v", .generic, unit: .kilopascal),
        RouteField("v", .vehicleFlow, unit: .count, periodS: 300), RouteField("v", .volume, unit: .litre),
        RouteField("a[3].b", .wetness, words: ["leak": 1, "normal": 0]),
    ])
    func aSoundFieldIsTaken(_ field: RouteField) throws {
        var route = Route(name: "r", topic: try TopicPattern("c/{sensor}"), format: .json, kind: .waterLeak)
        route.fields = [field]
        #expect(route.problems() == [])
    }

    @Test(arguments: DeviceProfile.library.map(\.name))
    func everyProfileMakesASoundRoute(_ name: String) throws {
        var route = Route(name: "r", topic: try TopicPattern("v3/+/devices/+/up"), format: .theThingsStack)
        route.profile = DeviceProfile(name: name)
        route.intervalS = 300
        #expect(route.problems() == [])
    }
}
