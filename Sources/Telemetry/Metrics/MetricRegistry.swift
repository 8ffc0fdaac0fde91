public import Metrics
internal import Synchronization

/// The back end of swift-metrics: keeps every metric in memory and writes them all as Prometheus text.
///
/// Pass it as the `factory` of `Counter`, `Meter`, `Recorder` and `Timer`. The same label and dimensions give the same
/// handler, whoever asks and in whatever order the dimensions stand. Making a handler takes a lock; counting and
/// setting take none.
///
/// | swift-metrics | Prometheus |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter |
/// | `Meter`, `Gauge`, `Recorder(aggregate: false)` | gauge |
/// | `Timer` | histogram of seconds; `_seconds` is appended to a label without it |
/// | `Recorder` | histogram of amounts |
///
/// - Source: Prometheus text exposition format 0.0.4.
public final class MetricRegistry: MetricsFactory, Sendable {
    /// The HTTP content type of ``prometheusText()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let families: Mutex<[String: MetricFamily]>
    private let help: Mutex<[String: String]>
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    /// - Parameter version: shown as the label `version` of `sluice_build_info`.
    public init(version: String = "development") {
        families = Mutex([:])
        help = Mutex([:])
        describe("sluice_build_info", "Always 1; its labels say what is running.")
        makeMeter(label: "sluice_build_info", dimensions: [("version", version)]).set(1 as Int64)
    }

    /// Sets the `# HELP` line of a metric, whether it exists already or not.
    public func describe(_ label: String, _ text: String) {
        help.withLock { $0[MetricName.metric(label)] = text }
    }

    /// Has `collect` called before each text, for what is looked up rather than counted. It must not block.
    public func beforeEachText(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// The sum of a metric's series that have these labels: of what was counted, set, or recorded how often. 0 for what does
    /// not exist.
    public func total(of label: String, where labels: [(String, String)] = []) -> Double {
        let wanted = labels.map { MetricName.labels([$0]) }
        let series = families.withLock { $0[MetricName.metric(label)]?.series ?? [:] }
        return series.filter { entry in
            // Values may have commas, but quotes in them are escaped: so none looks like another label.
            let found = ",\(entry.key),"
            return wanted.allSatisfy { found.contains(",\($0),") }
        }.reduce(0) { $0 + $1.value.amount }
    }

    /// The greatest of a distribution's percentiles over all its labels, as ``percentile(_:of:dimensions:)`` gives one.
    public func percentile(_ percent: Double, ofAny label: String) -> Double? {
        let series = families.withLock { $0[MetricName.metric(label)]?.series ?? [:] }
        return series.values.compactMap { metric in
            guard case .distribution(let distribution) = metric else { return nil }
            return distribution.value(atPercentile: percent)
        }.max()
    }

    /// Every metric: families by name, series by labels, so that two scrapes of one state are equal byte for byte.
    public func prometheusText() -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        let families = families.withLock { $0 }
        let help = help.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            // A timer may have been described by the label that was given or by the name that it got.
            family.write(to: &text, name: name, help: help[name] ?? help[MetricName.withoutUnit(name)])
        }
        return text
    }

    /// The value that `percent` % of what a timer (in seconds) or a recorder recorded do not exceed, within 1 %.
    /// Nil for what does not exist or has recorded nothing.
    public func percentile(_ percent: Double, of label: String, dimensions: [(String, String)] = []) -> Double? {
        let labels = MetricName.labels(dimensions)
        let distribution = families.withLock { families -> DistributionMetric? in
            let family = families[MetricName.metric(label)] ?? families[MetricName.seconds(label)]
            guard case .distribution(let metric) = family?.series[labels] else { return nil }
            return metric
        }
        return distribution?.value(atPercentile: percent)
    }

    /// The series' metric, made now if it is new.
    ///
    /// - Precondition: one name has one kind, or Prometheus would refuse the whole text.
    private func metric(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind
    ) -> MetricFamily.Metric {
        let labels = MetricName.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? MetricFamily(kind: kind)
            precondition(family.kind == kind, "the metric \(name) is a \(family.kind) and cannot also be a \(kind)")
            if let known = family.series[labels] { return known }
            let metric = kind.makeMetric()
            family.series[labels] = metric
            families[name] = family
            return metric
        }
    }

    private func remove(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                guard let labels = family.series.first(where: { $0.value.object === handler })?.key else { continue }
                families[name]?.series[labels] = nil
                if family.series.count == 1 { families[name] = nil }
                return
            }
        }
    }
}

extension MetricRegistry {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        guard case .counter(let metric) = metric(MetricName.metric(label), dimensions, .counter) else {
            preconditionFailure("a counter's series is a counter")
        }
        return metric
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        guard case .fractionCounter(let metric) = metric(MetricName.metric(label), dimensions, .fractionCounter) else {
            preconditionFailure("a floating-point counter's series is one")
        }
        return metric
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return distribution(MetricName.metric(label), dimensions, .recorder)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        distribution(MetricName.seconds(label), dimensions, .timer)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeMetric {
        guard case .gauge(let metric) = metric(MetricName.metric(label), dimensions, .gauge) else {
            preconditionFailure("a gauge's series is a gauge")
        }
        return metric
    }

    private func distribution(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind
    ) -> DistributionMetric {
        guard case .distribution(let metric) = metric(name, dimensions, kind) else {
            preconditionFailure("a timer's or recorder's series is a distribution")
        }
        return metric
    }
}

extension MetricsFactory {
    /// Sets the `# HELP` line of a metric where the back end is a ``MetricRegistry``; does nothing where it is not.
    public func describe(_ label: String, _ text: String) {
        (self as? MetricRegistry)?.describe(label, text)
    }
}
