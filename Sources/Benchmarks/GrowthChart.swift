internal import Foundation

/// Panels side by side, each a curve over the number of sensors, both axes logarithmic: a cost that grows with the city is a
/// straight line, one that does not is level.
struct GrowthChart {
    struct Panel {
        var title: String
        /// In ascending order of sensors; all above zero.
        var points: [(sensors: Double, value: Double)]
    }

    var panels: [Panel]

    private static let (width, height, margin) = (300.0, 220.0, 44.0)

    /// Readable on a light and on a dark page.
    var svg: String {
        let drawn = panels.enumerated().map { number, panel in
            "<g transform=\"translate(\(Double(number) * Self.width) 0)\">\n\(Self.draw(panel))</g>\n"
        }
        let width = Self.width * Double(panels.count)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(Self.height)" role="img" \
            aria-label="How cost grows with the number of sensors" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="#fff"/>
            \(drawn.joined())</svg>

            """
    }

    private static func draw(_ panel: Panel) -> String {
        guard let first = panel.points.first, let last = panel.points.last else { return "" }
        let values = panel.points.map(\.value)
        // A decade at least, so that noise does not look like growth.
        let low = log10(values.min() ?? 1).rounded(.down)
        let high = max(low + 1, log10(values.max() ?? 1).rounded(.up))
        let (left, right) = (log10(first.sensors), max(log10(last.sensors), log10(first.sensors) + 1))
        func x(_ sensors: Double) -> Double { margin + (log10(sensors) - left) / (right - left) * (width - 2 * margin) }
        func y(_ value: Double) -> Double {
            height - margin - (log10(value) - low) / (high - low) * (height - 2 * margin)
        }
        func text(_ words: String, _ x: Double, _ y: Double, _ anchor: String, weight: String = "normal") -> String {
            "<text x=\"\(Int(x))\" y=\"\(Int(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\" fill=\"#222\">"
                + "\(words)</text>\n"
        }
        var lines = text(panel.title, margin, margin / 2, "start", weight: "bold")
        for decade in Int(low)...Int(high) {
            let level = y(pow(10, Double(decade)))
            lines +=
                "<path d=\"M\(margin) \(level)H\(width - margin)\" stroke=\"#ccc\"/>\n"
                + text(Report.number(pow(10, Double(decade))), margin - 4, level + 4, "end")
        }
        for point in panel.points {
            lines += text(Self.thousands(point.sensors), x(point.sensors), height - margin + 16, "middle")
        }
        let path = panel.points.enumerated().map { "\($0 == 0 ? "M" : "L")\(x($1.sensors)) \(y($1.value))" }
        lines += "<path d=\"\(path.joined())\" fill=\"none\" stroke=\"#0b5fa5\" stroke-width=\"2\"/>\n"
        for point in panel.points {
            lines +=
                "<circle cx=\"\(x(point.sensors))\" cy=\"\(y(point.value))\" r=\"3.5\" fill=\"#0b5fa5\"/>\n"
                + text(Report.number(point.value), x(point.sensors), y(point.value) - 8, "middle", weight: "bold")
        }
        return lines + text("sensors", width / 2, height - 8, "middle")
    }

    private static func thousands(_ count: Double) -> String {
        count >= 1e6 ? "\(Int(count / 1e6)) M" : "\(Int(count / 1000)) k"
    }
}
