package import Incidents
internal import Open311

/// What was handed in for the stream: its ticket, and what has come of it.
package struct Submission: Sendable, Equatable {
    /// Also the ticket of its command. Never used again, by this start or by another.
    package var id: Int64
    package var reporterID: Int64?
    /// What its reporter asks with, where the service doesn't number at once.
    package var token: String?
    /// The command; nil once it is answered.
    package var command: StreamCommand?
    /// nil until the command's transaction has committed.
    package var outcome: SubmissionOutcome?

    package init(
        id: Int64, reporterID: Int64? = nil, token: String? = nil, command: StreamCommand? = nil,
        outcome: SubmissionOutcome? = nil
    ) {
        self.id = id
        self.reporterID = reporterID
        self.token = token
        self.command = command
        self.outcome = outcome
    }
}

/// What came of a command, as far as it is kept.
package enum SubmissionOutcome: Sendable, Equatable {
    /// The request that it became or joined.
    case request(Int64)
    case update(requestID: Int64, number: Int)
    case refused(CommandRefusal)

    package init(_ outcome: CommandOutcome) {
        switch outcome {
        case .filed(let id, _, _), .counted(let id): self = .request(id)
        case .updated(let update, _): self = .update(requestID: update.requestID, number: update.number)
        case .refused(let refusal): self = .refused(refusal)
        case .applied: preconditionFailure("nobody submits rules")
        }
    }
}
