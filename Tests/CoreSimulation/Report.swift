internal import CFaultDisk

/// What all runs met, for a person who wants to see that the faults were there.
struct Report {
    private(set) var seeds = 0
    private var steps = 0
    private var starts = 0
    private var ledger = Ledger()
    private var disk = faultdisk_counts()
    /// Of all runs: the same seeds give the same, in any process.
    private var digest: UInt64 = 0
    private let began = ContinuousClock.now

    mutating func add(_ world: World) {
        seeds += 1
        steps += world.trace.steps
        starts += world.starts
        ledger.add(world.ledger)
        digest = digest &* 31 &+ world.trace.digest
        let counts = Disk.counts
        disk.writes += counts.writes
        disk.syncs += counts.syncs
        disk.errors += counts.errors
        disk.failed_syncs += counts.failed_syncs
        disk.fulls += counts.fulls
        disk.busies += counts.busies
        disk.kills += counts.kills
        disk.power_cuts += counts.power_cuts
        disk.torn_calls += counts.torn_calls
        disk.lost_sectors += counts.lost_sectors
    }

    func print() {
        let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
        let rate = Int(Double(seeds) / max(0.001, seconds))
        Swift.print(
            """
            \(seeds) seeds, \(steps) steps in \(seconds) s: \(rate) seeds/s; every promise held; digest \(String(digest, radix: 16))
            messages: \(ledger.messages) published, \(ledger.redeliveries) redelivered, \(ledger.acknowledged) acknowledged
            stored: \(ledger.readings) readings, \(ledger.quarantined) in quarantine, \(ledger.requests) requests, \
            \(ledger.incidents) incidents
            people: \(ledger.answers) answers, \(ledger.corroborations) saw what sensors saw; \
            \(ledger.registryEdits) times the registry was edited, \
            \(ledger.ruleEdits) times rules, services or the clock
            daemon: \(starts) starts, \(disk.kills) kills, \(disk.power_cuts) power cuts, \(disk.torn_calls) of them \
            inside a call of the disk; \(ledger.restoredSlices) slices of saved state taken over
            history: \(ledger.keepingSteps) steps, \(ledger.trimmed) readings have left the log
            disk: \(disk.writes) writes, \(disk.syncs) syncs; failed: \(disk.errors) with an error (\(disk.failed_syncs) \
            syncs), \(disk.fulls) full, \(disk.busies) busy; \(disk.lost_sectors) sectors lost
            broker: \(ledger.drops) connections dropped, \(ledger.brokerRestarts) restarts
            """)
    }
}
