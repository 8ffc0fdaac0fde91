/// A damaged database that was moved aside at start, for people to see. Nothing of it was deleted.
public struct DamageReport: Sendable, Equatable {
    /// Where the file lies now; its write-ahead log, if it had one, lies beside it as `…-wal`.
    public var path: String
    /// What was wrong, in one sentence.
    public var reason: String
    /// What could be copied from it: requests with their histories, and sensors. 0 if it could not be read at all.
    public var salvagedRequests: Int
    public var salvagedSensors: Int

    public init(path: String, reason: String, salvagedRequests: Int = 0, salvagedSensors: Int = 0) {
        self.path = path
        self.reason = reason
        self.salvagedRequests = salvagedRequests
        self.salvagedSensors = salvagedSensors
    }
}
