internal import Open311
internal import Readings

// People's words: each is decided once, live, and replay follows what was decided.
//
// A decision looks at all that is open: what is near, how much is remembered. Saved state is taken over in slices, each at
// its own place of the stream, so replay does not see all that could be seen at the time. What a command does to one
// request, on the other hand, depends on that request alone, and is done again.
extension IncidentBook {
    /// How many answers are remembered, for commands that come again.
    static let answersRemembered = 1024

    /// What was answered to this ticket already; nil if it is new.
    public func answer(toTicket ticket: Int64) -> CommandOutcome? {
        ticket == 0 ? nil : answers.last { $0.ticket == ticket }?.outcome
    }

    /// Takes a command that is met for the first time, and writes what follows from it into `batch`.
    public mutating func take(
        _ command: StreamCommand, directory: SensorDirectory, into batch: CommitBatch
    ) -> CommandOutcome {
        let scene = Scene(nowMs: command.atMs, directory: directory, batch: batch)
        let outcome = decide(command, scene)
        perform(command, outcome, scene)
        return outcome
    }

    /// Takes a logged command again. Requests that are not there belong to saved state that is yet to be taken over, and
    /// holds what came of it.
    public mutating func replay(
        _ command: StreamCommand, _ outcome: CommandOutcome, directory: SensorDirectory, into batch: CommitBatch
    ) {
        perform(command, outcome, Scene(nowMs: command.atMs, directory: directory, batch: batch))
    }

    /// What is to be said to the stream because of what was met: requests that cross from one part of the state to
    /// another. Empties it.
    public mutating func takeCrossings() -> [StreamCommand.Content] {
        defer { crossings.removeAll(keepingCapacity: true) }
        return crossings
    }

    public var hasCrossings: Bool { !crossings.isEmpty }

    private func decide(_ command: StreamCommand, _ scene: Scene) -> CommandOutcome {
        switch command.content {
        case .report(let report):
            return decide(report, command, scene.directory)
        case .update(let update):
            return decide(update, command)
        case .link(_, let parent), .close(_, let parent):
            return .counted(requestID: parent)
        case .rules, .registry:
            return .applied
        }
    }

    private mutating func perform(_ command: StreamCommand, _ outcome: CommandOutcome, _ scene: Scene) {
        if case .refused = outcome {
        } else {
            switch command.content {
            case .report(let report): file(report, command, outcome, scene)
            case .update(let update): apply(update, command, outcome, scene)
            case .link(let child, let parent): link(child, to: parent, scene)
            case .close(let child, let parent): closeLinked(child, of: parent, scene)
            case .rules, .registry: break
            }
        }
        guard command.ticket != 0 else { return }
        answers.append(CommandAnswer(ticket: command.ticket, outcome: outcome.told))
        if answers.count > Self.answersRemembered { answers.removeFirst() }
    }
}

extension CommandOutcome {
    /// What the submitter is told: the effects on other requests are for replay alone.
    public var told: CommandOutcome {
        if case .updated(let update, _) = self { .updated(update, UpdateEffect()) } else { self }
    }
}
