internal import IssueStorage
internal import Open311
internal import Readings

/// One sensor as a terminal shows it.
struct SensorPage {
    private let standing: SensorStanding
    private let link: SensorLink?

    init(_ standing: SensorStanding, link: SensorLink?) { (self.standing, self.link) = (standing, link) }

    /// Everything that is known, a line each.
    var text: String {
        fields.map { name, value in "\(name.padded(to: 18))\(value)" }.joined(separator: "\n")
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
        if let interval = interval(of: standing) { words.append("every \(interval)") }
        if let percent = standing.batteryPercent { words.append("battery \(percent.rounded().asText) %") }
        if let lost = standing.lostShare { words.append("lost \((lost * 100).rounded().asText) %") }
        words += standing.faults
        words += standing.openRequests.map { "#\($0)" }
        return words.joined(separator: " ")
    }

    private static func interval(of standing: SensorStanding) -> String? {
        guard let seconds = standing.intervalS else { return nil }
        let text =
            seconds % 3600 == 0 ? "\(seconds / 3600) h" : seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
        return standing.isIntervalLearned ? text + " (learned)" : text
    }

    private func addFrames(_ link: SensorLink, _ add: (String, String?) -> Void) {
        let counts = link.counts
        for (name, count) in [
            ("received", counts.received), ("lost", counts.lost), ("duplicated", counts.duplicated),
            ("reordered", counts.reordered), ("resets", counts.resets), ("rejoins", counts.rejoins),
        ] {
            add("frames_\(name)", "\(count)")
        }
        add("last_counter", link.history.highest < 0 ? nil : "\(link.history.highest)")
        add("last_frame", Timestamp.format(link.atMs))
        add("rssi_dbm", link.rssiDBm.isNaN ? nil : Double(link.rssiDBm).asText)
        add("snr_db", link.snrDB.isNaN ? nil : Double(link.snrDB).asText)
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
        add("interval_s", standing.intervalS.map { "\($0)" })
        add("interval", standing.intervalS.map { _ in standing.isIntervalLearned ? "learned" : "stated" })
        add("sensitivity", sensor.sensitivity.map { $0.asText })
        add("depth_mm", sensor.mounting.map { $0.depthMM.asText })
        add("full_mm", sensor.mounting.map { $0.fullMM.asText })
        add("time_zone", sensor.timeZone)
        add("adopted_by", sensor.adoptedBy)
        add("last_heard", standing.lastHeardMs.map { Timestamp.format($0) })
        add("battery_pct", standing.batteryPercent.map { $0.asText })
        add("lost_pct", standing.lostShare.map { ($0 * 100).asText })
        if let link { addFrames(link, add) }
        add("faults", standing.faults.joined(separator: " "))
        add("requests", standing.openRequests.map(String.init).joined(separator: " "))
        return found
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var asText: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
