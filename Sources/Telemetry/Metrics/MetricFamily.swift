/// All series of one metric name.
struct MetricFamily: Sendable {
    enum Kind: Sendable {
        case counter, fractionCounter, gauge, timer, recorder

        /// The word in the `# TYPE` line.
        var type: String {
            switch self {
            case .counter, .fractionCounter: "counter"
            case .gauge: "gauge"
            case .timer, .recorder: "histogram"
            }
        }

        func makeMetric() -> Metric {
            switch self {
            case .counter: .counter(CounterMetric())
            case .fractionCounter: .fractionCounter(FractionCounterMetric())
            case .gauge: .gauge(GaugeMetric())
            case .timer: .distribution(DistributionMetric(.seconds))
            case .recorder: .distribution(DistributionMetric(.amounts))
            }
        }
    }

    enum Metric: Sendable {
        case counter(CounterMetric)
        case fractionCounter(FractionCounterMetric)
        case gauge(GaugeMetric)
        case distribution(DistributionMetric)

        /// What was counted or set; of a distribution, how often something was recorded.
        var amount: Double {
            switch self {
            case .counter(let metric): Double(metric.value)
            case .fractionCounter(let metric): metric.value
            case .gauge(let metric): metric.value
            case .distribution(let metric): Double(metric.snapshot().count)
            }
        }

        var object: AnyObject {
            switch self {
            case .counter(let metric): metric
            case .fractionCounter(let metric): metric
            case .gauge(let metric): metric
            case .distribution(let metric): metric
            }
        }
    }

    let kind: Kind
    /// By the labels as ``MetricName/labels(_:)`` writes them.
    var series: [String: Metric] = [:]

    func write(to text: inout String, name: String, help: String?) {
        if let help { text += "# HELP \(name) \(MetricName.escaped(help, quotes: false))\n" }
        text += "# TYPE \(name) \(kind.type)\n"
        for (labels, metric) in series.sorted(by: { $0.key < $1.key }) {
            switch metric {
            case .counter(let metric): text += Self.line(name, labels, "\(metric.value)")
            case .fractionCounter(let metric): text += Self.line(name, labels, Self.number(metric.value))
            case .gauge(let metric): text += Self.line(name, labels, Self.number(metric.value))
            case .distribution(let metric): Self.write(metric, to: &text, name: name, labels: labels)
            }
        }
    }

    private static func write(_ metric: DistributionMetric, to text: inout String, name: String, labels: String) {
        let snapshot = metric.snapshot()
        let prefix = labels.isEmpty ? "" : labels + ","
        for (bound, count) in zip(metric.scale.bounds, snapshot.cumulative) {
            text += line(name + "_bucket", "\(prefix)le=\"\(number(bound))\"", "\(count)")
        }
        text += line(name + "_bucket", "\(prefix)le=\"+Inf\"", "\(snapshot.count)")
        text += line(name + "_sum", labels, number(snapshot.sum))
        text += line(name + "_count", labels, "\(snapshot.count)")
    }

    private static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// Whole numbers without a fraction, infinities and NaN as Prometheus spells them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value), abs(value) < 1e15 { return "\(whole)" }
        return "\(value)"
    }
}
