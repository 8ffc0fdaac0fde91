import Readings

/// One traffic detector: puts its quantities together, and judges speed where there is speed, counts where there is
/// none.
struct TrafficMonitor: Sendable, Equatable, StateCodable {
    private let shared: SharedParameters
    private var assembler = TrafficAssembler()
    private var congestion: [CongestionDetector] = []
    private var drop: [TrafficDropDetector] = []
    /// Occupancy that the speed of the same moment rules out.
    var contradiction = ImplausibleDetector(.occupancy)

    private(set) var congestionFinding: Finding?
    private(set) var dropFinding: Finding?

    init(parameters: SharedParameters) { shared = parameters }

    private var parameters: DetectionParameters { shared.values }

    mutating func assemble(
        _ quantity: Quantity, _ value: Double, atMs: Int64
    ) -> (earlier: TrafficSample?, own: TrafficSample?) {
        assembler.append(quantity, value, atMs: atMs)
    }

    mutating func observe(_ sample: TrafficSample, zone: ZoneTable, active: RuleSet) {
        congestionFinding = nil
        dropFinding = nil
        let isLearning = active.isDisjoint(with: .street)
        if let speed = sample.speed {
            if congestion.isEmpty { congestion.append(CongestionDetector(parameters: parameters.congestion)) }
            congestionFinding = congestion[0].observe(
                speed: speed, occupancy: sample.occupancy, flow: sample.flow, atMs: sample.atMs,
                local: LocalTime(atMs: sample.atMs, in: zone), isActive: active.contains(.congestion))
        } else if let flow = sample.flow, congestion.isEmpty {
            if drop.isEmpty { drop.append(TrafficDropDetector(parameters: parameters.trafficDrop)) }
            dropFinding = drop[0].observe(
                flow, atMs: sample.atMs, zone: zone, isActive: active.contains(.trafficDrop), isLearning: isLearning)
        }
    }

    func congestionBaseline(fromMs: Int64, toMs: Int64, zone: ZoneTable) -> Baseline? {
        congestion.first?.baseline(fromMs: fromMs, toMs: toMs, zone: zone)
    }

    func dropBaseline(fromMs: Int64, toMs: Int64, zone: ZoneTable) -> Baseline? {
        drop.first?.baseline(fromMs: fromMs, toMs: toMs, zone: zone)
    }

    mutating func code(_ coder: inout StateCoder) {
        let parameters = shared.values
        coder.code(&assembler)
        coder.code(&congestion, fresh: CongestionDetector(parameters: parameters.congestion))
        coder.code(&drop, fresh: TrafficDropDetector(parameters: parameters.trafficDrop))
        coder.code(&contradiction)
        coder.code(&congestionFinding)
        coder.code(&dropFinding)
    }
}
