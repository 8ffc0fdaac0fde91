public import IssueStorage
public import Open311
public import Readings

/// What the pages read beside what every client is told: requests as rows, sensors, their history, the quarantine.
/// `IssueReader` is the one behind the daemon.
public protocol PageSource: Sendable {
    /// Newest first.
    func requests(_ query: RequestQuery) async throws -> [ServiceRequest]
    /// How many there are of each service, whatever the query's limit.
    func requestCounts(_ query: RequestQuery) async throws -> [ServiceCode: Int]
    /// How every sensor does, in the order in which they were met.
    func standings(limit: Int) async throws -> [SensorStanding]
    /// nil for one that was never met.
    func sensor(id: String) async throws -> Sensor?
    /// How well it is heard; nil where no frame of it was counted.
    func link(ofSensor id: String) async throws -> SensorLink?
    /// Seconds between its messages, as far as that was learned.
    func learnedInterval(ofSensor id: String) async throws -> Int?
    func streams(ofSensor id: String) async throws -> [SensorStream]
    /// Newest first.
    func findings(ofSensor id: String, limit: Int) async throws -> [SensorFinding]
    /// At most `points` buckets of equal width; those without a reading are left out.
    func series(
        ofSensor id: String, quantity: Quantity, fromMs: Int64, toMs: Int64, points: Int
    ) async throws -> [HistoryBucket]
    /// Newest first.
    func quarantine(limit: Int) async throws -> [QuarantineEntry]
    func quarantineCounts() async throws -> [QuarantineReason: Int]
}

extension IssueReader: PageSource {}
