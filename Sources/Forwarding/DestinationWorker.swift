internal import IssueStorage
internal import Logging
internal import Metrics
internal import Open311
internal import TimeBase

/// Delivers what is queued for one destination, round after round.
///
/// ```
///   due: of each request its oldest change ──▶ deliver, several at once ──▶ write down what became of them ──▶ again
///                                                     │ the destination is down
///                                                     ▼
///                                              one at a time, with pauses that grow
/// ```
/// Nothing more is sent before what became of the last round is on disk; so a kill repeats at most one round. Memory holds one
/// round.
struct DestinationWorker: Sendable {
    let destination: OutboxStanding
    let channel: any DeliveryChannel
    let reader: IssueReader
    let recorder: any OutboxRecorder
    let schedule: RetrySchedule
    let nowMs: @Sendable () -> Int64
    let bell: Bell
    let board: DestinationBoard
    let metrics: ForwardingMetrics
    let logger: Logger
    let isStopping: @Sendable () -> Bool

    /// The longest sleep: rows can come due that nobody rang for, a clock that was set for example.
    static let longestSleepMs: Int64 = 30_000

    /// Runs until it is told to stop, and at most one round longer.
    func run() async {
        var failures = 0
        var blame = FailureBlame()
        var randomness = SystemRandomNumberGenerator()
        while !isStopping(), !Task.isCancelled {
            do {
                let rest = try await round(&failures, &blame, &randomness)
                if rest.ms > 0 { await sleep(rest.ms, evenIfRung: rest.isForced) }
            } catch {
                logger.warning("forward.store_unreadable", metadata: ["error": "\(error)"])
                await sleep(5_000, evenIfRung: true)
            }
        }
    }

    /// What follows a round.
    private struct Rest {
        var ms: Int64
        /// A destination that is down is left in peace however often it rings; one that is up is served at once.
        var isForced = false
    }

    private func sleep(_ ms: Int64, evenIfRung: Bool) async {
        let end = ContinuousClock.now + .milliseconds(ms)
        repeat {
            await bell.wait(atMost: end - .now)
        } while evenIfRung && .now < end && !isStopping() && !Task.isCancelled
    }

    private func round(
        _ failures: inout Int, _ blame: inout FailureBlame, _ randomness: inout some RandomNumberGenerator
    ) async throws -> Rest {
        let start = nowMs()
        let items = try await reader.outboxDue(
            destination.number, nowMs: start, laterThanMs: start + 2 * RetrySchedule.mostAskedMs,
            limit: failures > 0 ? 1 : channel.concurrency)
        guard !items.isEmpty else { return Rest(ms: try await idle(since: start)) }
        let outcomes = judged(await deliver(items), &blame)
        let isUp = outcomes.contains { $0.outcome.ending == .delivered }
        var changes: [OutboxChange] = []
        var trouble: String?
        var askedMs: Int64?
        for (item, outcome) in outcomes {
            changes += outcome.changes
            let wasDown = !isUp && (failures > 0 || trouble != nil)
            changes.append(note(outcome, of: item, wasDown: wasDown, &randomness))
            guard outcome.isDestinationDown else { continue }
            trouble = trouble ?? outcome.reason
            if let asked = outcome.askedMs { askedMs = max(askedMs ?? 0, asked) }
        }
        await record(changes)
        if isUp {
            failures = 0
            post(0, nil)
        } else if let trouble {
            // Once for the round: what was sent together met the same trouble.
            failures += 1
            post(failures, trouble)
        }
        guard trouble != nil, !isUp || askedMs != nil else { return Rest(ms: 0) }
        let pauseMs = schedule.waitMs(afterFailures: failures, askedMs: askedMs, using: &randomness)
        return Rest(ms: pauseMs, isForced: true)
    }

    /// The outcomes, less what one change alone is to blame for. Who asks for a pause is believed.
    private func judged(
        _ outcomes: [(item: OutboxItem, outcome: DeliveryOutcome)], _ blame: inout FailureBlame
    ) -> [(item: OutboxItem, outcome: DeliveryOutcome)] {
        let now = nowMs()
        for (item, outcome) in outcomes {
            switch outcome.ending {
            case .delivered: blame.delivered(item.id, atMs: now)
            case .withheld, .refused, .held: blame.forget(item.id)
            case .failed, .unclear: if outcome.isDestinationDown { blame.failed(item.id) }
            case .postponed: break
            }
        }
        return outcomes.map { item, outcome in
            var outcome = outcome
            if outcome.isDestinationDown, outcome.askedMs == nil, !blame.isDestinationDown(item.id, atMs: now) {
                outcome.isDestinationDown = false
            }
            return (item, outcome)
        }
    }

    private func deliver(_ items: [OutboxItem]) async -> [(item: OutboxItem, outcome: DeliveryOutcome)] {
        await withTaskGroup(of: (OutboxItem, DeliveryOutcome).self) { group in
            for item in items {
                group.addTask {
                    let start = ContinuousClock.now
                    let outcome = await channel.deliver(item)
                    metrics.duration.recordNanoseconds((.now - start).milliseconds * 1_000_000)
                    return (item, outcome)
                }
            }
            var outcomes: [(item: OutboxItem, outcome: DeliveryOutcome)] = []
            for await (item, outcome) in group { outcomes.append((item, outcome)) }
            return outcomes
        }
    }

    /// Tidies up, and says how long nothing is due.
    ///
    /// - Parameter start: when nothing was found that could be delivered.
    private func idle(since start: Int64) async throws -> Int64 {
        do {
            let changes = try await channel.tidy(destination.number)
            if !changes.isEmpty { await record(changes) }
        } catch {
            logger.info("forward.tidying_failed", metadata: ["error": "\(error)"])
        }
        // What was due by then waits for a person's word on what came before it, and holds up nothing behind it.
        guard let dueMs = try await reader.outboxNextDueMs(destination.number, after: start) else {
            return Self.longestSleepMs
        }
        return min(max(0, dueMs - nowMs()), Self.longestSleepMs)
    }

    /// Tries until it is written: what is not might be delivered twice.
    private func record(_ changes: [OutboxChange]) async {
        while true {
            do {
                return try await recorder.record(changes)
            } catch {
                logger.warning("forward.not_noted", metadata: ["error": "\(error)"])
                if isStopping() || Task.isCancelled { return }
                await sleep(2_000, evenIfRung: true)
            }
        }
    }

    // MARK: - What becomes of a change

    /// - Parameter wasDown: others have just failed too. Then the destination's pause is enough: all are due when it is back.
    private func note(
        _ outcome: DeliveryOutcome, of item: OutboxItem, wasDown: Bool, _ randomness: inout some RandomNumberGenerator
    ) -> OutboxChange {
        let now = nowMs()
        var metadata: Logger.Metadata = [
            "outbox": .stringConvertible(item.id), "request": .stringConvertible(item.requestID),
            "update": "\(item.update.id)", "attempt": .stringConvertible(item.attempts + 1),
        ]
        if !outcome.reason.isEmpty { metadata["reason"] = "\(outcome.reason)" }
        switch outcome.ending {
        case .delivered:
            metrics.delivered.increment()
            logger.debug("forward.delivered", metadata: metadata)
            return .delivered(id: item.id, atMs: now)
        case .withheld:
            logger.debug("forward.withheld", metadata: metadata)
            return .withheld(id: item.id)
        case .postponed(let ms):
            logger.debug("forward.postponed", metadata: metadata)
            return .postponed(id: item.id, dueAtMs: now + ms, reason: outcome.reason)
        case .failed, .unclear:
            let isShared = wasDown && outcome.isDestinationDown
            let wait =
                isShared
                ? 0
                : schedule.waitMs(
                    afterFailures: item.attempts + 1, askedMs: outcome.askedMs, using: &randomness)
            metrics.retried.increment()
            metadata["retry_ms"] = .stringConvertible(wait)
            logger.info("forward.retried", metadata: metadata)
            return .failed(
                id: item.id, atMs: now, dueAtMs: now + wait, reason: outcome.reason,
                isUnclear: channel.mustNotRepeat && outcome.ending == .unclear)
        case .refused, .held:
            metrics.dead.increment()
            logger.error("forward.dead", metadata: metadata)
            return .dead(id: item.id, atMs: now, reason: outcome.reason, isUnclear: outcome.ending == .held)
        }
    }

    /// Tells people when it goes down and when it comes back, once each.
    private func post(_ failures: Int, _ trouble: String?) {
        let before = board.status
        board.update { status in
            status.failuresInARow = failures
            status.trouble = trouble
        }
        metrics.up.record(trouble == nil ? 1 : 0)
        if let trouble, before.trouble == nil {
            logger.warning("forward.destination_down", metadata: ["reason": "\(trouble)"])
        } else if trouble == nil, before.trouble != nil {
            logger.notice(
                "forward.destination_up", metadata: ["failures": .stringConvertible(before.failuresInARow)])
        }
    }
}
