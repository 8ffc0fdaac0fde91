internal import CFaultDisk
internal import Pipeline

// What goes wrong, how the daemon comes back, and how a run ends.
extension World {
    func orderFault() {
        let after = chance.number(0...40)
        var kinds: [(calls: [faultdisk_call], failure: Disk.Failure)] = []
        if swarm.hasWriteErrors {
            kinds += [
                ([FAULTDISK_WRITE], .error), ([FAULTDISK_SYNC], swarm.hasForgetfulSyncs ? .forgetful : .error),
                ([FAULTDISK_TRUNCATE, FAULTDISK_DELETE], .error),
            ]
        }
        if swarm.hasReadErrors { kinds.append(([FAULTDISK_READ, FAULTDISK_OPEN], .error)) }
        if swarm.hasFullDisk { kinds.append(([FAULTDISK_WRITE], .full)) }
        if swarm.hasBusyLocks { kinds.append(([FAULTDISK_LOCK], .busy)) }
        let kind = chance.element(of: kinds)
        // A full or locked disk stays so for a while.
        let times = kind.failure == .error || kind.failure == .forgetful ? chance.number(1...2) : chance.number(1...30)
        Disk.fail(kind.calls, after: after, kind.failure, times: times)
        trace.note("after \(after) calls of \(kind.calls.map(\.rawValue)), \(times) will fail: \(kind.failure)")
    }

    func orderDeath() {
        guard chance.happens(70) else {
            trace.note("the daemon is killed")
            return Disk.die()
        }
        let calls = chance.number(0...60)
        trace.note("the daemon will die in \(calls) calls")
        Disk.dieAfter(calls)
    }

    /// The daemon is dead: the connections break, the machine may have lost its power.
    func restart() throws {
        let powerCut = swarm.hasPowerCuts && (!swarm.hasKills || chance.happens(50))
        for number in brokers.indices { brokers[number].drop(losingSocket: true, chance: &chance) }
        let committed = daemon?.store.committedSequence ?? 0
        try start(powerCut: powerCut)
        let found = daemon?.startedBehind ?? 0
        try promise(
            found >= committed,
            "sequence \(committed) was committed, after the \(powerCut ? "power cut" : "kill") the log ends at \(found)"
        )
    }

    /// Starts the daemon, and again when the disk does not let it.
    func start(powerCut: Bool?) throws {
        daemon?.end()
        daemon = nil
        if let powerCut { Disk.restart(powerCut: powerCut) }
        for attempt in 1... {
            starts += 1
            let isChosen = chance.happens(swarm.inspected)
            do {
                let life = try SimulatedDaemon(
                    swarm, directory: Self.directory, rules: ruleSets, mirror: &mirror,
                    compares: isChosen || isInspectingAll)
                ledger.restoredSlices += life.restoredSlices
                daemon = life
                neighbours.read(life.requests)
                trace.note("the daemon starts behind \(daemon?.startedBehind ?? 0)")
                return
            } catch let violation as Violation {
                throw violation
            } catch {
                trace.note("start \(attempt) fails: \(error)")
                if Disk.isDead { Disk.restart(powerCut: powerCut ?? false) }
                try promise(attempt < 4, "can't start on a healthy disk: \(error)")
                if attempt == 3 { Disk.heal() }
            }
        }
    }

    // MARK: The end

    /// Nothing fails any more: everything accepted must find its way into the store.
    func drain() throws {
        Disk.heal()
        trace.note("from here on nothing fails")
        for command in neighbours.outstanding { daemon?.pipeline.mailbox.post(.person(command)) }
        for _ in 0..<200 + 40 * brokers.reduce(0, { $0 + $1.accepted.count }) {
            if isDrained { return }
            for number in brokers.indices {
                while brokers[number].send() {}
                try turn(number, mostReads: swarm.window, notices: true)
                while brokers[number].takeAcknowledgement() {}
            }
            stepPipeline()
            try stepStore()
            Disk.nowMs += 10
        }
        throw Violation(
            "stuck: \(brokers.map { "\($0.inFlight.count) in flight" }) after long work without faults")
    }

    private var isDrained: Bool {
        guard let daemon, daemon.store.isIdle, !daemon.pipeline.step() else { return false }
        return neighbours.isAnswered && brokers.allSatisfy(\.isDrained) && daemon.connections.allSatisfy(\.isIdle)
            && daemon.store.isIdle
    }

    func finish() throws {
        daemon?.end()
        daemon = nil
        try Checks.all(
            brokers: brokers, neighbours: neighbours, swarm: swarm, rules: ruleSets, mirror: &mirror,
            ledger: &ledger)
        trace.note("\(ledger)")
    }
}
