/// What may happen in one run. Each run has only some of it: a bug that one fault hides is met where that fault is off.
///
/// - Source: Groce et al., "Swarm Testing", ISSTA 2012.
struct Swarm: Sendable, Equatable {
    var isPowerDurable = true
    var sensors = 6
    /// Messages that the street sends while anything may fail.
    var messages = 60
    var connections = 1
    /// Messages that the broker sends ahead of acknowledgement, and so the most of one batch.
    var window = 8
    var ringCapacity = 64
    /// How often the state is saved, and in how small steps.
    var stateIntervalMs: Int64 = 600_000
    var stateBytesPerStep = 1

    /// Of a hundred acknowledgements, how many are looked into on a copy of the disk.
    var inspected = 5

    /// The store folds its log into the history, and cuts it.
    var hasKeeping = false
    var hasOddClocks = false
    var hasReordering = false
    var hasConflicts = false
    var hasPoison = false
    /// Sensors publish again what they had no acknowledgement for.
    var hasRepetition = false
    var hasDrops = false
    var hasBrokerRestarts = false
    var hasKills = false
    var hasPowerCuts = false
    var hasWriteErrors = false
    /// After a failed sync the kernel forgets what was to be written.
    var hasForgetfulSyncs = false
    var hasFullDisk = false
    var hasBusyLocks = false
    var hasReadErrors = false
    /// The registry refuses sensors that it does not name.
    var isAllowList = false
    /// Ends of the connection are read late, with messages still in the socket.
    var hasLateHangUps = false
    /// People report what they see, and staff says what became of it.
    var hasPeople = false
    /// The registry is edited, while the daemon runs and while it does not.
    var hasRegistryEdits = false
    /// So are the rules, the services, the departments and the clock.
    var hasRuleEdits = false

    /// - Parameter isForgetful: whether failed syncs may be of the kind that no database survives in every case.
    init(chance: inout Chance, isForgetful: Bool) {
        isPowerDurable = chance.happens(75)
        sensors = chance.number(2...10)
        messages = chance.number(20...100)
        connections = chance.happens(70) ? 1 : 2
        window = chance.element(of: [1, 3, 8, 20])
        stateIntervalMs = Int64(chance.element(of: [1, 2000, 20_000, 3_600_000]))
        stateBytesPerStep = chance.element(of: [1, 1000, 1_000_000])
        ringCapacity = chance.element(of: [16, 64, 256])
        inspected = chance.element(of: [0, 2, 5, 10, 50])
        hasKeeping = chance.happens(30)
        hasOddClocks = chance.happens(40)
        hasReordering = chance.happens(50)
        hasConflicts = chance.happens(40)
        hasPoison = chance.happens(50)
        hasRepetition = chance.happens(50)
        hasDrops = chance.happens(60)
        hasBrokerRestarts = chance.happens(30)
        hasKills = chance.happens(60)
        hasPowerCuts = isPowerDurable && chance.happens(60)
        hasWriteErrors = chance.happens(40)
        hasForgetfulSyncs = chance.happens(50) && isForgetful
        hasFullDisk = chance.happens(30)
        hasBusyLocks = chance.happens(20)
        hasReadErrors = chance.happens(15)
        isAllowList = chance.happens(10)
        hasLateHangUps = chance.happens(50)
        hasPeople = chance.happens(60)
        hasRegistryEdits = chance.happens(60)
        hasRuleEdits = chance.happens(60)
    }
}
