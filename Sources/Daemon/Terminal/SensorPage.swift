internal import IssueStorage
internal import Open311
internal import Readings

/// One sensor as a terminal shows it.
struct SensorPage {
    private let standing: SensorStanding
    private let link: LinkRecord?

    init(_ standing: SensorStanding, link: LinkRecord?) { (self.standing, self.link) = (standing, link) }

    /// Everything that is known, a line each.
    var text: String {
        fields.map { name, value in "\(name.padded(to: 14))\(value)" }.joined(separator: "\n")
    }

    /// The same as one line of JSON.
    var json: String {
        let document = GeoReportDocument(
            root: "sensor", content: .fields(fields.map { .init($0.name, .text($0.value)) }))
        return String(decoding: document.encoded(as: .json), as: UTF8.self)
    }

    /// What a list shows of a sensor.
    static func line(_ standing: SensorStanding) -> String {
        let sensor = standing.sensor
        var words = [sensor.id.padded(to: 28), sensor.kind.name.padded(to: 11)]
        words.append((standing.lastHeardMs.map { Timestamp.format($0) } ?? "never heard").padded(to: 21))
        if let percent = standing.batteryPercent { words.append("battery \(percent.rounded().asText) %") }
        if let lost = standing.lostShare { words.append("lost \((lost * 100).rounded().asText) %") }
        words += standing.faults
        words += standing.openRequests.map { "#\($0)" }
        return words.joined(separator: " ")
    }

    private var fields: [(name: String, value: String)] {
        let sensor = standing.sensor
        var found: [(name: String, value: String)] = [("id", sensor.id), ("kind", sensor.kind.name)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { found.append((name, value)) }
        }
        add("position", sensor.position.map { "\($0.latitude), \($0.longitude)" })
        add("address", sensor.address)
        add("ward", sensor.ward)
        add("zone", sensor.zone)
        add("site", sensor.site)
        add("asset", sensor.asset)
        add("owner", sensor.owner)
        add("gateway", sensor.gateway)
        add("neighbours", sensor.neighbours.joined(separator: " "))
        add("interval_s", sensor.expectedIntervalS.map { "\($0)" })
        add("sensitivity", sensor.sensitivity.map { $0.asText })
        add("depth_mm", sensor.mounting.map { $0.depthMM.asText })
        add("full_mm", sensor.mounting.map { $0.fullMM.asText })
        add("time_zone", sensor.timeZone)
        add("last_heard", standing.lastHeardMs.map { Timestamp.format($0) })
        add("battery_pct", standing.batteryPercent.map { $0.asText })
        add("lost_pct", standing.lostShare.map { ($0 * 100).asText })
        add("frames", link.map { "\($0.received) of late, \($0.restarts) restarts" })
        add("rssi_dbm", link?.rssiDBm.map { Double($0).asText })
        add("snr_db", link?.snrDB.map { Double($0).asText })
        add("faults", standing.faults.joined(separator: " "))
        add("requests", standing.openRequests.map(String.init).joined(separator: " "))
        return found
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var asText: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
