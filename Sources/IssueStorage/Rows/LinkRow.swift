internal import GRDB
internal import Incidents
internal import Readings

/// How a sensor's link stands in table `sensor_link`: whole, so that writing it again changes nothing.
enum LinkRow {
    static let upsertSQL =
        "INSERT OR REPLACE INTO sensor_link VALUES (\(Array(repeating: "?", count: 18).joined(separator: ", ")))"

    static func arguments(_ link: SensorLink) -> StatementArguments {
        let (counts, history) = (link.counts, link.history)
        return [
            Int64(link.sensor.rawValue), link.atMs, counts.received, counts.lost, counts.duplicated, counts.reordered,
            counts.resets, counts.rejoins, link.recentlyReceived, link.recentlyLost,
            Int64(bitPattern: history.session), history.highest, history.highestAtMs, history.beganAtMs,
            Int64(bitPattern: history.seen), history.joinsAtMs,
            link.rssiDBm.isNaN ? nil : Double(link.rssiDBm), link.snrDB.isNaN ? nil : Double(link.snrDB),
        ]
    }

    static func link(_ row: Row) -> SensorLink {
        var link = SensorLink(sensor: SensorIndex(rawValue: row["sensor"]), atMs: row["at"])
        link.counts.received = row["received"]
        link.counts.lost = row["lost"]
        link.counts.duplicated = row["duplicated"]
        link.counts.reordered = row["reordered"]
        link.counts.resets = row["resets"]
        link.counts.rejoins = row["rejoins"]
        link.recentlyReceived = row["recently_received"]
        link.recentlyLost = row["recently_lost"]
        let (session, seen): (Int64, Int64) = (row["session"], row["seen"])
        link.history = FrameHistory(
            session: UInt64(bitPattern: session), highest: row["counter"], highestAtMs: row["counter_at"],
            beganAtMs: row["began_at"], seen: UInt64(bitPattern: seen), joinsAtMs: row["joins_at"])
        if let rssi: Double = row["rssi"] { link.rssiDBm = Float(rssi) }
        if let snr: Double = row["snr"] { link.snrDB = Float(snr) }
        return link
    }

    static let upsertCadenceSQL = "INSERT OR REPLACE INTO sensor_cadence (sensor, interval_s) VALUES (?, ?)"

    static func arguments(_ cadence: CommitBatch.Cadence) -> StatementArguments {
        [Int64(cadence.sensor.rawValue), Int64(cadence.intervalS)]
    }
}
