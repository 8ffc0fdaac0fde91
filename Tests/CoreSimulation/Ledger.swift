/// What happened in a run, in numbers: to see that the faults were there, and the incidents.
struct Ledger: Sendable {
    var acknowledged = 0
    var drops = 0
    var brokerRestarts = 0
    var failedCommits = 0
    /// Steps of the work on the history, and readings that are only there.
    var keepingSteps = 0
    var trimmed = 0
    var restoredSlices = 0
    var redeliveries = 0
    var messages = 0
    var readings = 0
    var quarantined = 0
    var requests = 0
    var incidents = 0
    /// Words of people that were answered, and how many people saw what sensors saw.
    var answers = 0
    var corroborations = 0
    var registryEdits = 0
    /// Of thresholds, services, departments or the clock.
    var ruleEdits = 0

    mutating func add(_ other: Ledger) {
        acknowledged += other.acknowledged
        drops += other.drops
        brokerRestarts += other.brokerRestarts
        failedCommits += other.failedCommits
        keepingSteps += other.keepingSteps
        trimmed += other.trimmed
        restoredSlices += other.restoredSlices
        redeliveries += other.redeliveries
        messages += other.messages
        readings += other.readings
        quarantined += other.quarantined
        requests += other.requests
        incidents += other.incidents
        answers += other.answers
        corroborations += other.corroborations
        registryEdits += other.registryEdits
        ruleEdits += other.ruleEdits
    }
}
