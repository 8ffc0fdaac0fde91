/// What became of saved state at a start.
public struct RestoreReport: Sendable, Equatable {
    /// Whether the saved state is taken over. If not, the processor is as new and the whole log must be met again.
    public var isUsable = false
    /// Why it could not be used; nil when there was none, too.
    public var problem: String?
    /// The log is met again from behind here on; 0 when that is from its beginning.
    public var sequence: Int64 = 0
    /// The last tick that the saved state had met, milliseconds since the Unix epoch: what came after it is in the log.
    public var tickedAtMs: Int64?
    public var slices = 0
    public var bytes = 0
    /// Sensors whose detectors go on as they were.
    public var sensorsRestored = 0
    /// Sensors whose detectors begin afresh, because kind or windows are not what they were, and the first one's reason.
    public var sensorsAfresh = 0
    public var firstReason: String?
    /// Logged entries of sensors that are not stored. They are passed over: only damage to the database leaves such.
    public var strays = 0

    public init() {}
}
