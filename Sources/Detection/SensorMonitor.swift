public import Readings

/// One sensor's windows and detectors: what its kind and the quantities that it sends call for.
///
/// ```
/// reading ─▶ possible? ─▶ stuck? ─▶ its quantity's detector ─▶ verdicts
///              │            │            ▲
///              └────────────┴─ held: street rules wait, nothing is learned
/// ```
///
/// A detector comes into being with the first reading of its quantity. A detector that judges slots (a quarter, an
/// hour) has a verdict when a slot is whole, not with every reading.
///
/// - Complexity: O(1) amortised a reading; nothing allocates after a quantity's first reading.
/// - Memory: 0.9 kB and what its detectors need: district flow or pressure 9 kB, traffic with speed 8 kB, counts 4 kB,
///   bins 2 kB, others 1–2 kB.
public struct SensorMonitor: Sendable, Equatable, StateCodable {
    private let kind: SensorKind
    let zone: ZoneTable
    private let shared: SharedParameters
    private var tracks: [QuantityTrack] = []
    // Each has no element or one: on the heap, so that a sensor without it pays one word.
    private(set) var flow: [FlowMonitor] = []
    private(set) var pressure: [FlowMonitor] = []
    private(set) var noise: [LeakNoiseDetector] = []
    private(set) var meter: [MeterDetector] = []
    private var total: [MeterTotal] = []
    private var wetness: [WetContactDetector] = []
    private(set) var traffic: [TrafficMonitor] = []
    private var fill: [BinLevelDetector] = []
    private var fire: [BinFireDetector] = []
    private(set) var anomaly: [AnomalyDetector] = []
    private var clock = ClockDetector()

    /// A monitor that has seen nothing. Detectors go by the intervals that they see; the registry's cadence is
    /// ``SilenceMonitor``'s.
    public init(kind: SensorKind, zone: ZoneTable, parameters: SharedParameters) {
        self.kind = kind
        self.zone = zone
        shared = parameters
    }

    public init(kind: SensorKind, zone: ZoneTable, parameters: DetectionParameters) {
        self.init(kind: kind, zone: zone, parameters: SharedParameters(parameters))
    }

    private var parameters: DetectionParameters { shared.values }

    /// One on-time reading, in event-time order.
    ///
    /// Appends a verdict for each rule that is abnormal or critical, and for each active rule in any condition.
    /// - Parameters:
    ///   - active: This sensor's rules that are pending or firing now.
    ///   - accepted: Those among them that a person has called a false alarm: what they see may be learned as usual.
    ///   - view: What the sensor's zone knows.
    /// - Returns: What the reading tells the zone, if anything.
    @discardableResult
    public mutating func observe(
        _ reading: Reading, active: RuleSet, accepted: RuleSet = [], view: ZoneView = ZoneView(),
        into verdicts: inout [Verdict]
    ) -> ZoneEvidence? {
        judge(reading, Moment(reading: reading, active: active, accepted: accepted, view: view), into: &verdicts)
    }

    /// A reading that is late or says something else of a moment that is known: history, and yet it tells of the device's clock.
    public mutating func observeClock(_ reading: Reading, active: RuleSet, into verdicts: inout [Verdict]) {
        // Judged by our clock, and not by the one in question.
        var arrival = reading
        arrival.observedAtMs = reading.arrivedAtMs
        let moment = Moment(reading: arrival, active: active, accepted: [], view: ZoneView())
        emit(clock.observe(reading), .clock, moment, into: &verdicts)
    }

    /// Our own clock was set ahead, or has stood still.
    public mutating func ourClockWasSet() { clock.forgetUsual() }

    private mutating func judge(
        _ reading: Reading, _ moment: Moment, into verdicts: inout [Verdict]
    ) -> ZoneEvidence? {
        let index = track(reading.quantity)
        observeClock(reading, active: moment.active, into: &verdicts)
        if moment.active.isDisjoint(with: [RuleSet(.stuck), RuleSet(.implausible)]) {
            tracks[index].faults.wasFaulty = false
        }
        guard checkPlausible(index, moment, into: &verdicts) else {
            hold(moment, into: &verdicts)
            return nil
        }
        checkStuck(index, moment, into: &verdicts)
        switch (kind, reading.quantity) {
        case (.waterLeak, .flow), (.waterLeak, .pressure): return observeFlow(index, moment, into: &verdicts)
        case (.waterLeak, .noise), (.waterLeak, .meterFlow), (.waterLeak, .wetness):
            return observeContact(index, moment, into: &verdicts)
        case (.waterLeak, .volume): observeTotal(index, moment, into: &verdicts)
        case (.traffic, .speed), (.traffic, .occupancy), (.traffic, .vehicleFlow):
            observeTraffic(moment, into: &verdicts)
        case (.binFill, .fill): observeFill(index, moment, into: &verdicts)
        case (.binFill, .temperature), (.binFill, .tilt): observeBin(index, moment, into: &verdicts)
        case (_, .generic): observeAnything(index, moment, into: &verdicts)
        default: break
        }
        return nil
    }

    /// Saves, or takes over, what has been learned and seen.
    ///
    /// `.changed` if the sensor is of another kind now, `.otherLength` if a window's length is configured otherwise: then
    /// the monitor must begin afresh.
    public mutating func code(_ coder: inout StateCoder) {
        var kind = self.kind
        coder.code(&kind)
        coder.require(kind == self.kind, .changed, "the sensor's kind")
        let parameters = shared.values
        codeTracks(&coder)
        coder.code(&flow, fresh: FlowMonitor(shared))
        coder.code(&pressure, fresh: FlowMonitor(shared, isPressure: true))
        coder.code(&noise, fresh: LeakNoiseDetector(parameters: parameters.leakNoise))
        coder.code(&meter, fresh: MeterDetector(parameters: parameters.meter))
        coder.code(&total, fresh: MeterTotal())
        coder.code(&wetness, fresh: WetContactDetector(parameters: parameters.wetContact))
        coder.code(&traffic, fresh: TrafficMonitor(parameters: shared))
        coder.code(&fill, fresh: BinLevelDetector(shared))
        coder.code(&fire, fresh: BinFireDetector(shared))
        coder.code(&anomaly, fresh: AnomalyDetector(parameters: parameters.anomaly))
        coder.code(&clock)
        // What was not held once stands last: state that was saved then ends before it.
        guard !coder.isReading || coder.remaining > 0 else { return }
        clock.codeLater(&coder)
        for place in noise.indices { noise[place].codeLater(&coder) }
        for place in wetness.indices { wetness[place].codeLater(&coder) }
    }

    /// Each track follows its quantity, from which it is made.
    private mutating func codeTracks(_ coder: inout StateCoder) {
        let count = coder.codeCount(tracks.count)
        if coder.isReading {
            tracks.removeAll()
            tracks.reserveCapacity(count)
        }
        for index in 0..<count {
            var quantity = coder.isReading ? Quantity.generic : tracks[index].quantity
            coder.code(&quantity)
            if coder.isReading { tracks.append(QuantityTrack(quantity)) }
            tracks[index].code(&coder)
            guard coder.problem == nil else { return }
        }
    }

    /// When this bin will be full, event time; nil for other sensors and for bins that do not fill.
    public var fullAtMs: Int64? { fill.first?.forecastMs }
}

// MARK: - Faults

extension SensorMonitor {
    private mutating func track(_ quantity: Quantity) -> Int {
        if let index = trackIndex(quantity) { return index }
        // A few, each met once: doubling would hold a quarter of them empty.
        tracks.reserveCapacity(tracks.count + 1)
        tracks.append(QuantityTrack(quantity))
        return tracks.count - 1
    }

    // By index, and only into `faults`: whoever asks a track itself gets a copy of it, with a reference counted up and down for
    // each of its arrays. Thrice a reading that was a quarter of what the pipeline's thread did.
    private func trackIndex(_ quantity: Quantity) -> Int? { tracks.indices.first { tracks[$0].quantity == quantity } }

    private func isAnyFaulty(_ rule: Rule) -> Bool { tracks.indices.contains { tracks[$0].faults.include(rule) } }

    private var isAnyHeld: Bool { tracks.indices.contains { tracks[$0].faults.areHolding } }

    /// - Returns: Whether the value is possible, so that detectors may see it.
    private mutating func checkPlausible(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) -> Bool {
        let finding = tracks[index].implausible.observe(moment.value, atMs: moment.atMs)
        report(finding, .implausible, index, moment, into: &verdicts)
        return finding.condition == .normal
    }

    private mutating func checkStuck(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) {
        let learnsForMs = shared.values.stuckLearnsForMs
        guard let finding = tracks[index].observeRun(moment.value, atMs: moment.atMs, learnsForMs: learnsForMs)
        else { return }
        // The level detector may know better: a lens can be blocked while the level still trembles.
        if moment.quantity == .fill, finding.condition == .normal, fill.first?.isBlocked == true { return }
        report(finding, .stuck, index, moment, into: &verdicts)
    }

    private mutating func report(
        _ finding: Finding, _ rule: Rule, _ index: Int, _ moment: Moment, into verdicts: inout [Verdict]
    ) {
        let isFaulty = finding.condition.rawValue >= Verdict.Condition.abnormal.rawValue
        if rule == .stuck {
            tracks[index].faults.isStuck = isFaulty
        } else {
            tracks[index].faults.isImplausible = isFaulty
        }
        if isFaulty { tracks[index].faults.wasFaulty = true }
        // One quantity that is well does not clear another's fault.
        if !isFaulty, isAnyFaulty(rule) { return }
        let other: Rule = rule == .stuck ? .implausible : .stuck
        // One device, one visit: nothing opens beside an open fault, and it stays open while anything is wrong.
        if isFaulty, moment.active.contains(other), !moment.active.contains(rule) { return }
        guard !isFaulty, isAnyFaulty(other) else {
            return emit(finding, rule, moment, into: &verdicts)
        }
        var waiting = finding
        waiting.condition = .between
        emit(waiting, rule, moment, into: &verdicts)
    }

    /// Active street rules neither open nor clear by what a doubtful quantity says.
    private func hold(_ moment: Moment, into verdicts: inout [Verdict]) {
        guard moment.isStreetActive else { return }
        for rule in Self.rules(of: moment.quantity) where moment.active.contains(rule) {
            verdicts.append(
                Verdict(
                    rule: rule, condition: .unknown, quantity: moment.quantity, observedAtMs: moment.atMs,
                    onsetMs: moment.atMs, score: 0, observed: moment.value, expected: moment.value,
                    threshold: moment.value))
        }
    }

    /// The street rules that judge a quantity.
    public static func rules(of quantity: Quantity) -> [Rule] {
        switch quantity {
        case .flow: flowRules
        case .pressure: pressureRules
        case .noise: noiseRules
        case .meterFlow, .volume: meterRules
        case .wetness: wetnessRules
        case .speed, .occupancy, .vehicleFlow: trafficRules
        case .fill: fillRules
        case .temperature: fireRules
        case .tilt: tiltRules
        case .generic: anomalyRules
        case .battery, .vehicleFlowPart, .speedPart: []
        }
    }

    // Constants, so that holding allocates nothing.
    private static let flowRules: [Rule] = [.nightFlow, .burst]
    private static let pressureRules: [Rule] = [.nightFlow]
    private static let noiseRules: [Rule] = [.leakNoise]
    private static let meterRules: [Rule] = [.meterNeverZero]
    private static let wetnessRules: [Rule] = [.wetContact]
    private static let trafficRules: [Rule] = [.congestion, .trafficDrop]
    private static let fillRules: [Rule] = [.binFull, .binForecast, .binDumping]
    private static let fireRules: [Rule] = [.binFire]
    private static let tiltRules: [Rule] = [.binTilt]
    private static let anomalyRules: [Rule] = [.anomaly]
}

// MARK: - Street rules

extension SensorMonitor {
    private func emit(_ finding: Finding?, _ rule: Rule, _ moment: Moment, into verdicts: inout [Verdict]) {
        guard let finding else { return }
        let isOdd = finding.condition.rawValue >= Verdict.Condition.abnormal.rawValue
        guard isOdd || moment.active.contains(rule) else { return }
        verdicts.append(
            Verdict(
                rule: rule, condition: finding.condition, quantity: moment.quantity, observedAtMs: moment.atMs,
                onsetMs: min(finding.onsetMs, moment.atMs), score: finding.score, observed: finding.observed,
                expected: finding.expected, threshold: finding.threshold, forecastMs: finding.forecastMs,
                forecastLowMs: finding.forecastLowMs, forecastHighMs: finding.forecastHighMs, spread: finding.spread,
                estimate: finding.estimate))
    }

    /// - Returns: What the quarter in hand tells the zone.
    private mutating func observeFlow(
        _ index: Int, _ moment: Moment, into verdicts: inout [Verdict]
    ) -> ZoneEvidence? {
        guard !tracks[index].faults.areHolding else {
            hold(moment, into: &verdicts)
            return nil
        }
        reportDrift(moment, into: &verdicts)
        let isActive = moment.active.contains(.nightFlow) || moment.active.contains(.burst)
        let isAccepted = !moment.accepted.isDisjoint(with: [RuleSet(.nightFlow), RuleSet(.burst)])
        let isTrusted = !moment.view.isDrifting && !moment.active.contains(.drift)
        let isNew: Bool
        var evidence: ZoneEvidence?
        if moment.quantity == .flow {
            if flow.isEmpty { flow.append(FlowMonitor(shared)) }
            isNew = flow[0].observe(
                moment.value, atMs: moment.atMs, zone: zone, isActive: isActive, isAccepted: isAccepted,
                // A meter that has drifted is followed, so that leaks still show.
                isLearning: !isActive)
            evidence = flow[0].takeEvidence()
        } else {
            // One rule has one voice: where there is flow, pressure is silent.
            guard flow.isEmpty else { return nil }
            if pressure.isEmpty { pressure.append(FlowMonitor(shared, isPressure: true)) }
            isNew = pressure[0].observe(
                moment.value, atMs: moment.atMs, zone: zone, isActive: isActive, isLearning: !isActive && isTrusted)
            evidence = pressure[0].takeEvidence()
            evidence?.quantity = .pressure
        }
        if isNew { emitLeak(moment, into: &verdicts) }
        return evidence
    }

    private func emitLeak(_ moment: Moment, into verdicts: inout [Verdict]) {
        let view = moment.view
        guard moment.quantity == .flow else {
            return emit(pressureFinding(view, moment), .nightFlow, moment, into: &verdicts)
        }
        emit(flow[0].nightFinding, .nightFlow, moment, into: &verdicts)
        emit(flow[0].burstFinding, .burst, moment, into: &verdicts)
    }

    /// Pressure by itself where there is no flow meter; where there is one, pressure agrees or is silent.
    private func pressureFinding(_ view: ZoneView, _ moment: Moment) -> Finding? {
        guard var finding = pressure[0].nightFinding, !view.isDrifting, !moment.active.contains(.drift) else {
            return nil
        }
        guard view.hasFlow else { return finding }
        let agrees = finding.score >= parameters.agreementSigmas || moment.active.contains(.nightFlow)
        finding.condition = view.isLeaking && agrees ? .abnormal : .normal
        return finding
    }

    private func reportDrift(_ moment: Moment, into verdicts: inout [Verdict]) {
        if moment.quantity == .flow {
            let finding = flow.first?.driftFinding(moment.value, atMs: moment.atMs)
            return emit(finding, .drift, moment, into: &verdicts)
        }
        var finding = Finding.normal(moment.value, atMs: moment.atMs)
        if moment.view.isDrifting { finding.condition = .abnormal }
        finding.score = abs(moment.view.fault)
        finding.expected = moment.value - moment.view.fault
        emit(finding, .drift, moment, into: &verdicts)
    }

    /// - Returns: What the reading tells the zone.
    private mutating func observeContact(
        _ index: Int, _ moment: Moment, into verdicts: inout [Verdict]
    ) -> ZoneEvidence? {
        guard !tracks[index].faults.areHolding else {
            hold(moment, into: &verdicts)
            return nil
        }
        let (value, atMs, active) = (moment.value, moment.atMs, moment.active)
        let isLearning = moment.isLearning
        switch moment.quantity {
        case .noise:
            if noise.isEmpty { noise.append(LeakNoiseDetector(parameters: parameters.leakNoise)) }
            let finding = noise[0].observe(
                value, atMs: atMs, zone: zone, neighbours: moment.view.neighbours,
                isActive: active.contains(.leakNoise), isLearning: isLearning)
            emit(finding, .leakNoise, moment, into: &verdicts)
            return noise[0].rise.map { rise in
                ZoneEvidence(
                    quantity: .noise, atMs: atMs, value: value, residual: rise, scale: 0, isLeak: false,
                    isQuiet: isLearning)
            }
        case .meterFlow:
            if meter.isEmpty { meter.append(MeterDetector(parameters: parameters.meter)) }
            let finding = meter[0].observe(
                value, atMs: atMs, zone: zone, isActive: active.contains(.meterNeverZero), isLearning: isLearning)
            emit(finding, .meterNeverZero, moment, into: &verdicts)
            return nil
        default:
            if wetness.isEmpty { wetness.append(WetContactDetector(parameters: parameters.wetContact)) }
            let isRaining = (moment.view.neighbours ?? 0) >= 0.3
            emit(wetness[0].observe(value, atMs: atMs, isRaining: isRaining), .wetContact, moment, into: &verdicts)
            return ZoneEvidence(
                quantity: .wetness, atMs: atMs, value: value, residual: value, scale: 1, isLeak: false,
                isQuiet: isLearning)
        }
    }

    /// A meter's total: what has run since its last one is a flow.
    private mutating func observeTotal(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) {
        if total.isEmpty { total.append(MeterTotal()) }
        guard let flow = total[0].observe(moment.value, atMs: moment.atMs) else { return }
        var reading = moment.reading
        (reading.quantity, reading.value) = (.meterFlow, flow)
        _ = observeContact(
            index, Moment(reading: reading, active: moment.active, accepted: moment.accepted, view: moment.view),
            into: &verdicts)
    }

    private mutating func observeTraffic(_ moment: Moment, into verdicts: inout [Verdict]) {
        if traffic.isEmpty { traffic.append(TrafficMonitor(parameters: shared)) }
        let samples = traffic[0].assemble(moment.quantity, moment.value, atMs: moment.atMs)
        if let sample = samples.earlier { observe(sample, moment, into: &verdicts) }
        if let sample = samples.own { observe(sample, moment, into: &verdicts) }
    }

    private mutating func observe(_ sample: TrafficSample, _ moment: Moment, into verdicts: inout [Verdict]) {
        if let occupancy = sample.occupancy, let speed = sample.speed, let index = trackIndex(.occupancy) {
            // A detector that is always covered has no fast vehicles over it.
            let isContradicted = occupancy >= 95 && speed > 30
            // Covered in slow traffic, it may be either: what is known of it stays.
            if isContradicted || occupancy < 95 {
                let finding = traffic[0].contradiction.observe(
                    occupancy, atMs: sample.atMs, isContradicted: isContradicted)
                report(finding, .implausible, index, moment, into: &verdicts)
            }
        }
        guard !isAnyHeld else { return hold(moment, into: &verdicts) }
        traffic[0].observe(sample, zone: zone, active: moment.active)
        emit(traffic[0].congestionFinding, .congestion, moment, quantity: .speed, at: sample.atMs, into: &verdicts)
        emit(traffic[0].dropFinding, .trafficDrop, moment, quantity: .vehicleFlow, at: sample.atMs, into: &verdicts)
    }

    private func emit(
        _ finding: Finding?, _ rule: Rule, _ moment: Moment, quantity: Quantity, at atMs: Int64,
        into verdicts: inout [Verdict]
    ) {
        var reading = moment.reading
        reading.quantity = quantity
        reading.observedAtMs = atMs
        emit(
            finding, rule,
            Moment(reading: reading, active: moment.active, accepted: moment.accepted, view: moment.view),
            into: &verdicts)
    }

    private mutating func observeFill(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) {
        if fill.isEmpty { fill.append(BinLevelDetector(shared)) }
        let findings = fill[0].observe(
            moment.value, atMs: moment.atMs, zone: zone, isLearning: !tracks[index].faults.areHolding)
        if fill[0].isBlocked {
            let blocked = Finding(
                condition: .abnormal, onsetMs: fill[0].blockedSinceMs, score: 1, observed: moment.value,
                expected: moment.value, threshold: moment.value)
            report(blocked, .stuck, index, moment, into: &verdicts)
        }
        guard !tracks[index].faults.areHolding, let findings else { return hold(moment, into: &verdicts) }
        emit(findings.full, .binFull, moment, into: &verdicts)
        emit(findings.soon, .binForecast, moment, into: &verdicts)
        emit(findings.dumped, .binDumping, moment, into: &verdicts)
    }

    private mutating func observeBin(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) {
        guard !tracks[index].faults.areHolding else { return hold(moment, into: &verdicts) }
        guard moment.quantity == .temperature else {
            let isTilted = moment.value >= 0.5
            let finding = Finding(
                condition: isTilted ? .abnormal : .normal, onsetMs: moment.atMs, score: moment.value,
                observed: moment.value, expected: 0, threshold: 0.5)
            return emit(finding, .binTilt, moment, into: &verdicts)
        }
        if fire.isEmpty { fire.append(BinFireDetector(shared)) }
        let finding = fire[0].observe(
            moment.value, atMs: moment.atMs, isActive: moment.active.contains(.binFire))
        emit(finding, .binFire, moment, into: &verdicts)
    }

    private mutating func observeAnything(_ index: Int, _ moment: Moment, into verdicts: inout [Verdict]) {
        // Counts and coarse scales repeat themselves: a short run is no reason to wait.
        guard !tracks[index].faults.isStuck, !tracks[index].faults.wasFaulty else {
            return hold(moment, into: &verdicts)
        }
        if anomaly.isEmpty { anomaly.append(AnomalyDetector(parameters: parameters.anomaly)) }
        emit(anomaly[0].observe(moment.value, atMs: moment.atMs), .anomaly, moment, into: &verdicts)
    }
}
