internal import Detection
internal import Open311
internal import Readings

/// The words of a request: what a resident reads. Templates, filled from its worst verdict.
struct RequestText {
    private let verdict: Verdict
    private let sensor: Sensor
    /// The one that the request goes by: no text names another.
    private let namedSensor: String
    private let gateway: SensorDirectory.Gateway?
    private let zone: ZoneTable
    /// When what the request is about began: no later than the window that its worst verdict looked at.
    private let sinceMs: Int64
    let sensorCount: Int
    /// How the request's position is known, and by how many metres it may be off; nil where there is none.
    let location: (method: ServiceRequest.LocationMethod, radiusM: Double?)?
    private let peopleCount: Int
    /// From the first of its stations to the farthest, metres.
    private let queueM: Double

    init(case item: RequestCase, directory: SensorDirectory) {
        verdict = item.worst
        sensor = directory[directory.representative(of: item.worstSubject)]
        namedSensor = item.request.sensorID
        zone = directory.zone
        peopleCount = item.request.peopleCount
        let places = item.worst.rule == .congestion ? item.members.compactMap { directory.position(of: $0) } : []
        queueM = places.first.map { first in places.map { Nearness.metres(first, $0) }.max() ?? 0 } ?? 0
        // A load is tipped in at a moment of its own.
        let isLoad = item.worst.rule == .binDumping
        sinceMs = isLoad ? item.worst.onsetMs : min(item.worst.onsetMs, item.request.firstSeenMs)
        if case .gateway(let number) = item.worstSubject {
            gateway = directory.gateways[number]
        } else {
            gateway = nil
        }
        location = Nearness.location(of: item, directory)
        sensorCount = item.members.reduce(0) { count, member in
            switch member {
            case .sensor: count + 1
            case .gateway(let number): count + directory.gateways[number].sensors.count
            }
        }
    }

    /// One line: what and where.
    var title: String {
        switch verdict.rule {
        case .nightFlow, .burst: "Possible \(isBurstMain ? "burst main" : "leak") in \(area)"
        case .meterNeverZero: "Possible leak behind the meter at \(spot)"
        case .wetContact: "Water where it should be dry: \(spot)"
        case .leakNoise: "Leak noise on the main at \(spot)"
        case .congestion: "Slow traffic on \(road)"
        case .trafficDrop: "Unusually little traffic on \(road)"
        case .binFull: "Bin full: \(spot)"
        case .binForecast: "Bin soon full: \(spot)"
        case .binDumping: "Load dumped in bin: \(spot)"
        case .binFire: "Bin on fire: \(spot)"
        case .binTilt: "Bin fallen over: \(spot)"
        case .silence: "Sensor silent: \(spot)"
        case .gatewaySilence:
            "\(line.capitalizedFirst) silent: \(Words.plural(Int64(sensorCount), "sensor")) unheard"
        case .stuck: "Sensor repeats one value: \(spot)"
        case .drift: "Sensor has drifted: \(spot)"
        case .implausible: "Sensor sends impossible values: \(spot)"
        case .anomaly: "Unusual readings: \(spot)"
        case .clock: "Sensor's clock is \(verdict.observed < 0 ? "behind" : "ahead"): \(spot)"
        }
    }

    /// What was seen, in one sentence.
    var summary: String {
        let unit = verdict.quantity.unit.symbol
        // Nobody wants to know a burning bin's tenths of a degree.
        let shown = { (value: Double) in Words.number(verdict.quantity == .temperature ? value.rounded() : value) }
        let observed = "\(shown(verdict.observed)) \(unit)".trimmed
        let expected = "\(shown(verdict.expected)) \(unit)".trimmed
        let since = Words.moment(sinceMs, zone: zone)
        switch verdict.rule {
        case .nightFlow, .burst:
            let more = Words.change(from: verdict.expected, to: verdict.observed).map { "\($0) above normal" }
            return
                "Flow into \(area) has been \(more ?? "above normal") since \(since): \(observed) where \(expected) is usual."
                + loss
        case .meterNeverZero:
            return "The meter at \(spot) has not rested since \(since): it never fell below \(observed)."
                + loss
        case .wetContact: return "The contact at \(spot) has been wet since \(since)."
        case .leakNoise: return "The night noise at \(spot) is \(observed), usually \(expected), since \(since)."
        case .congestion:
            return
                "Traffic on \(road) has moved at \(observed) since \(since), where \(expected) is usual at this hour."
                + queue + delay
        case .trafficDrop:
            return "Only \(observed) pass on \(road) since \(since), where \(expected) is usual at this hour."
        case .binFull: return "The bin at \(spot) is \(observed) full."
        case .binForecast:
            guard verdict.forecastMs > verdict.observedAtMs else { return "The bin at \(spot) is \(observed) full." }
            let due = Words.moment(verdict.forecastMs, zone: zone)
            return "The bin at \(spot) is \(observed) full and is expected to reach \(brim) at \(due).\(earliest)"
        case .binDumping:
            return "The bin at \(spot) went from \(expected) to \(observed) full at once, at \(since)."
        case .binFire:
            let usual = verdict.expected < verdict.observed ? ", where \(expected) is usual" : ""
            return "The bin at \(spot) is at \(observed)\(usual)."
        case .binTilt: return "The bin at \(spot) has lain on its side since \(since)."
        case .silence: return "Nothing has been heard of the sensor at \(spot) since \(since)."
        case .gatewaySilence:
            return "Nothing has been heard through \(line) since \(since). "
                + "\(Words.plural(Int64(sensorCount), "sensor")) cannot be heard; what they watch is not being watched."
        case .stuck: return "The sensor at \(spot) has sent \(observed) and nothing else since \(since)."
        case .anomaly: return "The sensor at \(spot) has sent \(observed) where \(expected) is usual, since \(since)."
        case .clock:
            let off = Words.duration(ms: Int64(abs(verdict.observed) * 60_000))
            let way = verdict.observed < 0 ? "behind" : "ahead"
            return "The clock of the sensor at \(spot) has been \(off) \(way) since \(since)."
        case .drift where verdict.quantity == .flow:
            return "The meter at \(spot) tells of \(observed) where \(expected) was usual, since \(since). "
                + "No leak has been mended."
        case .drift:
            return
                "The sensor at \(spot) sends \(observed) where its neighbours let expect \(expected), since \(since)."
        case .implausible: return "The sensor at \(spot) sends \(observed), which cannot be, since \(since)."
        }
    }

    /// What a leak costs.
    private var loss: String {
        Words.about(verdict.estimate, "L/h").map { " It loses \($0)." } ?? ""
    }

    /// What a queue costs those who are in it.
    private var delay: String {
        Words.about(verdict.estimate, "hours").map { " Each hour it costs drivers \($0) together." } ?? ""
    }

    /// How far a queue reaches from where it was first met.
    private var queue: String {
        guard queueM >= 100 else { return "" }
        return " It reaches over about \(Words.rough(queueM / 1000)) km."
    }

    /// The level that is forecast.
    private var brim: String { "\(Words.number(verdict.threshold)) %" }

    /// The early end of a forecast.
    private var earliest: String {
        guard verdict.forecastLowMs > verdict.observedAtMs, verdict.forecastLowMs < verdict.forecastMs else {
            return ""
        }
        return " It may be as early as \(Words.clock(verdict.forecastLowMs, zone: zone))."
    }

    /// For residents: the summary, who agrees, and who says so. At most 4,000 characters.
    ///
    /// - Parameter beside: what else is seen of the same thing; may be empty.
    func description(beside: String) -> String {
        var text = beside.isEmpty ? summary : "\(summary) \(beside)"
        if peopleCount > 0 || sensorCount > 1, gateway == nil { text += " \(agreement)" }
        text += " Raised automatically by the city's street sensors."
        return text.count <= 4000 ? text : String(text.prefix(3999)) + "…"
    }

    var opening: String { "Opened: \(summary)" }
    var recurrence: String { "it has come back. \(summary)" }
    var agreement: String {
        if peopleCount > 0 { return PeopleText.agreement(sensors: sensorCount, people: peopleCount) }
        return "\(Words.plural(Int64(sensorCount), "sensor")) agree\(sensorCount == 1 ? "s" : "")."
    }

    /// Why it was closed.
    func closing(after clearMs: Int64, _ last: Verdict) -> String {
        switch last.rule {
        case .silence, .gatewaySilence: return "Cleared: heard again; closed automatically."
        case .binFull, .binDumping: return "Cleared: the bin has been emptied; closed automatically."
        case .binForecast:
            guard last.observed < 55 else {
                return "Cleared: it is not expected to be full soon any more; closed automatically."
            }
            // By the worst of it: the forecast may have come true.
            return verdict.rule == .binForecast
                ? "Prevented: emptied before it was full; closed automatically."
                : "Cleared: the bin has been emptied; closed automatically."
        default:
            guard clearMs > 0 else { return "Cleared: back to normal; closed automatically." }
            return "Cleared: back to normal for \(Words.duration(ms: clearMs)); closed automatically."
        }
    }

    /// `service_notice` once it is over.
    static let closedNotice = "Nothing more needs to be done."

    /// `service_notice`: what happens next.
    var notice: String {
        switch verdict.rule {
        case .nightFlow, .burst, .meterNeverZero, .wetContact, .leakNoise:
            "The water team is told where to listen. If you see water in the road, please add a report."
        case .congestion, .trafficDrop: "The traffic team sees this now. Please allow more time or go another way."
        case .binFull, .binTilt, .binForecast, .binDumping:
            "The crew's next round is told. Please use another bin until then."
        case .binFire: "Keep away and call the fire service if you see flames."
        case .silence, .gatewaySilence, .stuck, .implausible, .drift, .clock, .anomaly:
            "A technician will look at the sensor. Nothing on the street need be wrong."
        }
    }

    /// A third more than usual all at once is a main; less may be a service pipe, or a leak that has grown.
    private var isBurstMain: Bool { verdict.rule == .burst && verdict.observed > 1.3 * verdict.expected }
    /// Where exactly: what people can find, else the id of the sensor that the request goes by. Where sensors' names are
    /// kept back, that is the one whose name is taken out of texts.
    private var spot: String {
        sensor.address ?? sensor.asset ?? (sensorCount > 1 ? sensor.zone.map { "the \($0) zone" } : nil) ?? namedSensor
    }
    private var area: String { sensor.zone.map { "the \($0) zone" } ?? spot }
    /// What the unheard sensors share.
    private var line: String {
        gateway?.zone.map { "the line of zone \($0)" } ?? "gateway \(gateway?.id ?? sensor.id)"
    }
    private var road: String { sensor.zone ?? spot }
}
