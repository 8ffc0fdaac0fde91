internal import GRDB

/// How far folding and demotion have come: table `progress`.
///
/// Work goes through all streams in the order of their numbers, in many transactions. Each one moves `next` with what it
/// changes, so a crash between any two of them loses and repeats nothing.
struct HistoryProgress: Equatable {
    /// Rows of table `progress`, beside ``HistoryTier/task``.
    static let fold: Int64 = 1
    static let quarantineBytes: Int64 = 6
    /// See ``RequestNumbers``.
    static let lostRequests: Int64 = 7

    /// One row: everything up to `done`, and up to `target` for the streams before `next`.
    struct Task: Equatable {
        var done: Int64
        var target: Int64?
        var next: Int64

        /// How far it has come for one stream.
        func reached(_ stream: StreamKey) -> Int64 {
            guard let target, stream.rawValue < next else { return done }
            return target
        }
    }

    /// Up to which sequence of the log readings were folded.
    var fold: Task
    /// By tier: the event time from which on entries of this tier are kept. Before it they are of a coarser one.
    private var bounds: [Task]

    init(_ db: Database) throws {
        func load(_ task: Int64) throws -> Task {
            let row = try Row.fetchOne(
                db, sql: "SELECT done, target, next FROM progress WHERE task = ?", arguments: [task])
            guard let row else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "progress lacks row \(task)")
            }
            return Task(done: row["done"], target: row["target"], next: row["next"])
        }
        fold = try load(Self.fold)
        bounds = try HistoryTier.allCases.map { try load($0.task) }
    }

    subscript(_ tier: HistoryTier) -> Task {
        get { bounds[Int(tier.rawValue)] }
        set { bounds[Int(tier.rawValue)] = newValue }
    }

    /// The tier that an entry of `stream` at `ms` belongs to, or nil if it is too old for all.
    func tier(of stream: StreamKey, at ms: Int64) -> HistoryTier? {
        HistoryTier.allCases.first { ms >= self[$0].reached(stream) }
    }

    /// Stores one row, in the caller's transaction.
    static func save(_ task: Task, as number: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE progress SET done = ?, target = ?, next = ? WHERE task = ?")
            .execute(arguments: [task.done, task.target, task.next, number])
    }
}
