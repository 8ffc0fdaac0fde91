public import Incidents

// People's words.
extension StreamProcessor {
    /// Takes a command in: decides it, logs it with its outcome, and answers it. One that comes again is only answered.
    public mutating func take(_ command: StreamCommand, into batch: CommitBatch) {
        if let outcome = book.answer(toTicket: command.ticket) {
            batch.answers.append(CommandAnswer(ticket: command.ticket, outcome: outcome))
            return
        }
        log(command, into: batch)
        settle(atMs: command.atMs, into: batch)
    }

    private mutating func log(_ command: StreamCommand, into batch: CommitBatch) {
        sequence += 1
        let outcome = book.take(command, directory: directory, into: batch)
        batch.commands.append(LoggedCommand(sequence: sequence, command: command, outcome: outcome))
        guard command.ticket != 0 else { return }
        batch.answers.append(CommandAnswer(ticket: command.ticket, outcome: outcome.told))
    }

    /// Says to the stream what follows for other parts of the state: each is a command of its own in the log, so that replay
    /// meets it even where it doesn't see its cause.
    mutating func settle(atMs: Int64, into batch: CommitBatch) {
        // What one causes may cause another: a closed parent takes along a child that is itself a parent.
        while book.hasCrossings {
            for content in book.takeCrossings() { log(StreamCommand(ticket: 0, atMs: atMs, content), into: batch) }
        }
    }
}
