internal import Incidents
internal import Metrics

/// How often each kind of decision was made, after the commit. Made once; used on the store thread.
struct DecisionCounters: Sendable {
    private let counters: [Decision.Event: Counter]

    init(factory: any MetricsFactory) {
        counters = Dictionary(
            uniqueKeysWithValues: Decision.Event.allCases.map { event in
                let dimensions = [("event", event.rawValue)]
                return (event, Counter(label: "sluice_decisions_total", dimensions: dimensions, factory: factory))
            })
    }

    func count(_ decisions: [Decision]) {
        for decision in decisions { counters[decision.event]?.increment(by: decision.count) }
    }
}
