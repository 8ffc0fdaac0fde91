internal import Detection
internal import EvidenceChart
internal import Incidents
import IssueStorage
import Open311
internal import Readings

extension EvidenceChart {
    /// The chart of a request's evidence.
    ///
    /// - Parameters:
    ///   - request: as it is shown to the public.
    ///   - name: what a sensor is called.
    init(
        _ evidence: RequestEvidence, of request: ServiceRequest, parts: EvidenceParts, name: (String) -> String
    ) {
        let latest = evidence.mark(of: request)
        let forecastMs = latest.verdict.forecastMs
        // A forecast lies ahead of the readings, and a little room behind the last of them shows where they end.
        let shown = max(evidence.toMs, forecastMs > 0 && request.status == .open ? latest.verdict.forecastHighMs : 0)
        let room = max((shown - evidence.fromMs) / 50, 60_000)
        self.init(fromMs: evidence.fromMs, toMs: shown + room, zone: parts.zone, zoneName: parts.zoneName)
        title = request.title
        subtitle = request.description
        let quantity = evidence.sensors.first?.quantity ?? latest.verdict.quantity
        axis = quantity.title + (quantity.unit.symbol.isEmpty ? "" : ", \(quantity.unit.symbol)")
        footnote = "Request \(request.id) · rule \(latest.verdict.rule.name), version \(latest.signature.version)"
        guard let main = evidence.sensors.first else { return }
        sensor = name(main.sensorID)
        readings = main.readings.map { Point(atMs: $0.atMs, value: $0.value) }
        others = evidence.sensors.dropFirst().filter { $0.quantity == main.quantity }
            .map { $0.readings.map { Point(atMs: $0.atMs, value: $0.value) } }
        usual = main.usual.map {
            Usual(atMs: $0.atMs, level: $0.level, low: $0.low, high: $0.high, threshold: $0.threshold)
        }
        isThresholdOfMeans = main.rule.addsUp
        // The threshold of what is counted (silent minutes, equal values) is no value of the series.
        if usual.isEmpty, latest.verdict.rule.comparesValues { threshold = main.threshold }
        moments = evidence.marks.map(moment)
        if forecastMs > latest.verdict.observedAtMs {
            forecast = Forecast(
                atMs: forecastMs, lowMs: latest.verdict.forecastLowMs, highMs: latest.verdict.forecastHighMs,
                label: "full by \(clock(forecastMs))")
        }
    }

    private func moment(_ mark: EvidenceMark) -> Moment {
        let atMs = mark.verdict.observedAtMs
        switch mark.event {
        case .opened:
            // The line stands at the reading; the request was raised when the daemon had it.
            let raised = "raised \(clock(mark.atMs))"
            let isAtOnce = clock(atMs) == clock(mark.atMs)
            return Moment(atMs: atMs, kind: .opened, label: isAtOnce ? raised : "decided \(clock(atMs)), \(raised)")
        case .reopened: return Moment(atMs: atMs, kind: .opened, label: "again \(clock(atMs))")
        case .closed: return Moment(atMs: atMs, kind: .closed, label: "closed \(clock(atMs))")
        case .updated: return Moment(atMs: atMs, kind: .changed, label: "graver")
        case .joined: return Moment(atMs: atMs, kind: .changed, label: "")
        }
    }

    private func clock(_ ms: Int64) -> String { timeLabel(ms) }
}

extension Rule {
    /// Whether its threshold is a value of the quantity that it watches.
    fileprivate var comparesValues: Bool {
        switch self {
        case .silence, .gatewaySilence, .stuck, .clock, .implausible, .drift: false
        default: true
        }
    }
}

extension Quantity {
    /// At the head of an axis.
    fileprivate var title: String {
        switch self {
        case .flow: "Flow"
        case .pressure: "Pressure"
        case .noise: "Noise"
        case .meterFlow: "Metered flow"
        case .wetness: "Wet (1) or dry (0)"
        case .vehicleFlow: "Vehicles"
        case .occupancy: "Occupancy"
        case .speed: "Speed"
        case .fill: "Fill level"
        case .temperature: "Temperature"
        case .tilt: "Tilted (1) or upright (0)"
        case .battery: "Battery"
        case .generic: "Value"
        case .volume: "Meter reading"
        case .vehicleFlowPart: "Vehicles of one category"
        case .speedPart: "Speed-weighted vehicles of one category"
        }
    }
}
