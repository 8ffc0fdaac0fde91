internal import Detection
public import Incidents
public import Readings

/// The middle of Sluice as one pure value: the ordered stream goes in, what to store comes out.
///
/// ```
///  element ─▶ admit ─▶ duplicate? ─▶ late? ─▶ windows and detectors ─▶ incidents ─▶ requests
///                          │           │                 (verdicts)
///                          └ counted   └ history only
/// ```
/// No clock, no randomness, no I/O: arrival times come in the stream, and the same stream gives the same batches, live,
/// replayed, or recovered after a crash.
public struct StreamProcessor: Sendable {
    package let configuration: PipelineConfiguration
    private let quota: ReadingQuota.Limits
    /// By place among the overrides; last, those for all.
    private let signatures: [RuleSignatures]
    private let parameters: [SharedParameters]
    /// Registry entries of sensors that have not spoken yet, by id.
    var registry: [String: Sensor]
    public internal(set) var directory: SensorDirectory
    private(set) var indexes: [String: SensorIndex] = [:]
    /// How many sensors were adopted under each rule, by its name.
    private var adopted: [String: Int] = [:]
    var lanes: [SensorLane] = []
    /// The lane of the first sensor of each pipe zone, by the zone's name.
    private var firstOfPipeZone: [String: Int] = [:]
    var book: IncidentBook
    var silence: SilenceMonitor
    /// Which sensors' states depend on each other, for saving them.
    var groups = FusionGroups()
    /// Sources whose connection is up.
    var connected: [Int] = []
    /// Stream position of the last thing that was logged.
    public internal(set) var sequence: Int64 = 0
    public internal(set) var tallies = StreamTallies()
    /// What frame counters say of each device.
    var frames = FrameBook()
    // Reused, so that a reading allocates nothing.
    var verdicts: [Verdict] = []
    /// What is told of sensors that are not let in; no part of the saved state.
    var refusals = Refusals()
    var changes: [SilenceChange] = []
    private var zoneScratch: [Double] = []
    /// The state on its way out, and on its way in.
    var saving = StateSaving()
    var restoring: StateRestoring?
    /// What became of saved state; complete once the recovery has been finished.
    public internal(set) var restoreReport = RestoreReport()

    public init(configuration: PipelineConfiguration) {
        self.configuration = configuration
        quota = ReadingQuota.Limits(perSecond: configuration.readingsPerSecond, burst: configuration.readingBurst)
        let settings = configuration.overrides.map(\.settings) + [configuration.rules]
        signatures = settings.map { RuleSignatures($0) }
        parameters = settings.map { SharedParameters($0.detection) }
        registry = Dictionary(configuration.registry.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        directory = SensorDirectory(zone: configuration.zone, overrides: configuration.overrides)
        book = IncidentBook(
            policies: configuration.policies, catalog: configuration.catalog, routing: configuration.routing)
        silence = SilenceMonitor(parameters: configuration.detection, clockRate: configuration.clockRate)
    }

    // MARK: Sensors

    /// The index of the sensor with this id: known, adopted now, or refused by policy.
    ///
    /// - Parameter gateway: what it was heard through first, for one of which the registry does not know it.
    public mutating func admit(
        id: String, kind: SensorKind, gateway: String? = nil, nowMs: Int64, into batch: CommitBatch
    ) -> Admission {
        admit(Introduction(id: id, kind: kind, gateway: gateway), nowMs: nowMs, into: batch)
    }

    /// The index of a sensor that introduces itself: known, adopted now, or refused by policy.
    public mutating func admit(
        _ introduction: Introduction, nowMs: Int64, into batch: CommitBatch
    ) -> Admission {
        let id = introduction.id
        if let index = indexes[id] { return .admitted(index) }
        let rule = registry[id] == nil ? configuration.adoption.first { $0.fits(introduction) } : nil
        if registry[id] == nil, let problem = problem(with: rule) {
            return refuse(id, problem.reason, problem.why, nowMs, batch)
        }
        guard lanes.count < configuration.sensorLimit else {
            return refuse(id, .tooManySensors, "sensors.max is \(configuration.sensorLimit)", nowMs, batch)
        }
        let known = registry.removeValue(forKey: id)
        var sensor = known ?? rule?.sensor(introduction) ?? Sensor(id: id, kind: introduction.kind)
        sensor.gateway = sensor.gateway ?? introduction.gateway
        sequence += 1
        let index = add(sensor)
        batch.newSensors.append(CommitBatch.NewSensor(sequence: sequence, index: index, sensor: sensor))
        let origin = known == nil ? "announced itself" : "is in the registry"
        let by = sensor.adoptedBy.map { ", adopted by \($0)" } ?? ""
        batch.decisions.append(
            Decision(
                .sensorAdopted, atMs: nowMs, sensorID: id, ward: sensor.ward,
                reason: "a \(sensor.kind.name) sensor that \(origin)\(by)"))
        return .admitted(index)
    }

    /// Why a sensor that no registry names is not let in; nil if it is.
    ///
    /// - Parameter rule: the one that fits it.
    private func problem(with rule: AdoptionRule?) -> (reason: QuarantineReason, why: String)? {
        guard let rule else {
            let isOpen = configuration.admission == .adopt
            return isOpen
                ? nil : (.unknownSensor, "it is not in the registry, and sensors.mode is allow_list")
        }
        if rule.verdict == .refuse { return (.unknownSensor, "the rule \(rule.name) of sensors.adopt refuses it") }
        guard let limit = rule.limit, adopted[rule.name, default: 0] >= limit else { return nil }
        return (.tooManySensors, "the rule \(rule.name) of sensors.adopt adopts no more than \(limit)")
    }

    private mutating func refuse(
        _ id: String, _ reason: QuarantineReason, _ why: String, _ nowMs: Int64, _ batch: CommitBatch
    ) -> Admission {
        if let count = refusals.note(atMs: nowMs) {
            let others = count == 1 ? "" : "; it stands for \(count - 1) others since the last line"
            batch.decisions.append(
                Decision(.sensorRefused, atMs: nowMs, sensorID: id, count: count, reason: why + others))
        }
        return .refused(reason)
    }

    mutating func add(_ sensor: Sensor) -> SensorIndex {
        let index = SensorIndex(rawValue: UInt32(lanes.count))
        indexes[sensor.id] = index
        registry[sensor.id] = nil
        if let rule = sensor.adoptedBy { adopted[rule, default: 0] += 1 }
        let gateway = directory.append(sensor)
        groups.append(zone: sensor.zone)
        let zone = sensor.timeZone.flatMap { configuration.sensorZones[$0] } ?? configuration.zone
        let monitor = SensorMonitor(
            kind: sensor.kind, zone: zone, parameters: parameters[settings(of: index)])
        let zoneLane = zoneLane(of: sensor)
        lanes.append(SensorLane(monitor: monitor, zoneLane: zoneLane, holdsZone: zoneLane == lanes.count))
        // What a slice will bring is not watched before.
        if restoring?.awaitsSilence(index) != true {
            silence.add(
                index, expectedIntervalS: sensor.expectedIntervalS, gateway: gateway,
                announcesDeath: sensor.announcesDeath)
        }
        return index
    }

    /// The place of what the sensor is judged by, among ``signatures`` and ``parameters``.
    private func settings(of sensor: SensorIndex) -> Int { directory.override(of: sensor) ?? parameters.count - 1 }

    /// Where what the pipe zone of the sensor that comes next knows is kept; nil for what has none.
    private mutating func zoneLane(of sensor: Sensor) -> Int? {
        guard sensor.kind == .waterLeak, let name = sensor.zone else { return nil }
        if let first = firstOfPipeZone[name] { return first }
        firstOfPipeZone[name] = lanes.count
        return lanes.count
    }

    // MARK: Readings

    /// So many late readings in a row that follow each other, about as fast as they arrive, mean that a sensor's clock was
    /// set back. A history that a device sends after an outage of its link arrives faster than it was measured.
    package static let clockBackReadings = 500
    /// How often a sensor that only repeats itself is noted as heard.
    static let hearingStepMs: Int64 = 60_000

    /// One reading, as it comes off the ring.
    public mutating func take(_ arriving: Reading, into batch: CommitBatch) {
        if arriving.quantity.isPart { return takePart(arriving, into: batch) }
        var reading = arriving
        let lane = reading.sensor.int
        place(&reading)
        switch finding(reading, as: arriving) {
        case .duplicate:
            tallies.duplicates += 1
            hearAgain(reading, into: batch)
            return
        case .conflict:
            reading.flags.insert(.conflict)
        case .new:
            break
        }
        guard allows(reading) else { return shed(reading, into: batch) }
        if reading.flags.contains(.clockAhead) { noteClamped(reading, claimedMs: arriving.observedAtMs, into: batch) }
        if !lanes[lane].untold.isEmpty {
            let report = lanes[lane].note { $0.shed.end(atMs: reading.arrivedAtMs) }
            reportShed(reading, report, into: batch)
        }
        if reading.flags.contains(.conflict) {
            tallies.conflicts += 1
        } else if isLate(reading, into: batch) {
            tallies.late += 1
            reading.flags.insert(.late)
            noteLate(reading, into: batch)
        } else if reading.flags.contains(.late) {
            // The device says that it kept this: history, whatever its time.
            tallies.late += 1
        }
        sequence += 1
        memorize(reading, at: sequence)
        tallies.readings += 1
        batch.readings.append(LoggedReading(sequence: sequence, reading: reading))
        // Only what is logged is heard: replay must hear the same.
        hear(reading.sensor, source: Int(reading.source), atMs: reading.arrivedAtMs)
        judge(reading, into: batch)
        if book.hasCrossings { settle(atMs: reading.arrivedAtMs, into: batch) }
    }

    /// Gives the reading its event time: its own, unless it has none or that can't be.
    private mutating func place(_ reading: inout Reading) {
        if reading.observedAtMs > reading.arrivedAtMs + configuration.clockAheadLimitMs {
            reading.claimedS = UInt32(clamping: reading.observedAtMs / 1000)
            reading.observedAtMs = reading.arrivedAtMs
            reading.flags.insert(.clockAhead)
            tallies.clockAhead += 1
        }
        guard !reading.flags.isDisjoint(with: .timedByArrival) else { return }
        let moment = lanes[reading.sensor.int].recent.freeMoment(from: reading.observedAtMs, for: reading.quantity)
        // Our own clock had been ahead: what came then is no reason to leave the present.
        guard moment <= reading.arrivedAtMs + configuration.clockAheadLimitMs else { return }
        reading.observedAtMs = moment
    }

    /// - Parameter arriving: the reading with the time that it came with. A time that was too far ahead at one delivery may
    ///   be none at the next, and the reverse after our own clock was set back.
    private func finding(_ reading: Reading, as arriving: Reading) -> RecentReadings.Finding {
        let lane = reading.sensor.int
        guard reading.flags.isDisjoint(with: .timedByArrival) else {
            if lanes[lane].arrivals.contains(reading) { return .duplicate }
            let isKnown = reading.flags.contains(.clockAhead) && lanes[lane].recent.finding(arriving) == .duplicate
            return isKnown ? .duplicate : .new
        }
        let finding = lanes[lane].recent.finding(reading)
        // A device that has no answer sends its frame again, and the server gives it another time. The frame alone is no
        // proof that what it says has been logged.
        if finding == .new, frames.isRepeated(reading),
            lanes[lane].recent.hasAlike(reading, withinMs: FrameHistory.longestRetryMs)
        {
            return .duplicate
        }
        guard finding == .new, !lanes[lane].arrivals.isEmpty else { return finding }
        var claimed = reading
        claimed.claimedS = UInt32(clamping: reading.observedAtMs / 1000)
        return lanes[lane].arrivals.contains(claimed) ? .duplicate : .new
    }

    func allows(_ reading: Reading) -> Bool { lanes[reading.sensor.int].quota.allows(reading, quota) }

    /// Remembers what is logged, live and in replay, by what a repetition of it would be known.
    mutating func memorize(_ reading: Reading, at sequence: Int64) {
        lanes[reading.sensor.int].memorize(reading, at: sequence, quota, horizonMs: configuration.dedupHorizonMs)
    }

    /// A device that floods is heard, and what it says beyond its quota is counted and named, not stored.
    mutating func shed(_ reading: Reading, into batch: CommitBatch) {
        tallies.shed += 1
        hearAgain(reading, into: batch)
        // Not within the call: `self` would be held meanwhile, and all lanes copied for this change.
        let report = lanes[reading.sensor.int].note { $0.shed.note(reading.value, atMs: reading.arrivedAtMs) }
        reportShed(reading, report, into: batch)
    }

    private func reportShed(_ reading: Reading, _ report: ShedReadings.Report?, into batch: CommitBatch) {
        guard let report else { return }
        batch.decisions.append(
            Decision(
                .sensorShed, atMs: reading.arrivedAtMs, sensorID: directory[reading.sensor].id,
                ward: directory[reading.sensor].ward, count: report.count, reason: report.sentence))
    }

    /// A repeated reading tells nothing but that its sensor speaks: worth a line of the log once a minute.
    mutating func hearAgain(_ reading: Reading, into batch: CommitBatch) {
        let heardMs = lanes[reading.sensor.int].heardMs
        guard reading.arrivedAtMs >= heardMs + Self.hearingStepMs || reading.arrivedAtMs < heardMs else { return }
        sequence += 1
        batch.events.append(
            StreamEvent(
                sequence: sequence, kind: .heard, source: Int(reading.source), sensor: reading.sensor,
                atMs: reading.arrivedAtMs))
        hear(reading.sensor, source: Int(reading.source), atMs: reading.arrivedAtMs)
    }

    mutating func hear(_ sensor: SensorIndex, source: Int, atMs: Int64) {
        lanes[sensor.int].heardMs = atMs
        silence.heard(sensor, source: source, atMs: atMs)
    }

    /// Whether the reading lies behind its sensor's watermark. A watermark that no clock can have reached is let go.
    private mutating func isLate(_ reading: Reading, into batch: CommitBatch) -> Bool {
        let lane = reading.sensor.int
        guard reading.observedAtMs < lanes[lane].watermarkMs else {
            if lanes[lane].lateInARow != 0 { lanes[lane].lateInARow = 0 }
            return false
        }
        // Our own clock had been ahead, and taught the sensor's watermark a time that has not come yet.
        let isImpossible = lanes[lane].watermarkMs > reading.arrivedAtMs + configuration.clockAheadLimitMs
        guard isImpossible || hasSetItsClockBack(reading) else { return true }
        let before = Timestamp.format(lanes[lane].watermarkMs)
        lanes[lane].watermarkMs = reading.observedAtMs
        lanes[lane].lateInARow = 0
        batch.decisions.append(
            Decision(
                .sensorClockBack, atMs: reading.arrivedAtMs, sensorID: directory[reading.sensor].id,
                ward: directory[reading.sensor].ward,
                reason: "its readings were at \(before) and now go on from \(Timestamp.format(reading.observedAtMs))"))
        return false
    }

    /// Whether this is one of many readings that lie far behind, yet follow each other: not back-fill of a minute ago,
    /// but a device whose clock stands elsewhere from now on.
    private mutating func hasSetItsClockBack(_ reading: Reading) -> Bool {
        let lane = reading.sensor.int
        let isFar = reading.observedAtMs < lanes[lane].watermarkMs - configuration.dedupHorizonMs
        let follows = reading.observedAtMs >= lanes[lane].lastLateMs
        lanes[lane].lateInARow = isFar && follows ? lanes[lane].lateInARow + 1 : isFar ? 1 : 0
        lanes[lane].lastLateMs = reading.observedAtMs
        if lanes[lane].lateInARow <= 1 {
            lanes[lane].lateFromMs = reading.observedAtMs
            lanes[lane].lateFromArrivalMs = reading.arrivedAtMs
        }
        guard lanes[lane].lateInARow >= Self.clockBackReadings else { return false }
        let measuredMs = reading.observedAtMs - lanes[lane].lateFromMs
        return reading.arrivedAtMs - lanes[lane].lateFromArrivalMs >= measuredMs / 2
    }

    /// Shows an on-time reading to its sensor's detectors, and their verdicts to the incidents.
    mutating func judge(_ reading: Reading, into batch: CommitBatch) {
        guard !reading.quantity.isPart else { return }
        guard reading.flags.isDisjoint(with: [.late, .conflict]) else { return judgeClock(reading, into: batch) }
        let lane = reading.sensor.int
        lanes[lane].watermarkMs = reading.observedAtMs
        let zoneLane = lanes[lane].zoneLane
        var view = ZoneView()
        if let zoneLane {
            view = lanes[zoneLane].zone[0].view(
                of: reading.sensor, reading.quantity, atMs: reading.observedAtMs, scratch: &zoneScratch)
        }
        let evidence = lanes[lane].monitor.observe(
            reading, active: book.active(reading.sensor), accepted: book.accepted(reading.sensor), view: view,
            into: &verdicts)
        if let zoneLane, let evidence {
            lanes[zoneLane].zone[0].observe(evidence, from: reading.sensor, scratch: &zoneScratch)
        }
        applyVerdicts(on: reading, into: batch)
    }

    mutating func applyVerdicts(on reading: Reading, into batch: CommitBatch) {
        guard !verdicts.isEmpty else { return }
        let marks = batch.evidence.count
        for verdict in verdicts {
            book.apply(
                verdict, to: .sensor(reading.sensor), nowMs: reading.arrivedAtMs, directory: directory, into: batch)
        }
        verdicts.removeAll(keepingCapacity: true)
        sign(batch, from: marks)
    }

    /// Adds to the evidence from place `start` on what the incidents can't know: the rule to its last parameter, and what
    /// the sensor's detector holds to be usual now.
    func sign(_ batch: CommitBatch, from start: Int) {
        for place in start..<batch.evidence.count {
            let mark = batch.evidence[place]
            // A gateway is judged by what is for all.
            let own = mark.verdict.rule == .gatewaySilence ? signatures.count - 1 : settings(of: mark.sensor)
            batch.evidence[place].signature = signatures[own][mark.verdict.rule]
            batch.evidence[place].baseline = lanes[mark.sensor.int].monitor.baseline(
                of: mark.verdict.rule, fromMs: mark.fromMs, toMs: mark.baselineToMs)
        }
    }

    /// Brings a logged reading back into what the sensor remembers, without logging or judging it again.
    mutating func remember(_ logged: LoggedReading, into batch: CommitBatch) {
        let reading = logged.reading
        if reading.quantity.isPart, !reading.flags.contains(.retried) { return recoverPart(logged) }
        if reading.flags.contains(.retried) { return recall(reading, at: logged.sequence) }
        hear(reading.sensor, source: Int(reading.source), atMs: reading.arrivedAtMs)
        // Keeps count of late ones, and lets go of a watermark where it was let go of live.
        if !reading.flags.contains(.conflict) { _ = isLate(reading, into: batch) }
        memorize(reading, at: logged.sequence)
    }
}
