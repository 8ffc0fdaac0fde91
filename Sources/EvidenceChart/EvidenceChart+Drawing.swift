internal import Detection

// Drawn in units of a 1200 × 630 card, the shape in which links are previewed, and scaled to the width that is asked.
extension EvidenceChart {
    /// Blocks for some 10 ms: never on the cooperative pool. The same chart gives the same bytes on one machine, whose
    /// fonts decide on the letters.
    ///
    /// - Parameter width: in pixels, 300–2400; the height is 21/40 of it.
    /// - Returns: nil when there is no memory for it.
    public func png(width: Int = 1200) -> [UInt8]? {
        let width = min(max(width, 300), 2400)
        let height = width * 630 / 1200
        guard let canvas = Canvas(width: width, height: height, scale: Double(width) / 1200) else { return nil }
        Sheet(chart: self, canvas: canvas).draw()
        return canvas.png()
    }
}

/// One drawing under way.
private struct Sheet {
    let chart: EvidenceChart
    let canvas: Canvas
    let values: ValueAxis
    let times: TimeAxis

    // The plot's corners.
    static let (left, right, top, bottom) = (104.0, 1160.0, 172.0, 522.0)
    static let white = Canvas.Color(0xFFFFFF)
    static let ink = Canvas.Color(0x1B2A38)
    static let quiet = Canvas.Color(0x5B6B79)
    static let grid = Canvas.Color(0xE3E8ED)
    static let day = Canvas.Color(0xB9C4CE)
    static let band = Canvas.Color(0xBFD9EE, alpha: 0.75)
    static let usual = Canvas.Color(0x6FA3CC)
    // Colours that people who can't tell red from green tell apart (Okabe & Ito).
    static let reading = Canvas.Color(0x0B4F8A)
    static let other = Canvas.Color(0x8AA4BC, alpha: 0.8)
    static let threshold = Canvas.Color(0xE69F00)
    static let opened = Canvas.Color(0xC9302C)
    static let closed = Canvas.Color(0x00806A)
    static let ahead = Canvas.Color(0xCC79A7)

    init(chart: EvidenceChart, canvas: Canvas) {
        (self.chart, self.canvas) = (chart, canvas)
        let inside = { (atMs: Int64) in (chart.fromMs...chart.toMs).contains(atMs) }
        var shown = chart.readings.filter { inside($0.atMs) }.map(\.value)
        for usual in chart.usual where inside(usual.atMs) { shown += [usual.low, usual.high] }
        shown += chart.usual.filter { inside($0.atMs) }.compactMap(\.threshold)
        if let threshold = chart.threshold { shown.append(threshold) }
        values = ValueAxis(shown)
        times = TimeAxis(fromMs: chart.fromMs, toMs: chart.toMs, zone: chart.zone, count: 12)
    }

    private func x(_ atMs: Int64) -> Double {
        Self.left + (Self.right - Self.left) * Double(atMs - chart.fromMs) / Double(chart.toMs - chart.fromMs)
    }

    private func y(_ value: Double) -> Double {
        Self.bottom - (Self.bottom - Self.top) * (value - values.low) / (values.high - values.low)
    }

    func draw() {
        canvas.fill(Self.white, x: 0, y: 0, width: 1200, height: 630)
        drawWords()
        drawGrid()
        canvas.clipped(
            x: Self.left, y: Self.top - 1, width: Self.right - Self.left, height: Self.bottom - Self.top + 2
        ) {
            drawForecast()
            drawUsual()
            drawReadings()
        }
        drawMoments()
        drawLegend()
    }

    // MARK: Words

    private func drawWords() {
        let title = canvas.wrapped(chart.title, size: 32, isBold: true, width: 1120, most: 1)
        canvas.text(title.first ?? "", Self.ink, size: 32, isBold: true, x: 40, y: 52)
        let lines = canvas.wrapped(chart.subtitle, size: 19, width: 1120, most: 2)
        for (place, line) in lines.enumerated() {
            canvas.text(line, Self.quiet, size: 19, x: 40, y: 84 + 26 * Double(place))
        }
        canvas.text(chart.axis, Self.ink, size: 16, isBold: true, x: 40, y: 156)
        canvas.text(chart.footnote, Self.quiet, size: 15, x: 1160, y: 612, .right)
        let offsets = [chart.fromMs, chart.toMs].map { TimeAxis.offset($0, chart.zone) }
        let offset = offsets[0] == offsets[1] ? offsets[0] : "\(offsets[0]), then \(offsets[1])"
        let clock = chart.zoneName == "UTC" || chart.zoneName.isEmpty ? offset : "\(chart.zoneName), \(offset)"
        canvas.text("Local time (\(clock))", Self.quiet, size: 15, x: Self.right, y: 568, .right)
    }

    // MARK: Axes

    private func drawGrid() {
        for tick in values.ticks {
            let y = y(tick).rounded() + 0.5
            canvas.line(Self.grid, width: 1, [(Self.left, y), (Self.right, y)])
            canvas.text(values.label(tick), Self.quiet, size: 15, x: Self.left - 12, y: y + 5, .right)
        }
        // Labels that would touch are left out: days before hours.
        var free = -Double.infinity
        let days = times.ticks.filter(\.isDay)
        for tick in times.ticks {
            let at = x(tick.atMs).rounded() + 0.5
            canvas.line(tick.isDay ? Self.day : Self.grid, width: 1, [(at, Self.top), (at, Self.bottom)])
            let half = canvas.width(of: tick.label, size: 15) / 2
            let nearDay = !tick.isDay && days.contains { abs(x($0.atMs) - at) < half + 52 }
            guard at - half > free, !nearDay, at + half < 1196, at - half > 4 else { continue }
            canvas.text(tick.label, tick.isDay ? Self.ink : Self.quiet, size: 15, x: at, y: Self.bottom + 22, .middle)
            free = at + half + 12
        }
        canvas.line(Self.day, width: 1, [(Self.left, Self.bottom + 0.5), (Self.right, Self.bottom + 0.5)])
    }

    // MARK: What was seen

    private func drawUsual() {
        let points = chart.usual
        if points.count > 1 {
            let highs = points.map { (x: x($0.atMs), y: y($0.high)) }
            let lows = points.reversed().map { (x: x($0.atMs), y: y($0.low)) }
            canvas.fill(Self.band, highs + lows)
            canvas.line(Self.usual, width: 1.5, points.map { (x: x($0.atMs), y: y($0.level)) })
        }
        let followed = points.compactMap { point in point.threshold.map { (x: x(point.atMs), y: y($0)) } }
        if followed.count > 1 {
            canvas.line(Self.threshold, width: 2, dash: [9, 6], followed)
        } else if let threshold = chart.threshold {
            let y = y(threshold)
            canvas.line(Self.threshold, width: 2, dash: [9, 6], [(Self.left, y), (Self.right, y)])
        }
    }

    private func drawReadings() {
        for other in chart.others { drawLine(other, Self.other, width: 1.2) }
        drawLine(chart.readings, Self.reading, width: 2.4)
        if let last = chart.readings.last { canvas.dot(Self.reading, x: x(last.atMs), y: y(last.value), radius: 4) }
    }

    /// Broken where readings are missing: a line through a gap would claim what nobody measured.
    private func drawLine(_ readings: [EvidenceChart.Point], _ color: Canvas.Color, width: Double) {
        let gap = Self.longestStep(readings)
        var piece: [(x: Double, y: Double)] = []
        var before = Int64.min
        for reading in readings {
            if before != .min, reading.atMs - before > gap {
                canvas.line(color, width: width, piece)
                piece.removeAll()
            }
            piece.append((x(reading.atMs), y(reading.value)))
            before = reading.atMs
        }
        canvas.line(color, width: width, piece)
    }

    /// Four times the usual step from one reading to the next.
    private static func longestStep(_ readings: [EvidenceChart.Point]) -> Int64 {
        let steps = zip(readings, readings.dropFirst()).map { $1.atMs - $0.atMs }.sorted()
        return steps.isEmpty ? .max : max(4 * steps[steps.count / 2], 60_000)
    }

    private func drawForecast() {
        guard let forecast = chart.forecast else { return }
        let (low, high) = (x(max(forecast.lowMs, chart.fromMs)), x(min(forecast.highMs, chart.toMs)))
        var shade = Self.ahead
        shade.alpha = 0.22
        canvas.fill(shade, x: low, y: Self.top, width: max(2, high - low), height: Self.bottom - Self.top)
        let at = x(forecast.atMs)
        canvas.line(Self.ahead, width: 2, dash: [3, 5], [(at, Self.top), (at, Self.bottom)])
    }

    private func drawMoments() {
        // The stretch above the plot that labels stand in.
        var taken: ClosedRange<Double>?
        let ranked =
            chart.moments.filter { $0.kind == .opened } + chart.moments.filter { $0.kind == .closed }
            + chart.moments.filter { $0.kind == .changed }
        let forecast = chart.forecast.map { EvidenceChart.Moment(atMs: $0.atMs, kind: .changed, label: $0.label) }
        for moment in ranked + (forecast.map { [$0] } ?? []) {
            guard (chart.fromMs...chart.toMs).contains(moment.atMs) else { continue }
            let at = x(moment.atMs)
            let isForecast = moment == forecast
            let color =
                isForecast
                ? Self.ahead : moment.kind == .opened ? Self.opened : moment.kind == .closed ? Self.closed : Self.quiet
            if !isForecast {
                let width = moment.kind == .changed ? 1.2 : 2.2
                canvas.line(color, width: width, [(at, Self.top - 6), (at, Self.bottom)])
            }
            let width = canvas.width(of: moment.label, size: 15, isBold: true)
            // Over its line, or where another label stands there, beside that; where there is no room, not at all.
            let starts = [at - width / 2] + (taken.map { [$0.upperBound + 1, $0.lowerBound - width - 9] } ?? [])
            let room = starts.lazy.map { min(max($0, Self.left), 1180 - width) }.map { ($0 - 8)...($0 + width + 8) }
                .first { room in !(taken?.overlaps(room) ?? false) }
            guard !moment.label.isEmpty, let room else { continue }
            canvas.text(moment.label, color, size: 15, isBold: true, x: room.lowerBound + 8, y: Self.top - 12)
            taken = taken.map { min($0.lowerBound, room.lowerBound)...max($0.upperBound, room.upperBound) } ?? room
        }
    }

    // MARK: Legend

    private func drawLegend() {
        var at = 40.0
        let y = 606.0
        func entry(_ label: String, _ sample: (Double) -> Void) {
            sample(at)
            canvas.text(label, Self.ink, size: 15, x: at + 36, y: y + 5)
            at += 36 + canvas.width(of: label, size: 15) + 26
        }
        entry(chart.sensor.isEmpty ? "readings" : chart.sensor) { x in
            canvas.line(Self.reading, width: 2.4, [(x, y), (x + 28, y)])
        }
        if !chart.others.isEmpty {
            entry("others that agree") { x in canvas.line(Self.other, width: 1.6, [(x, y), (x + 28, y)]) }
        }
        if chart.usual.count > 1 {
            entry("usual (9 of 10)") { x in
                canvas.fill(Self.band, x: x, y: y - 8, width: 28, height: 16)
                canvas.line(Self.usual, width: 1.5, [(x, y), (x + 28, y)])
            }
        }
        if chart.threshold != nil || chart.usual.contains(where: { $0.threshold != nil }) {
            entry(chart.isThresholdOfMeans ? "opens at once" : "threshold") { x in
                canvas.line(Self.threshold, width: 2, dash: [9, 6], [(x, y), (x + 28, y)])
            }
        }
    }
}
