extension ScoreReport {
    /// The figures as tables.
    public var lines: [String] {
        var lines = Self.table("incidents, by kind", kinds)
        lines += [""] + Self.table("by group", groups)
        lines += [""] + Self.table("sensor faults, by kind", faults)
        if let forecasts { lines += [""] + Self.lines(forecasts) }
        if !nab.isEmpty { lines += [""] + nabLines }
        return lines
    }

    private static func table(_ title: String, _ rows: Rows) -> [String] {
        var table = TextTable(
            [
                title, "sensors", "events", "found", "hits", "false", "again", "precision", "recall", "F1", "F1s",
                "false/month", "delay", "p90", "found by type",
            ], leftColumns: [0, 14])
        for (name, tally) in rows {
            table.add([
                name, "\(tally.sensors)", "\(tally.events)", "\(tally.eventsFound)", "\(tally.hits)",
                "\(tally.falseAlarms)", "\(tally.duplicates)", fixed(tally.precision, 3), fixed(tally.recall, 3),
                fixed(tally.f1, 3), fixed(tally.strictF1, 3), fixed(tally.falseAlarmsPerSensorMonth, 3),
                span(hours: tally.medianDelayH), span(hours: tally.p90DelayH),
                tally.eventsByType.sorted { $0.key < $1.key }
                    .map { "\($0.key) \($0.value.found)/\($0.value.all)" }.joined(separator: ", "),
            ])
        }
        return table.lines
    }

    private static func lines(_ score: ForecastScore) -> [String] {
        [
            "preventive openings: \(score.openings): \(score.foreseen) foresaw a full bin, \(score.prevented) were emptied "
                + "first (\(fixed(100 * score.preventedShare, 1)) %), \(score.falseOnes) were false "
                + "(\(fixed(100 * score.falseShare, 1)) %), \(score.late) came late",
            "time to 85 %: median error \(span(hours: score.medianErrorH)), \(span(hours: score.medianLeadH)) ahead; "
                + "\(score.foreseenCrossings) of \(score.crossings) full bins were foreseen",
        ]
    }

    private var nabLines: [String] {
        guard let total = nabTotal else { return [] }
        return NABTable.lines(nab, total: total)
    }
}

/// The benchmark's scores as a table.
public enum NABTable {
    public static func lines(_ rows: [(name: String, score: NABScore)], total: NABScore) -> [String] {
        var table = TextTable(["NAB, \(total.profile.name) profile", "windows", "hit", "false", "raw", "score"])
        for (name, score) in rows + [("total", total)] {
            table.add([
                name, "\(score.windows)", "\(score.hits)", "\(score.falseAlarms)", fixed(score.raw, 3),
                fixed(score.normalised, 2),
            ])
        }
        return table.lines
    }
}
