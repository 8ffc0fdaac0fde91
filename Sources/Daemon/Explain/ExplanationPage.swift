internal import Detection
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Readings
internal import TimeBase

/// Why a request exists, for a terminal: what it says, a small chart, each step in sentences, the rule, and today's
/// opinion.
struct ExplanationPage {
    struct Line: Equatable, Codable {
        var text: String
        var isBold = false
    }

    let evidence: RequestEvidence
    let request: ServiceRequest
    let updates: [RequestUpdate]
    let opinion: SecondOpinion?
    let zone: ZoneTable
    let zoneName: String

    private static let width = 100

    var lines: [Line] {
        var lines = [Line(text: "#\(request.id) \(request.title) (\(request.status.rawValue))", isBold: true)]
        lines += paragraph(request.description)
        if let sentence = certainty { lines += paragraph(sentence) }
        lines += section(chartTitle) + chart
        lines += section("What decided") + evidence.marks.flatMap(step)
        lines += section("The rule") + rule
        if evidence.sensors.count > 1 { lines += section("Who agrees") + sensors }
        if let opinion { lines += section("Today") + paragraph(opinion.sentence) + met(opinion) }
        return lines
    }

    private func section(_ title: String) -> [Line] { [Line(text: ""), Line(text: title, isBold: true)] }

    // MARK: Parts

    private var certainty: String? {
        var sentences: [String] = []
        if let confidence = request.confidence {
            sentences.append("Confidence \(Int((confidence * 100).rounded())) %, severity \(request.severity) of 4.")
        }
        if let estimate = request.estimate {
            let name = estimate.name.split(separator: "_").joined(separator: " ")
            sentences.append(
                "Estimate: \(rough(estimate.value)) \(name) (\(rough(estimate.low)) to \(rough(estimate.high)), "
                    + "nine times in ten).")
        }
        if let low = request.forecastLowMs, let high = request.forecastHighMs, low < high {
            sentences.append("Forecast: between \(moment(low)) and \(moment(high)).")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    private var chartTitle: String {
        guard let main = evidence.sensors.first else { return "Readings" }
        let unit = main.quantity.unit.symbol
        return "\(main.quantity.name) of \(main.sensorID)\(unit.isEmpty ? "" : " in \(unit)"), "
            + "\(moment(evidence.fromMs)) to \(moment(evidence.toMs)), \(zoneName)"
    }

    private var chart: [Line] {
        guard let main = evidence.sensors.first, !main.readings.isEmpty else {
            return [Line(text: "  No reading of it is stored.")]
        }
        let picture = DotChart(
            readings: main.readings.map { ($0.atMs, $0.value) },
            usual: main.usual.map { ($0.atMs, $0.low, $0.high) },
            fromMs: evidence.fromMs, toMs: max(evidence.toMs, main.readings[main.readings.count - 1].atMs))
        let marks: [(atMs: Int64, symbol: Character)] = evidence.marks.compactMap { mark in
            switch mark.event {
            case .opened, .reopened: (mark.verdict.observedAtMs, "▲")
            case .closed: (mark.verdict.observedAtMs, "▽")
            case .updated, .joined: nil
            }
        }
        return picture.lines(marks: marks, label: figure).map { Line(text: $0) }
            + [Line(text: "           ▲ the reading that opened   ▽ closed   ░ usual (nine of ten)")]
    }

    private func step(_ mark: EvidenceMark) -> [Line] {
        let verdict = mark.verdict
        let unit = verdict.quantity.unit.symbol
        let value = { (number: Double) in unit.isEmpty ? figure(number) : "\(figure(number)) \(unit)" }
        var text = "\(moment(mark.atMs)), \(mark.event.name) by \(verdict.rule.name)"
        text += mark.sensorID.map { " at \($0)" } ?? ""
        let isReading = !verdict.rule.tellsChangesOnly && moment(mark.atMs) != moment(verdict.observedAtMs)
        if isReading { text += " on its reading of \(moment(verdict.observedAtMs))" }
        if mark.event == .closed { return paragraph(text + closing(mark, value) + ".", indent: 2) }
        switch verdict.rule {
        case .silence, .gatewaySilence:
            text += ": unheard for \(figure(verdict.observed)) minutes, \(figure(verdict.threshold)) are allowed"
        case .stuck: text += ": \(value(verdict.observed)) \(figure(verdict.score)) times in a row"
        case .clock: text += ": the clock is \(figure(verdict.observed)) minutes ahead"
        case .wetContact where verdict.ground == .threshold:
            text += ": wet for \(share(verdict.observed)) of two days, \(share(verdict.threshold)) are too many"
        case .implausible:
            text += ": \(value(verdict.observed)), which cannot be, \(figure(verdict.score)) times in a row"
        default: text += measured(verdict, value) + reason(mark, value)
        }
        if verdict.ground != .accumulation, verdict.onsetMs < verdict.observedAtMs {
            text += ". It began at \(moment(verdict.onsetMs))"
        }
        if mark.confidence.isFinite {
            text += ". Confidence \(Int((mark.confidence * 100).rounded())) %"
        }
        if mark.signature.hash != evidence.opening.signature.hash {
            text += ". Parameters \(mark.signature.hash)"
        }
        return paragraph(text + ".", indent: 2)
    }

    private func measured(_ verdict: Verdict, _ value: (Double) -> String) -> String {
        var text = ": \(value(verdict.observed))"
        guard verdict.isUsualKnown else { return text + ", and what is usual is not known yet" }
        text += ", \(verdict.rule.isOfLevels ? "from" : "usual") \(value(verdict.expected))"
        if verdict.spread > 0 { text += " ± \(figure(verdict.spread))" }
        return text
    }

    /// What decided: the threshold only where it was crossed.
    private func reason(_ mark: EvidenceMark, _ value: (Double) -> String) -> String {
        let verdict = mark.verdict
        let score = ", score \(figure(verdict.score))"
        switch verdict.ground {
        case .threshold, .count:
            // A rule that compares with neighbours has no line of its own.
            let isLine = verdict.threshold.isFinite && verdict.threshold != verdict.observed
            return (isLine ? ", threshold \(value(verdict.threshold))" : "") + score
        case .forecast: return ", \(value(verdict.threshold)) expected at \(moment(verdict.forecastMs))" + score
        case .accumulation:
            let way = verdict.observed < verdict.expected ? "below" : "above"
            let lasted = SpanText.of(minutes: UInt64(max(0, verdict.observedAtMs - verdict.onsetMs) / 60_000))
            var text = score + ". It stayed \(way) usual for \(lasted), since \(moment(verdict.onsetMs)): "
            text +=
                mark.event == .joined && verdict.quantity == .pressure
                ? "little, but just what a leak in its zone does" : "what adds up passed its limit"
            if verdict.rule.addsUp, verdict.threshold.isFinite {
                text += ". A mean \(way) \(value(verdict.threshold)) would decide at once"
            }
            return text
        }
    }

    /// What it looked like when it was over, and how long it had.
    private func closing(_ mark: EvidenceMark, _ value: (Double) -> String) -> String {
        let verdict = mark.verdict
        guard !verdict.rule.tellsChangesOnly else { return ": heard again" }
        var text = ": \(value(verdict.observed))"
        if verdict.isUsualKnown, !verdict.rule.isOfLevels { text += ", usual \(value(verdict.expected))" }
        let isLine = verdict.threshold.isFinite && verdict.threshold != verdict.observed && !verdict.rule.addsUp
        if isLine { text += ", where \(value(verdict.threshold)) would open" }
        text += ", score \(figure(verdict.score))"
        let clearMs = mark.signature.parameters.first { $0.name == "clear_ms" }.flatMap { Int64($0.value) } ?? 0
        if clearMs > 0 { text += ". It had looked good for \(SpanText.of(minutes: UInt64(clearMs / 60_000)))" }
        if let note = updates.first(where: { $0.number == mark.number })?.text { text += ". \(note)" }
        while text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private var rule: [Line] {
        let opening = evidence.opening
        let head =
            "\(opening.verdict.rule.name), version \(opening.signature.version), parameters "
            + "\(opening.signature.hash):"
        let parameters = opening.signature.parameters.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        return paragraph(head, indent: 2) + paragraph(parameters, indent: 4)
    }

    private var sensors: [Line] {
        evidence.sensors.flatMap { sensor -> [Line] in
            let end = sensor.isFiring ? "still" : sensor.untilMs.map { "until \(moment($0))" } ?? ""
            let place = sensor.address.map { ", \($0)" } ?? ""
            return paragraph(
                "\(sensor.sensorID)\(place): \(sensor.rule.name) since \(moment(sensor.sinceMs)), \(end), "
                    + "\(sensor.readings.count) readings", indent: 2)
        }
    }

    private func met(_ opinion: SecondOpinion) -> [Line] {
        guard opinion.readings > 0 else { return [] }
        return paragraph("\(opinion.readings) stored readings from \(moment(opinion.fromMs)) on were met again.")
    }

    // MARK: Words

    private func paragraph(_ text: String, indent: Int = 0) -> [Line] {
        let margin = String(repeating: " ", count: indent)
        var lines: [Line] = []
        var line = margin
        for word in text.split(whereSeparator: \.isWhitespace) {
            if line.count + word.count + 1 > Self.width, line != margin {
                lines.append(Line(text: line))
                line = margin + (indent > 0 ? "  " : "")
            }
            line += (line.allSatisfy { $0 == " " } ? "" : " ") + word
        }
        return lines + [Line(text: line)]
    }

    private func moment(_ ms: Int64) -> String {
        let local = LocalTime(atMs: ms, in: zone)
        let date = CivilDate(daysSinceEpoch: local.day)
        let (hour, minute) = (local.secondOfDay / 3600, local.secondOfDay / 60 % 60)
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day)) \(two(hour)):\(two(minute))"
    }

    private func share(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }

    /// Two significant digits: what an estimate is worth.
    private func rough(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12, value != 0 else { return figure(value) }
        var step = 1.0
        while value.magnitude / step >= 100 { step *= 10 }
        while value.magnitude / step < 10, step > 0.01 { step /= 10 }
        return figure((value / step).rounded() * step)
    }

    /// About three digits.
    private func figure(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
        let digits = value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2
        var text = String(fixed: value, digits: digits)
        if text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text
    }
}

extension String {
    /// A decimal with so many digits behind the point.
    fileprivate init(fixed value: Double, digits: Int) {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((value * scale).rounded())
        let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        let tail = String(part)
        let point = digits == 0 ? "" : "." + String(repeating: "0", count: digits - tail.count) + tail
        self = (scaled < 0 ? "-" : "") + "\(whole)" + point
    }
}

extension Rule {
    /// Whether a bin's level is compared with the one that it filled from; no level is usual.
    fileprivate var isOfLevels: Bool { self == .binFull || self == .binForecast || self == .binDumping }
}
