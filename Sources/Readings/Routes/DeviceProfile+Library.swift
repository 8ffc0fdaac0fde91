// The library: one entry a device family whose codec gives the same fields.

extension DeviceProfile {
    private static let battery = RouteField("battery", .battery)
    private static let temperature = RouteField("temperature", .temperature)

    // MARK: Wetness contacts

    private static let leakageStatus = RouteField("leakage_status", .wetness, words: ["normal": 0, "leak": 1])

    static let wetSensors: [DeviceProfile] = [
        // EM300-SLD (spot), EM300-ZLD (rope), EM300-MLD (membrane). The history has Unix seconds.
        DeviceProfile(
            "milesight-em300-leak", .waterLeak, [leakageStatus, temperature, battery],
            series: [RouteSeries("history", time: "timestamp", fields: [leakageStatus, temperature])]),
        DeviceProfile(
            "milesight-ws303", .waterLeak, [leakageStatus, battery],
            series: [RouteSeries("history", time: "timestamp", fields: [leakageStatus])]),
        // BAT_V is a voltage, of which nobody can tell the charge.
        DeviceProfile("dragino-lwl02", .waterLeak, [RouteField("WATER_LEAK_STATUS", .wetness)]),
    ]

    // MARK: Meters and flow

    static let waterMeters: [DeviceProfile] = [
        // Hourly deltas behind a logged total: delta_1 is the first hour behind the log, delta_23 the hour that ends at the
        // time of the message. A delta over an hour is a flow.
        DeviceProfile(
            "axioma-qalcosonic-w1", .waterLeak,
            (1...23).map {
                RouteField("delta_\($0)_m3", .meterFlow, unit: .cubicMetre, periodS: 3600, ageS: (23 - $0) * 3600)
            } + [
                RouteField("current_volume_m3", .volume),
                // The meter's own word for water that runs day and night, and for more of it than a house can use.
                RouteField("leakage", .wetness), RouteField("burst", .wetness),
            ], timeField: "timestamp_utc"),
        // CubicMeter 1.1. A leak is medium at 3 and large at 4. Its temperatures are texts with a unit behind them and are not
        // read.
        DeviceProfile(
            "quandify-cubicmeter", .waterLeak,
            [
                RouteField("total_volume", .volume, unit: .litre), RouteField("leak_status", .wetness, closedFrom: 3),
            ]),
        // Water_flow_value is what has flowed since the device was put in, in litres; the alarm is for water that runs without
        // a pause.
        DeviceProfile(
            "dragino-sw3l", .waterLeak,
            [
                RouteField("Water_flow_value", .volume, unit: .litre),
                RouteField("Alarm", .wetness, words: ["TRUE": 1, "FALSE": 0]),
            ]),
        // With its pulse conversion set to cubic metres.
        DeviceProfile(
            "milesight-em300-di", .waterLeak, [temperature, battery, RouteField("water", .volume, unit: .cubicMetre)]),
    ]

    // MARK: Pressure

    static let pressureSensors: [DeviceProfile] = [
        DeviceProfile(
            "milesight-em500-pp", .waterLeak, [RouteField("pressure", .pressure, unit: .kilopascal), battery],
            series: [
                RouteSeries(
                    "history", time: "timestamp", fields: [RouteField("pressure", .pressure, unit: .kilopascal)])
            ])
    ]

    // MARK: Traffic

    static let trafficRadars: [DeviceProfile] = [
        // One uplink for each category of vehicles, on a port of its own, all of one interval. No occupancy. sbx_batt is the
        // solar box's voltage, of which nobody knows how full that is.
        DeviceProfile(
            "parametric-tcr", .traffic, [],
            parts: RouteParts(
                ports: [13, 14, 15, 16, 17], time: "data1_timestamp",
                lanes: [.init(count: "l1_cnt", speed: "l1_avg"), .init(count: "r1_cnt", speed: "r1_avg")]))
    ]

    // MARK: Bins and levels

    private static let tilt = RouteField("position", .tilt, words: ["normal": 0, "tilt": 1])

    static let binSensors: [DeviceProfile] = [
        // EM400-MUD, EM400-UDL, EM400-TLD, EM310-UDL: millimetres to what lies in the bin.
        DeviceProfile(
            "milesight-em400", .binFill,
            [RouteField("distance", .fill, unit: .millimetre), temperature, tilt, battery],
            series: [
                RouteSeries(
                    "history", time: "timestamp",
                    fields: [RouteField("distance", .fill, unit: .millimetre), temperature, tilt])
            ]),
        // Its codec writes a distance as a number or as the digits of one, and words where there is none.
        DeviceProfile(
            "dragino-ldds75", .binFill,
            [
                RouteField(
                    "Distance", .fill, unit: .millimetre, faults: ["Invalid Reading", "No Sensor"], isText: true)
            ]),
    ]

    // MARK: FIWARE's smart data models, for format fiware

    static let dataModels: [DeviceProfile] = [
        // intensity counts vehicles over the observed period; shares are 0 to 1.
        DeviceProfile(
            "fiware-traffic-flow-observed", .traffic,
            [
                RouteField("intensity", .vehicleFlow, unit: .count),
                RouteField("occupancy", .occupancy, unit: .ratio), RouteField("averageVehicleSpeed", .speed),
            ]),
        DeviceProfile(
            "fiware-waste-container", .binFill,
            [RouteField("fillingLevel", .fill, unit: .ratio), RouteField("temperature", .temperature)]),
        // minFlow and maxFlow are L/h; the least flow of the period is the one that tells a leak.
        DeviceProfile(
            "fiware-water-consumption-observed", .waterLeak,
            [
                RouteField("minFlow", .meterFlow), RouteField("waterConsumption", .volume),
                RouteField("alarmStopsLeaks", .wetness),
            ]),
    ]
}
