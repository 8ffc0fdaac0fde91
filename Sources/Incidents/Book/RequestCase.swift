internal import Detection
internal import Open311
internal import Readings

/// The latest request of one scope, with what the lifecycle needs to know of it.
struct RequestCase: Sendable, Equatable {
    /// Where incidents join it.
    var scope: Scope
    /// The first that the scope was ever opened by: with its part of the state the case is saved.
    var home: Subject
    var request: ServiceRequest
    /// Who ever belonged to it, in order of joining.
    var members: [Subject]
    /// Episodes of it that are firing now.
    var firing = 0
    /// Number of its last public update.
    var updates = 0
    /// Event time at which its last episode cleared.
    var clearedAtMs: Int64 = 0
    /// The verdict and the subject that its text speaks of: the worst so far.
    var worst: Verdict
    var worstSubject: Subject
    /// `last_seen` as it was last handed to the store.
    var storedLastSeenMs: Int64 = 0
    /// People's reports of it, and other departments' shares.
    var parts: [RequestPart] = []
    /// Requests that sensors hold open, and that staff has called duplicates of this one.
    var links: [Int64] = []
    /// Incident keys of the parts that other departments were given, wherever these are now.
    var shares: [String] = []
    /// When staff closed it while the signal persisted, by the daemon's time.
    var closedByStaffAtMs: Int64?
    /// Whether staff holds it open though no sensor does.
    var isOpenedByStaff = false
}
