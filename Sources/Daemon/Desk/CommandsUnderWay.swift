internal import Incidents
internal import Synchronization

/// Commands that have been posted to the stream and are not answered yet, and those who wait for the answers.
final class CommandsUnderWay: Sendable {
    private let waiters = Mutex<[Int64: [AsyncStream<CommandOutcome>.Continuation]]>([:])

    /// Begins to wait for a ticket's answer. Before the command is posted, so that no answer is missed.
    ///
    /// - Returns: what will hold the answer, and whether the command is under way already: then it is not to be posted.
    func wait(for ticket: Int64) -> (answers: AsyncStream<CommandOutcome>, isPosted: Bool) {
        let (answers, answer) = AsyncStream.makeStream(of: CommandOutcome.self, bufferingPolicy: .bufferingNewest(1))
        let isPosted = waiters.withLock { waiters in
            defer { waiters[ticket, default: []].append(answer) }
            return waiters[ticket] != nil
        }
        return (answers, isPosted)
    }

    /// Notes that a command is under way for which nobody waits.
    /// - Returns: whether it was not before.
    func begin(_ ticket: Int64) -> Bool {
        waiters.withLock { waiters in
            guard waiters[ticket] == nil else { return false }
            waiters[ticket] = []
            return true
        }
    }

    /// The command could not be posted: nobody will answer it.
    func giveUp(_ ticket: Int64) { finish(ticket, nil) }

    /// Called on the store thread, after the commit.
    func tell(_ answers: [CommandAnswer]) {
        for answer in answers { finish(answer.ticket, answer.outcome) }
    }

    private func finish(_ ticket: Int64, _ outcome: CommandOutcome?) {
        for waiter in waiters.withLock({ $0.removeValue(forKey: ticket) }) ?? [] {
            if let outcome { waiter.yield(outcome) }
            waiter.finish()
        }
    }
}
