public import Detection
public import Open311
public import Readings

/// The lifecycle of every incident: `pending → firing → resolved`, and the requests that they are grouped into.
///
/// ```
///              abnormal                lasted pendingMs, or critical          normal for clearMs
///   (nothing) ─────────▶ pending ─────────────────────────────▶ firing ────────────────────────▶ resolved
///       ▲                   │ not abnormal                         ▲                                 │
///       └───────────────────┘                                      └──── the same within hold-off ───┘
/// ```
/// All durations compare event times with event times. A pure value: the same verdicts in the same order give the
/// same requests. Cost: a dictionary look-up for a verdict; memory only for what is or was abnormal.
public struct IncidentBook: Sendable {
    /// A subject's incident under one rule. At most one at a time.
    struct EpisodeID: Hashable, Sendable {
        var subject: Subject
        var rule: Rule
    }

    struct Episode: Sendable, Equatable {
        var record: IncidentRecord
        /// Since when, in event time, the verdicts have been normal; nil while they are not.
        var normalSinceMs: Int64?
        /// Its place in `cases`, from firing on.
        var caseNumber: Int?
    }

    var episodes: [EpisodeID: Episode] = [:]
    /// One for each scope that has had a request within ``remembersForMs``: its latest request. Earlier ones of which somebody
    /// has spoken just before.
    var cases: [RequestCase] = []
    var caseOfScope: [Scope: Int] = [:]
    /// By the incident key of its request. An incident that begins again after a registry has put its sensor elsewhere, is no
    /// other one because it would now stand in another scope.
    var caseOfKey: [String: Int] = [:]
    /// Places in `cases`, by the case's home.
    var casesOfHome: [Subject: [Int]] = [:]
    /// Which requests incident keys have: all that may be met while the log is replayed, and then the newest.
    var issued = IssuedNumbers()
    var nextRequestID: Int64 = 1
    /// Requests from this number on are none that the store has told of.
    private var firstUnknownID: Int64 = 1
    /// The day, counted in UTC, on which old cases were last forgotten.
    var forgotOnDay = Int64.min
    /// By sensor: its rules that are pending or firing.
    var activeRules: [RuleSet] = []
    /// Requests that no sensor holds open, by id; and their ids in order.
    var kept: [Int64: KeptRequest] = [:]
    var keptIDs: [Int64] = []
    /// What was answered last, oldest first.
    var answers: [CommandAnswer] = []
    /// What has to be said to the stream.
    var crossings: [StreamCommand.Content] = []
    /// Of subjects that have none of their own: ``policy(_:of:in:)``.
    private let policies: RulePolicies
    /// The city's services: names, agencies, promises.
    let catalog: ServiceCatalog
    let routing: Routing

    public init(policies: RulePolicies, catalog: ServiceCatalog = .standard, routing: Routing = Routing()) {
        self.policies = policies
        self.catalog = catalog
        self.routing = routing
    }

    /// Tells which request each incident key already has in the store, so that an incident that is met again while
    /// the log is replayed keeps its request. New requests are numbered after all of these, and after `greatestID`.
    public mutating func expect(requestIDs: [String: Int64], numbersUpTo greatestID: Int64 = 0) {
        issued = IssuedNumbers(requestIDs)
        // Taking the greatest does not depend on the order in which a dictionary gives its values.
        numberRequests(from: max(requestIDs.values.max() ?? 0, greatestID) + 1)
    }

    /// New requests are numbered from `next` on, at least.
    mutating func numberRequests(from next: Int64) {
        nextRequestID = max(nextRequestID, next)
        firstUnknownID = nextRequestID
    }

    /// Requests that sensors hold or held, as far as the book remembers.
    public var requestsOfSensors: [Int64] { cases.map(\.request.id) }

    /// Brings what the log led to together with what the store holds, once the log has been replayed.
    ///
    /// They differ when rules, registry or the program have changed since. Then today's judgement counts from here on:
    /// stored requests that it does not hold open are closed with a note, and its own are filed. History only grows. A
    /// request whose beginning could not be met again goes on as it stands.
    ///
    /// - Parameter metSinceMs: since when everything that was stored has been met, in replay or in the saved state.
    public mutating func reconcile(
        stored open: [ServiceRequest], lastUpdates: [Int64: Int], metSinceMs: Int64, nowMs: Int64,
        directory: SensorDirectory, into batch: CommitBatch
    ) {
        issued.endReplay(lastUpdates)
        // What was filed ahead of its readings waits for them: the broker still holds them.
        let open = open.filter { $0.requestedAtMs <= nowMs || Rule(name: $0.detector) == nil || $0.parentID != nil }
        bringTogether(open, lastUpdates, metSinceMs: metSinceMs, nowMs: nowMs, directory: directory, into: batch)
    }

    private mutating func bringTogether(
        _ open: [ServiceRequest], _ lastUpdates: [Int64: Int], metSinceMs: Int64, nowMs: Int64,
        directory: SensorDirectory, into batch: CommitBatch
    ) {
        var held: Set<Int64> = []
        for number in cases.indices.sorted(by: { cases[$0].request.id < cases[$1].request.id }) {
            let id = cases[number].request.id
            cases[number].updates = max(cases[number].updates, lastUpdates[id] ?? 0)
            for part in cases[number].parts.indices {
                let stored = lastUpdates[cases[number].parts[part].request.id] ?? 0
                cases[number].parts[part].updates = max(cases[number].parts[part].updates, stored)
            }
            if cases[number].request.status == .open { held.insert(id) }
            if id >= firstUnknownID { fileLate(number, nowMs: nowMs, into: batch) }
        }
        holdParts(&held)
        let wanted = Set(open.map(\.sensorID))
        let sensors = Dictionary(
            directory.sensors.enumerated().filter { wanted.contains($0.element.id) }
                .map { ($0.element.id, SensorIndex(rawValue: UInt32($0.offset))) },
            uniquingKeysWith: { first, _ in first })
        var closed: Set<Int64> = []
        for request in open where !held.contains(request.id) {
            let lastUpdate = lastUpdates[request.id] ?? 0
            // What no rule raised is not the stream's to close.
            if Rule(name: request.detector) == nil || request.parentID != nil {
                if metSinceMs > .min { takeUp(request, lastUpdate: lastUpdate) }
                continue
            }
            let isMet = request.firstSeenMs >= metSinceMs
            let sensor = sensors[request.sensorID]
            if !isMet, adopt(request, lastUpdate: lastUpdate, sensor: sensor, directory: directory) { continue }
            let note =
                isMet
                ? "the rules or the registry have changed, and no longer raise it."
                : "what raised it is no longer stored; if it goes on, it is raised again."
            closeForGood(request, lastUpdate: lastUpdate, because: note, nowMs: nowMs, into: batch)
            closed.insert(request.id)
        }
        for request in open where !held.contains(request.id) {
            guard let parent = request.parentID, closed.contains(parent) else { continue }
            part(request, hasLost: parent, lastUpdate: lastUpdates[request.id] ?? 0, nowMs: nowMs, into: batch)
        }
    }

    /// Closes a request that is not in the book.
    mutating func closeForGood(
        _ request: ServiceRequest, lastUpdate: Int, because note: String, nowMs: Int64, into batch: CommitBatch
    ) {
        Self.close(request, lastUpdate: lastUpdate, because: note, nowMs: nowMs, into: batch)
        issued.release(request, lastUpdate: lastUpdate + 1)
    }

    /// Goes on where `other` was: under other rules, and with its state taken over. Requests that nothing holds open any more
    /// under these rules are closed with a note.
    public mutating func succeed(
        _ other: IncidentBook, nowMs: Int64, directory: SensorDirectory, into batch: CommitBatch
    ) {
        var open: [ServiceRequest] = []
        var lastUpdates: [Int64: Int] = [:]
        for item in other.cases {
            for (request, updates) in [(item.request, item.updates)] + item.parts.map({ ($0.request, $0.updates) }) {
                lastUpdates[request.id] = updates
                if request.status == .open { open.append(request) }
            }
        }
        // Every request of the other book is one that it had told of.
        firstUnknownID = .max
        issued = other.issued
        for item in other.cases where caseOfKey[item.request.incidentKey] == nil { release(item) }
        bringTogether(
            open.sorted { $0.id < $1.id }, lastUpdates, metSinceMs: .min, nowMs: nowMs, directory: directory,
            into: batch)
        (firstUnknownID, nextRequestID) = (other.firstUnknownID, other.nextRequestID)
    }

    /// Files a case that the replayed log led to and the store has never seen.
    private mutating func fileLate(_ number: Int, nowMs: Int64, into batch: CommitBatch) {
        cases[number].updates += 1
        let request = cases[number].request
        batch.requests.append(request)
        batch.updates.append(
            RequestUpdate(
                requestID: request.id, number: cases[number].updates, atMs: nowMs, status: request.status,
                text: request.statusNotes))
        for member in cases[number].members {
            for rule in Rule.allCases {
                let episode = episodes[EpisodeID(subject: member, rule: rule)]
                if let episode, episode.caseNumber == number { batch.incidents.append(episode.record) }
            }
        }
        batch.decisions.append(
            Decision(
                .requestOpened, atMs: nowMs, sensorID: request.sensorID, requestID: request.id,
                service: request.service, ward: request.ward,
                reason: "\(request.title), by rules or a registry that have changed"))
    }

    /// The sensor's rules that are pending or firing.
    public func active(_ sensor: SensorIndex) -> RuleSet {
        sensor.int < activeRules.count ? activeRules[sensor.int] : []
    }

    /// The sensor's rules that fire and whose request staff has closed as a false alarm: what they see is normal from now
    /// on, says a person.
    ///
    /// Cost: nothing for a sensor that no rule suspects.
    public func accepted(_ sensor: SensorIndex) -> RuleSet {
        let active = active(sensor)
        guard !active.isEmpty else { return [] }
        var accepted: RuleSet = []
        for rule in Rule.allCases where active.contains(rule) {
            guard let number = episodes[EpisodeID(subject: .sensor(sensor), rule: rule)]?.caseNumber,
                cases[number].closedByStaffAtMs != nil, cases[number].request.verdict == .falseAlarm
            else { continue }
            accepted.insert(RuleSet(rule))
        }
        return accepted
    }

    /// Takes one verdict and writes what follows from it into `batch`.
    ///
    /// - Parameter nowMs: the daemon's time at which it was met; requests are raised and updated at this time.
    public mutating func apply(
        _ verdict: Verdict, to subject: Subject, nowMs: Int64, directory: SensorDirectory, into batch: CommitBatch
    ) {
        let id = EpisodeID(subject: subject, rule: verdict.rule)
        let policy = policy(verdict.rule, of: subject, in: directory)
        guard policy.isEnabled, verdict.condition != .unknown else { return }
        let context = Context(id: id, nowMs: nowMs, directory: directory, batch: batch)
        // Far enough to be told of; what is open already goes on by the detector's own clearing condition.
        let opens = verdict.isAbnormal && verdict.score >= policy.leastScore
        guard var episode = episodes[id] else {
            if opens { begin(verdict, context) }
            return
        }
        switch episode.record.state {
        case .pending:
            if opens {
                continuePending(&episode, verdict, context)
            } else {
                dismiss(episode, verdict, context)
                return
            }
        case .firing:
            continueFiring(&episode, verdict, context)
        case .resolved:
            preconditionFailure("a resolved episode has left the book")
        }
        // What is resolved is the store's; the case remembers what a recurrence needs.
        episodes[id] = episode.record.state == .resolved ? nil : episode
    }

    /// What the rule goes by for this subject.
    func policy(_ rule: Rule, of subject: Subject, in directory: SensorDirectory) -> RulePolicies.Policy {
        (directory.policies(of: subject) ?? policies)[rule]
    }

    func policy(_ context: Context) -> RulePolicies.Policy {
        policy(context.id.rule, of: context.id.subject, in: context.directory)
    }

    /// What one step needs beside the book itself.
    struct Context {
        var id: EpisodeID
        var nowMs: Int64
        var directory: SensorDirectory
        var batch: CommitBatch

        var subjectName: String { directory.name(of: id.subject) }
        var scene: Scene { Scene(nowMs: nowMs, directory: directory, batch: batch) }
    }

    private mutating func begin(_ verdict: Verdict, _ context: Context) {
        // What, where, which rule, when it began in event time: the same incident always has the same key.
        let key =
            "\(verdict.rule.service.rawValue)/\(context.subjectName)/\(verdict.rule.name)/"
            + Timestamp.format(verdict.onsetMs)
        let record = IncidentRecord(
            key: key, sensor: context.directory.representative(of: context.id.subject), rule: verdict.rule,
            ruleVersion: verdict.rule.version, state: .pending, pendingSinceMs: verdict.observedAtMs, peak: verdict)
        var episode = Episode(record: record)
        setActive(context.id, true)
        if verdict.condition == .critical || policy(context).lifecycle.pendingMs == 0 {
            fire(&episode, verdict, context)
        } else {
            context.batch.incidents.append(episode.record)
            decide(.incidentPending, context, reason: "\(verdict.rule.name): \(verdict.summary)")
        }
        episodes[context.id] = episode
    }

    private mutating func continuePending(_ episode: inout Episode, _ verdict: Verdict, _ context: Context) {
        if verdict.score > episode.record.peak.score { episode.record.peak = verdict }
        let lasted = verdict.observedAtMs - episode.record.pendingSinceMs
        if verdict.condition == .critical || lasted >= policy(context).lifecycle.pendingMs {
            fire(&episode, verdict, context)
        }
    }

    private mutating func dismiss(_ episode: Episode, _ verdict: Verdict, _ context: Context) {
        var record = episode.record
        record.state = .resolved
        record.resolvedAtMs = verdict.observedAtMs
        context.batch.incidents.append(record)
        decide(.incidentDismissed, context, reason: "\(verdict.rule.name): it did not last")
        episodes[context.id] = nil
        setActive(context.id, false)
    }

    private mutating func fire(_ episode: inout Episode, _ verdict: Verdict, _ context: Context) {
        episode.record.state = .firing
        episode.record.firingSinceMs = verdict.observedAtMs
        let number = file(episode.record, verdict, context)
        episode.caseNumber = number
        episode.record.requestID = cases[number].request.id
        context.batch.incidents.append(episode.record)
    }

    private mutating func continueFiring(_ episode: inout Episode, _ verdict: Verdict, _ context: Context) {
        guard let number = episode.caseNumber else { return }
        guard verdict.condition == .normal else {
            episode.normalSinceMs = nil
            if verdict.isAbnormal {
                let worse = verdict.score > episode.record.peak.score
                if worse { episode.record.peak = verdict }
                noteSighting(in: number, verdict, isWorse: worse, context)
            }
            return
        }
        let since = episode.normalSinceMs ?? verdict.observedAtMs
        episode.normalSinceMs = since
        // Silence is told at its changes only: no second verdict would come.
        let clearMs = verdict.rule.tellsChangesOnly ? 0 : policy(context).lifecycle.clearMs
        guard verdict.observedAtMs - since >= clearMs else { return }
        episode.record.state = .resolved
        episode.record.resolvedAtMs = verdict.observedAtMs
        context.batch.incidents.append(episode.record)
        setActive(context.id, false)
        leave(number, verdict, context)
    }

    mutating func setActive(_ id: EpisodeID, _ isActive: Bool) {
        guard case .sensor(let sensor) = id.subject else { return }
        if sensor.int >= activeRules.count {
            activeRules.append(contentsOf: repeatElement([], count: sensor.int + 1 - activeRules.count))
        }
        if isActive {
            activeRules[sensor.int].insert(RuleSet(id.rule))
        } else {
            activeRules[sensor.int].remove(RuleSet(id.rule))
        }
    }

    func decide(_ event: Decision.Event, _ context: Context, requestID: Int64? = nil, reason: String) {
        context.batch.decisions.append(
            Decision(
                event, atMs: context.nowMs, sensorID: context.subjectName, rule: context.id.rule,
                requestID: requestID,
                ward: context.directory[context.directory.representative(of: context.id.subject)].ward,
                reason: reason))
    }
}

extension Rule {
    /// Whether its verdicts come at changes only, and not with each reading. Durations mean nothing to it.
    public var tellsChangesOnly: Bool { self == .silence || self == .gatewaySilence }
}

extension Verdict {
    /// Whether it is bad enough to open.
    var isAbnormal: Bool { condition == .abnormal || condition == .critical }

    /// `58.1 m³/h where 40.2 is expected`, for logs.
    var summary: String {
        let unit = quantity.unit.symbol
        return "\(Words.number(observed)) \(unit) where \(Words.number(expected)) is expected".trimmed
    }
}
