internal import Detection
internal import GRDB
internal import Open311

/// What one request adds to the measures. A pure function of its row and of when it was closed.
struct MeasureFact: Equatable {
    struct Flags: OptionSet, Equatable {
        var rawValue: Int64

        static let isOpen = Flags(rawValue: 1 << 0)
        /// Raised by a person.
        static let byPerson = Flags(rawValue: 1 << 1)
        /// A person reported it, first or later.
        static let reported = Flags(rawValue: 1 << 2)
        /// A sensor had raised it before.
        static let detectedBefore = Flags(rawValue: 1 << 3)
        /// Closed, and there was a moment by which it was to be.
        static let promised = Flags(rawValue: 1 << 4)
        static let kept = Flags(rawValue: 1 << 5)
        /// Staff gave a verdict.
        static let reviewed = Flags(rawValue: 1 << 6)
        static let falseAlarm = Flags(rawValue: 1 << 7)
        /// A bin that was filling up and has been emptied, in time or not.
        static let filling = Flags(rawValue: 1 << 8)
        /// Before it was full.
        static let emptied = Flags(rawValue: 1 << 9)
        /// Counts as one more at its place: not known to be a false alarm.
        static let isThere = Flags(rawValue: 1 << 10)
    }

    var raisedAtMs: Int64
    var service: String
    /// Empty for none.
    var ward: String
    /// nil without a position.
    var cell: GridCell?
    var flags: Flags = []
    /// Seconds from when a sensor raised it to when a person first reported it, if that was later.
    var leadS: Int64?
    /// Seconds from when it was raised to the first act of staff, and to its closing.
    var acknowledgeS: Int64?
    var closeS: Int64?
    var savedUnit: SavedUnit?
    /// In thousandths of the unit.
    var saved: Int64 = 0
    var savedLow: Int64 = 0
    var savedHigh: Int64 = 0
}

extension MeasureFact {
    /// Of a row of table `request`; nil for a duplicate of another, which is the same trouble.
    ///
    /// - Parameter closedAtMs: when it was closed for good, or nil if it is open.
    init?(_ row: Row, closedAtMs: Int64?) {
        guard !Self.isDuplicate(row) else { return nil }
        raisedAtMs = row["requested_at"]
        service = row["service"]
        ward = row["ward"] ?? ""
        cell = GridCell(latitude: row["latitude"], longitude: row["longitude"])
        readTimes(row, closedAtMs: closedAtMs)
        readVerdict(row["verdict"])
        readFilling(row, closedAtMs: closedAtMs)
    }

    /// ``ServiceRequest/isDuplicate``, of a row.
    private static func isDuplicate(_ row: Row) -> Bool {
        let (parent, key): (Int64?, String) = (row["parent_id"], row["incident_key"])
        if parent != nil, key.contains(ServiceRequest.shareMark) { return false }
        return parent != nil || row["word"] == "duplicate"
    }

    /// The same as a condition on table `request`; word for word that of the index of what is late.
    static let isNoDuplicate = """
        (word <> 'duplicate' AND parent_id IS NULL OR parent_id IS NOT NULL AND instr(incident_key, '/for/') > 0)
        """

    private mutating func readTimes(_ row: Row, closedAtMs: Int64?) {
        let reportedAtMs: Int64? = row["first_reported_at"]
        let isByPerson = row["origin"] as String == "person"
        if isByPerson { flags.insert(.byPerson) }
        if isByPerson || reportedAtMs != nil { flags.insert(.reported) }
        if !isByPerson, let reportedAtMs, reportedAtMs > raisedAtMs {
            flags.insert(.detectedBefore)
            leadS = (reportedAtMs - raisedAtMs) / 1000
            readSaving(row, untilMs: min(reportedAtMs, closedAtMs ?? .max))
        }
        acknowledgeS = (row["acknowledged_at"] as Int64?).map { max(0, $0 - raisedAtMs) / 1000 }
        guard let closedAtMs else {
            flags.insert(.isOpen)
            return
        }
        closeS = max(0, closedAtMs - raisedAtMs) / 1000
        if let expectedAtMs: Int64 = row["expected_at"] {
            flags.insert(.promised)
            if closedAtMs <= expectedAtMs { flags.insert(.kept) }
        }
    }

    /// Loss by the hour × hours known earlier.
    ///
    /// A leak loses flow × (time until someone is aware of it + until it is located + until it is repaired); what a sensor
    /// shortens is the first, by the time from its request to the first person's report. So nothing is counted where
    /// nobody ever reported: how long that would have taken is not known. The bounds are those of the flow's estimate.
    ///
    /// - Source: the awareness, location and repair times of Lambert, "Accounting for Losses: The Bursts and Background
    ///   Concept", Water Env. J. 8 (1994). For traffic the same: delay by the hour × hours known earlier, which is what
    ///   an early response can save at most.
    private mutating func readSaving(_ row: Row, untilMs: Int64) {
        guard let name: String = row["estimate"], let unit = SavedUnit(estimate: name),
            let value: Double = row["estimate_value"], value > 0
        else { return }
        let hours = Double(max(0, untilMs - raisedAtMs)) / 3_600_000
        func thousandths(_ rate: Double?) -> Int64 {
            // Far beyond any real one, and a million of them still fit.
            Int64(min(max(0, (rate ?? value) * hours), 1e9) * 1000)
        }
        savedUnit = unit
        saved = thousandths(value)
        savedLow = thousandths(row["estimate_low"])
        savedHigh = thousandths(row["estimate_high"])
    }

    private mutating func readVerdict(_ verdict: String) {
        if verdict != "unreviewed" { flags.insert(.reviewed) }
        flags.insert(verdict == "false_alarm" ? .falseAlarm : .isThere)
    }

    /// A request for a bin that will be full keeps its forecast until the bin is full.
    private mutating func readFilling(_ row: Row, closedAtMs: Int64?) {
        let detector: String = row["detector"]
        guard let closedAtMs, Self.fillingRules.contains(detector), !flags.contains(.falseAlarm) else { return }
        flags.insert(.filling)
        if let fullAtMs: Int64 = row["forecast_at"], closedAtMs <= fullAtMs { flags.insert(.emptied) }
    }

    private static let fillingRules: Set<String> = [Rule.binForecast.name, Rule.binFull.name]
}
