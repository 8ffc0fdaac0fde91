internal import FoundationEssentials

/// The report as JSON. Names are the scorer's; what is not a number is null.
extension ScoreReport {
    public var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let document = Document(self)
        guard let data = try? encoder.encode(document) else { preconditionFailure("numbers and names can be encoded") }
        return [UInt8](data)
    }
}

private struct Document: Encodable {
    var events, groups, faults: [String: Figures]
    var nab: [String: NABFigures]
    var forecasts: ForecastFigures?

    init(_ report: ScoreReport) {
        let figures = { (rows: ScoreReport.Rows) in
            Dictionary(uniqueKeysWithValues: rows.map { ($0.name, Figures($0.tally)) })
        }
        events = figures(report.kinds)
        groups = figures(report.groups)
        faults = figures(report.faults)
        nab = Dictionary(report.nab.map { ($0.name, NABFigures($0.score)) }, uniquingKeysWith: { first, _ in first })
        if let total = report.nabTotal { nab["total"] = NABFigures(total) }
        forecasts = report.forecasts.map(ForecastFigures.init)
    }
}

private struct Figures: Encodable {
    var sensors, events, detected, tp_inc, opt_hits, fp, wrong_class, dup, ignored: Int
    var precision, recall, f1, precision_strict, f1_strict, fa_pm, delay_med_h, delay_p90_h: Double?
    var sensor_months: Double
    var by_type: [String: String]

    init(_ tally: Tally) {
        (sensors, events, detected) = (tally.sensors, tally.events, tally.eventsFound)
        (tp_inc, opt_hits, fp) = (tally.hits, tally.optionalHits, tally.falseAlarms)
        (wrong_class, dup, ignored) = (tally.wrongClass, tally.duplicates, tally.notCounted)
        (precision, recall, f1) = (tally.precision.finite, tally.recall.finite, tally.f1.finite)
        (precision_strict, f1_strict) = (tally.strictPrecision.finite, tally.strictF1.finite)
        (fa_pm, sensor_months) = (tally.falseAlarmsPerSensorMonth.finite, tally.sensorMonths)
        (delay_med_h, delay_p90_h) = (tally.medianDelayH.finite, tally.p90DelayH.finite)
        by_type = tally.eventsByType.mapValues { "\($0.found)/\($0.all)" }
    }
}

private struct NABFigures: Encodable {
    var windows, hit, fp: Int
    var raw: Double
    var normalised: Double?

    init(_ score: NABScore) {
        (windows, hit, fp) = (score.windows, score.hits, score.falseAlarms)
        (raw, normalised) = (score.raw, score.normalised.finite)
    }
}

private struct ForecastFigures: Encodable {
    var openings, foreseen, prevented, late, crossings, crossings_foreseen: Int
    var `false`: Int
    var median_error_h, median_lead_h, prevented_share, false_share: Double?

    init(_ score: ForecastScore) {
        (openings, foreseen, prevented) = (score.openings, score.foreseen, score.prevented)
        (`false`, late) = (score.falseOnes, score.late)
        (crossings, crossings_foreseen) = (score.crossings, score.foreseenCrossings)
        (median_error_h, median_lead_h) = (score.medianErrorH.finite, score.medianLeadH.finite)
        (prevented_share, false_share) = (score.preventedShare.finite, score.falseShare.finite)
    }
}

extension Double {
    fileprivate var finite: Double? { isFinite ? self : nil }
}
