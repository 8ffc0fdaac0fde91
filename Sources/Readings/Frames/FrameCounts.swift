/// How many frames came, and what became of the others.
public struct FrameCounts: Sendable, BitwiseCopyable, Equatable {
    /// New ones, and those that came late.
    public var received: Int64 = 0
    /// Those that did not come, by the counter, less those that came late.
    public var lost: Int64 = 0
    /// Those that the device or its network sent again.
    public var duplicated: Int64 = 0
    /// Those that came behind a newer one.
    public var reordered: Int64 = 0
    /// Times that the device counted from the beginning without having joined anew: it was restarted.
    public var resets: Int64 = 0
    /// Times that the device joined its network anew.
    public var rejoins: Int64 = 0

    public init() {}

    public mutating func count(_ finding: FrameHistory.Finding) {
        switch finding {
        case .first: received += 1
        case .next(let missing):
            received += 1
            lost += Int64(missing)
        case .duplicate: duplicated += 1
        case .reordered:
            received += 1
            reordered += 1
            lost -= 1
        case .reset:
            received += 1
            resets += 1
        case .rejoined(let missing):
            received += 1
            rejoins += 1
            lost += Int64(missing)
        }
    }
}
