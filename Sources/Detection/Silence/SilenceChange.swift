/// A sensor or a gateway went silent, or is heard again.
public struct SilenceChange: Sendable, Equatable {
    public var subject: Subject
    public var isSilent: Bool
    /// When it was last heard, in arrival time: before the silence, or, for one that is heard again, just now.
    public var sinceMs: Int64
    /// How long it may be silent, in milliseconds.
    public var allowedMs: Int64

    public init(subject: Subject, isSilent: Bool, sinceMs: Int64, allowedMs: Int64) {
        self.subject = subject
        self.isSilent = isSilent
        self.sinceMs = sinceMs
        self.allowedMs = allowedMs
    }
}
