public import Open311

/// What came of a command. Replay does what this says and doesn't look again for what was near: what it would see by
/// then is not all that could be seen at the time.
public enum CommandOutcome: Sendable, Equatable, Codable {
    /// The report has a request of its own; as a part of `parent`, if it corroborates that.
    /// To make room, the pipeline has forgotten the requests `forgotten`.
    case filed(requestID: Int64, parent: Int64?, forgotten: [Int64])
    /// The report was added to this request, which has more parts already than are worth telling apart.
    case counted(requestID: Int64)
    case updated(RequestUpdate, UpdateEffect)
    case refused(CommandRefusal)
    /// The rules hold.
    case applied

    /// The request that the submitter is to be told of.
    public var requestID: Int64? {
        switch self {
        case .filed(let id, _, _), .counted(let id): id
        case .updated(let update, _): update.requestID
        case .refused, .applied: nil
        }
    }
}

/// What an update did beside changing its request, as far as that depended on other requests.
public struct UpdateEffect: Sendable, Equatable, Codable {
    /// The request that it is a duplicate of: the whole, where a part was named.
    public var parent: Int64?
    /// Requests that were taken up as they had been stored, and those that were forgotten to make room.
    public var adopted: [Int64] = []
    public var forgotten: [Int64] = []
    /// What became a part of ``parent``: the request, and its own parts.
    public var moved: [RequestPart] = []
    /// Requests that sensors hold open, and that close with ``parent`` from now on.
    public var links: [Int64] = []

    public init() {}
}

/// Why a command changed nothing.
public enum CommandRefusal: String, Error, Sendable, CaseIterable, Codable {
    /// There is no such request.
    case unknownRequest = "unknown_request"
    /// There is no such service.
    case unknownService = "unknown_service"
    /// A request is no duplicate of itself, nor of what is a part of it.
    case circular = "circular_duplicate"
    /// What is no duplicate, or another department's share, has no parent that it could be without.
    case noDuplicate = "no_duplicate"
    /// What is not public at all can have no duplicate that is: that would tell of it.
    case hiddenParent = "hidden_parent"
}

/// What the submitter is told, once it is committed.
public struct CommandAnswer: Sendable, Equatable {
    public var ticket: Int64
    public var outcome: CommandOutcome

    public init(ticket: Int64, outcome: CommandOutcome) { (self.ticket, self.outcome) = (ticket, outcome) }
}

/// A command in its place in the stream, with what came of it.
public struct LoggedCommand: Sendable, Equatable {
    public var sequence: Int64
    public var command: StreamCommand
    public var outcome: CommandOutcome

    public init(sequence: Int64, command: StreamCommand, outcome: CommandOutcome) {
        self.sequence = sequence
        self.command = command
        self.outcome = outcome
    }
}
