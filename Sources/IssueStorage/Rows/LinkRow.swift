internal import GRDB
internal import Readings

/// How a sensor's link stands in table `sensor_link`: reports are added up.
enum LinkRow {
    /// What is old counts half as much, again and again, so that the share of losses is that of late.
    static let addSQL = """
        INSERT INTO sensor_link (sensor, at, received, lost, duplicated, restarts, rssi, snr)
        VALUES (?, ?, ?, max(0, ?), ?, ?, ?, ?)
        ON CONFLICT (sensor) DO UPDATE SET
            at = max(at, excluded.at),
            received = CASE WHEN received + lost > 1000 THEN received / 2 ELSE received END + excluded.received,
            lost = max(0, CASE WHEN received + lost > 1000 THEN lost / 2 ELSE lost END + ?4),
            duplicated = duplicated + excluded.duplicated, restarts = restarts + excluded.restarts,
            rssi = coalesce(excluded.rssi, rssi), snr = coalesce(excluded.snr, snr)
        """

    static func arguments(_ link: SensorLink) -> StatementArguments {
        [
            Int64(link.sensor.rawValue), link.atMs, Int64(link.received), Int64(link.lost), Int64(link.duplicated),
            Int64(link.restarts), link.rssiDBm.isNaN ? nil : Double(link.rssiDBm),
            link.snrDB.isNaN ? nil : Double(link.snrDB),
        ]
    }

    static func record(_ row: Row) -> LinkRecord {
        LinkRecord(
            sensorID: row["id"], gateway: row["gateway"], lastFrameMs: row["at"], received: row["received"],
            lost: row["lost"], duplicated: row["duplicated"], restarts: row["restarts"], rssiDBm: row["rssi"],
            snrDB: row["snr"])
    }
}
