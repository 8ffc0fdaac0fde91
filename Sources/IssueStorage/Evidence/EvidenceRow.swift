internal import Detection
internal import FoundationEssentials
internal import GRDB
internal import Incidents
internal import Readings

/// How an ``EvidenceMark`` stands in table `evidence_mark`, and its rule's parameters in `evidence_parameters`.
enum EvidenceRow {
    static let upsertSQL = upsert(
        into: "evidence_mark",
        columns: [
            "request_id", "number", "event", "at", "sensor", "rule", "rule_version", "parameters", "quantity",
            "condition", "observed_at", "onset", "score", "observed", "expected", "threshold", "spread", "confidence",
            "estimate", "estimate_low", "estimate_high", "forecast", "forecast_low", "forecast_high", "window_from",
            "baseline",
        ],
        key: "request_id, number", keeping: ["request_id", "number"])

    static func arguments(_ mark: EvidenceMark) -> StatementArguments {
        let verdict = mark.verdict
        let forecast = verdict.forecastMs == 0 ? nil : verdict.forecastMs
        let head: StatementArguments = [
            mark.requestID, mark.number, Int64(mark.event.rawValue), mark.atMs, Int64(mark.sensor.rawValue),
            verdict.rule.name, mark.signature.version, mark.signature.hash, Int64(verdict.quantity.rawValue),
            Int64(verdict.condition.rawValue), verdict.observedAtMs, verdict.onsetMs,
        ]
        let figures: StatementArguments = [
            verdict.score, verdict.observed, verdict.expected, verdict.threshold, verdict.spread, mark.confidence,
            verdict.estimate.value, verdict.estimate.low, verdict.estimate.high, forecast,
            forecast.map { _ in verdict.forecastLowMs }, forecast.map { _ in verdict.forecastHighMs }, mark.fromMs,
            mark.baseline.map { Data(BaselineBytes.encode($0)) },
        ]
        return head + figures
    }

    static func mark(_ row: Row) throws -> EvidenceMark {
        let (ruleName, number): (String, Int64) = (row["rule"], row["sensor"])
        let (event, condition, quantity): (UInt8, UInt8, UInt8) = (row["event"], row["condition"], row["quantity"])
        let verdict = Verdict(
            rule: try known(Rule(name: ruleName), "evidence_mark", "rule", ruleName),
            condition: try known(Verdict.Condition(rawValue: condition), "evidence_mark", "condition", condition),
            quantity: try known(Quantity(rawValue: quantity), "evidence_mark", "quantity", quantity),
            observedAtMs: row["observed_at"], onsetMs: row["onset"], score: statistic(row["score"]),
            observed: statistic(row["observed"]), expected: statistic(row["expected"]),
            threshold: statistic(row["threshold"]), forecastMs: row["forecast"] ?? 0,
            forecastLowMs: row["forecast_low"] ?? 0, forecastHighMs: row["forecast_high"] ?? 0,
            spread: statistic(row["spread"]), estimate: interval(row))
        var mark = EvidenceMark(
            requestID: row["request_id"], number: row["number"],
            event: try known(EvidenceMark.Event(rawValue: event), "evidence_mark", "event", event), atMs: row["at"],
            sensor: SensorIndex(rawValue: UInt32(truncatingIfNeeded: number)), verdict: verdict,
            fromMs: row["window_from"], confidence: statistic(row["confidence"]),
            signature: RuleSignature(version: row["rule_version"], content: row["content"] ?? ""),
            baseline: (row["baseline"] as Data?).flatMap { BaselineBytes.decode(Array($0)) })
        mark.sensorID = row["sensor_id"]
        return mark
    }

    private static func interval(_ row: Row) -> Interval {
        guard let value: Double = row["estimate"], let low: Double = row["estimate_low"],
            let high: Double = row["estimate_high"]
        else { return .unknown }
        return Interval(value: value, low: low, high: high)
    }

    /// The marks of a request in their order, with the parameters that their hashes stand for.
    static let selectSQL = """
        SELECT evidence_mark.*, content, sensor.id AS sensor_id FROM evidence_mark
        LEFT JOIN evidence_parameters ON hash = parameters LEFT JOIN sensor ON sensor.number = evidence_mark.sensor
        WHERE request_id = ? ORDER BY evidence_mark.number
        """

    /// The parameters never change under their hash.
    static let parametersSQL =
        "INSERT INTO evidence_parameters (hash, rule, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

    static func parameters(_ mark: EvidenceMark) -> StatementArguments {
        [mark.signature.hash, mark.verdict.rule.name, mark.signature.content]
    }

    /// There is something to be counted, and to be copied soon: an earlier appointment stands, a later one is brought forward.
    static let dueSQL = """
        INSERT INTO evidence_due (request_id, due, is_uncounted) VALUES (?, ?, 1)
        ON CONFLICT (request_id) DO UPDATE SET due = min(due, excluded.due), is_uncounted = 1
        """
}

/// A ``Baseline`` as bytes: two numbers, a count, and three 32-bit floats a point, little-endian.
enum BaselineBytes {
    private static let format: UInt8 = 1

    static func encode(_ baseline: Baseline) -> [UInt8] {
        var bytes: [UInt8] = [format]
        bytes.reserveCapacity(19 + 12 * baseline.levels.count)
        append(UInt64(bitPattern: baseline.startMs), to: &bytes)
        append(UInt64(bitPattern: baseline.stepMs), to: &bytes)
        append(UInt16(clamping: baseline.levels.count), to: &bytes)
        for column in [baseline.levels, baseline.lows, baseline.highs] {
            for value in column { append(value.bitPattern, to: &bytes) }
        }
        return bytes
    }

    /// nil for bytes of another format, that end too soon, or whose times can't be told.
    static func decode(_ bytes: [UInt8]) -> Baseline? {
        guard bytes.count >= 19, bytes[0] == format else { return nil }
        var at = 1
        var baseline = Baseline(
            startMs: Int64(bitPattern: read(bytes, &at)), stepMs: Int64(bitPattern: read(bytes, &at)))
        let count = Int(read(bytes, &at) as UInt16)
        let longestMs = Int64(count).multipliedReportingOverflow(by: baseline.stepMs)
        guard bytes.count == 19 + 12 * count, baseline.stepMs > 0, !longestMs.overflow,
            !baseline.startMs.addingReportingOverflow(longestMs.partialValue).overflow
        else { return nil }
        let column = { (at: inout Int) in (0..<count).map { _ in Float(bitPattern: read(bytes, &at)) } }
        (baseline.levels, baseline.lows, baseline.highs) = (column(&at), column(&at), column(&at))
        return baseline
    }

    private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    private static func read<Number: FixedWidthInteger>(_ bytes: [UInt8], _ at: inout Int) -> Number {
        var number: Number = 0
        for index in 0..<(Number.bitWidth / 8) { number |= Number(bytes[at + index]) << Number(8 * index) }
        at += Number.bitWidth / 8
        return number
    }
}
