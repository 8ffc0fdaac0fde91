internal import Detection
internal import Incidents
internal import Pipeline
internal import Readings

/// One run: a street, its brokers, a daemon and a disk, moved step by step in an order that the seed chooses.
///
/// ```
///   Street ─▶ SimulatedBroker ◀─▶ SimulatedDaemon ─▶ Disk
///                 drops               kills           errors, power cuts
/// ```
final class World {
    static let directory = "/simulated/data"
    private static let startMs: Int64 = 1_800_000_000_000
    /// Steps with faults, for each message.
    private static let stepsPerMessage = 14

    let swarm: Swarm
    let isInspectingAll: Bool
    var trace: Trace
    var brokers: [SimulatedBroker]
    var ledger = Ledger()
    var mirror = StreamMirror()
    private(set) var ruleSets: RuleSets
    var chance: Chance
    var street: Street
    var neighbours = Neighbours()
    var daemon: SimulatedDaemon?
    private var published = 0
    var starts = 0

    init(seed: UInt64, _ options: Options) {
        isInspectingAll = options.isInspecting
        Disk.format(seed: seed)
        Disk.nowMs = Self.startMs
        chance = Chance(seed: seed)
        swarm = Swarm(chance: &chance, isForgetful: options.isForgetful)
        street = Street(swarm, chance: &chance)
        let window = swarm.window
        brokers = (0..<swarm.connections).map { _ in SimulatedBroker(window: window) }
        ruleSets = RuleSets(Self.configuration(swarm, street))
        trace = Trace(isPrinting: options.isTracing)
        trace.note("\(swarm)")
    }

    /// Incidents that open and close within minutes, so that a short run has many.
    private static func configuration(_ swarm: Swarm, _ street: Street) -> PipelineConfiguration {
        var configuration = PipelineConfiguration()
        configuration.registry = street.registry
        configuration.routing = Street.routing
        configuration.admission = swarm.isAllowList ? .allowList : .adopt
        configuration.dedupHorizonMs = 48 * 3_600_000
        configuration.stateIntervalMs = swarm.stateIntervalMs
        configuration.stateBytesPerEntry = 1_000_000
        configuration.stateSteps.sensorsPerSlice = 2
        configuration.stateSteps.bytesPerTick = swarm.stateBytesPerStep
        configuration.stateSteps.bytesPerBatch = swarm.stateBytesPerStep
        configuration.detection.silence.shortestSensorAllowanceS = 60
        configuration.detection.silence.shortestGatewayAllowanceS = 60
        configuration.detection.silence.longestLearnedIntervalS = 60
        for rule in Rule.allCases {
            var lifecycle = configuration.policies[rule].lifecycle
            lifecycle.pendingMs = min(lifecycle.pendingMs, 3000)
            lifecycle.clearMs = min(lifecycle.clearMs, 5000)
            lifecycle.holdOffMs = min(lifecycle.holdOffMs, 20_000)
            configuration.policies[rule].lifecycle = lifecycle
        }
        return configuration
    }

    // MARK: The run

    func run() throws {
        try start(powerCut: nil)
        for _ in 0..<swarm.messages * Self.stepsPerMessage { try step() }
        try drain()
        try finish()
    }

    private func step() throws {
        let (faults, drops) = (swarm.hasWriteErrors || swarm.hasFullDisk || swarm.hasBusyLocks, swarm.hasDrops)
        switch chance.choice(among: [
            7, 20, 12, 25, 15, 15, 8, 2, 2, 2, drops ? 1 : 0, swarm.hasBrokerRestarts ? 1 : 0, faults ? 2 : 0,
            swarm.hasKills || swarm.hasPowerCuts ? 1 : 0, swarm.hasKeeping ? 3 : 0, swarm.hasPeople ? 5 : 0,
            swarm.hasPeople ? 2 : 0, swarm.hasRegistryEdits ? 1 : 0, swarm.hasRuleEdits ? 1 : 0,
        ]) {
        case 0: publish()
        case 1: for _ in 0...chance.number(0...3) { send(number: anyBroker) }
        case 2: for _ in 0...chance.number(0...3) { takeAcknowledgement(number: anyBroker) }
        case 3:
            try turn(
                anyBroker, mostReads: chance.number(0...swarm.window),
                notices: !swarm.hasLateHangUps || chance.happens(50))
        case 4: stepPipeline()
        case 5: try stepStore()
        case 6: passTime()
        case 7: tick()
        case 8: daemon?.catchUp(0, brokers[0])
        case 9: checkpoint()
        case 10: drop(anyBroker)
        case 11: restart(broker: anyBroker)
        case 12: orderFault()
        case 13: orderDeath()
        case 14: try keep()
        case 15: say()
        case 16: sayAgain()
        case 17: editRegistry()
        default: editRules()
        }
        if Disk.isDead { try restart() }
    }

    private var anyBroker: Int { chance.number(0...brokers.count - 1) }

    // MARK: The street and its brokers

    private func publish() {
        guard published < swarm.messages else { return }
        let number = anyBroker
        if swarm.hasRepetition, chance.happens(15), let last = brokers[number].accepted.indices.last {
            // The sensor's acknowledgement was lost. The broker takes it for another message.
            let again = brokers[number].accepted[chance.number(max(0, last - 5)...last)]
            trace.note("publish again \(again.topic) \(again.payload)")
            brokers[number].publish(again)
            return
        }
        let message = street.next(nowMs: Disk.nowMs, chance: &chance)
        published += 1
        trace.note("publish \(message.topic) \(message.payload)")
        brokers[number].publish(message)
    }

    private func say() {
        let command = neighbours.next(nowMs: Disk.nowMs, registry: street.registry, chance: &chance)
        trace.note("ticket \(command.ticket): \(command.content)")
        daemon?.pipeline.mailbox.post(.person(command))
    }

    private func sayAgain() {
        guard var command = neighbours.again(&chance) else { return }
        // A client that tries again does so now.
        command.atMs = Disk.nowMs
        trace.note("ticket \(command.ticket) again")
        daemon?.pipeline.mailbox.post(.person(command))
    }

    /// Somebody edits the registry, and most often has the daemon take it at once; else it holds from the next start on.
    private func editRegistry() {
        ledger.registryEdits += 1
        ruleSets.edit(
            registry: street.editedRegistry(keepingAll: swarm.isAllowList, edition: ledger.registryEdits, &chance))
        tell("the registry is edited")
    }

    /// The same of rules, services, departments or the clock.
    private func editRules() {
        ledger.ruleEdits += 1
        ruleSets.edit(edition: ledger.ruleEdits, &chance)
        tell("the rules are edited")
    }

    private func tell(_ what: String) {
        let isTaken = chance.happens(70)
        trace.note("\(what)\(isTaken ? "" : ", and nobody is told")")
        if isTaken { daemon?.pipeline.mailbox.post(ruleSets.change(atMs: Disk.nowMs)) }
    }

    private func send(number: Int) {
        if brokers[number].send() { trace.note("broker \(number) sends \(brokers[number].toDaemon.last ?? -1)") }
    }

    private func takeAcknowledgement(number: Int) {
        if brokers[number].takeAcknowledgement() { trace.note("broker \(number) takes an acknowledgement") }
    }

    private func drop(_ number: Int) {
        guard brokers[number].isConnected else { return }
        brokers[number].drop(losingSocket: chance.happens(50), chance: &chance)
        ledger.drops += 1
        trace.note("connection \(number) drops, \(brokers[number].toDaemon.count) are left in the socket")
    }

    private func restart(broker number: Int) {
        brokers[number].restart(chance: &chance)
        ledger.brokerRestarts += 1
        trace.note("broker \(number) restarts with \(brokers[number].inFlight) in flight")
    }

    private func passTime() {
        let isLong = swarm.hasKeeping && chance.happens(3)
        let ms =
            isLong
            ? chance.number(1_200_000...5_000_000)
            : chance.happens(4) ? chance.number(10_000...180_000) : chance.number(1...1500)
        Disk.nowMs += Int64(ms)
        trace.note("\(ms) ms pass")
    }

    // MARK: The daemon's threads

    func turn(_ number: Int, mostReads: Int, notices: Bool) throws {
        guard let daemon else { return }
        var broker = brokers[number]
        defer { brokers[number] = broker }
        let accepted = broker.accepted
        trace.note("connection \(number) turns: \(broker.toDaemon.count) in the socket")
        try daemon.turn(number, &broker, mostReads: mostReads, notices: notices) { numbers throws(Violation) in
            trace.note("acknowledge \(numbers) to broker \(number)")
            ledger.acknowledged += numbers.count
            let isChosen = chance.happens(swarm.inspected)
            guard isChosen || isInspectingAll else { return }
            let messages = numbers.map { accepted[$0] }
            do {
                try Checks.areStored(
                    messages, allowList: swarm.isAllowList, synced: swarm.isPowerDurable, mirror: mirror)
            } catch {
                throw error as? Violation ?? Violation("the copy can't be read: \(error)")
            }
        }
    }

    func stepPipeline() {
        if daemon?.pipeline.step() == true { trace.note("pipeline moves") }
    }

    func stepStore() throws {
        guard let outcome = try daemon?.store.step() else { return }
        if outcome.hasPrefix("failed") { ledger.failedCommits += 1 }
        trace.note("store: \(outcome)")
        for commit in daemon?.store.takeCommits() ?? [] { try neighbours.hear(commit) }
    }

    private func tick() {
        daemon?.pipeline.mailbox.post(.tick(atMs: Disk.nowMs))
        trace.note("tick")
    }

    private func checkpoint() {
        guard let daemon else { return }
        trace.note("checkpoint: \(daemon.store.checkpoint())")
    }

    private func keep() throws {
        guard let daemon else { return }
        for _ in 0...chance.number(0...5) {
            guard let outcome = try daemon.store.keep(&mirror) else { return }
            ledger.keepingSteps += 1
            trace.note("history: \(outcome)")
            if Disk.isDead { return }
        }
    }
}
