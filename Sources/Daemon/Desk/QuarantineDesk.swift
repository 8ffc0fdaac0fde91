internal import Incidents
internal import IssueStorage
internal import Pipeline
internal import Readings
internal import Synchronization

/// Decodes quarantined messages again, by the routes of today.
///
/// ```
///   quarantine ─▶ decode ─▶ mailbox ─▶ pipeline ─▶ batch ─▶ one transaction: readings in, quarantined message out
///                   └ still unreadable: it stays, with today's reason
/// ```
/// What is read is history: it never opens or closes a request. A kill at any moment leaves a message either in quarantine
/// or read, never both.
struct QuarantineDesk: Sendable {
    /// What became of one message.
    enum Outcome: Sendable, Equatable {
        /// It is in quarantine no longer. Readings that were known already are not counted.
        case read(readings: Int)
        /// Still not readable, and why.
        case unreadable(QuarantineReason, detail: String)
        /// Readable, but policy does not admit this sensor.
        case refused(QuarantineReason, sensor: String)
        /// Only its first kilobytes had been kept.
        case cut
        /// There is no message of this number.
        case gone
    }

    let reader: IssueReader
    let store: IssueStore
    let mailbox: CommandMailbox
    let clock: WallClock
    /// Makes a decoder for the routes and the registry of today.
    let makeDecoder: @Sendable () -> MessageDecoder
    let underWay = RetriesUnderWay()

    /// Messages that are decoded and posted before their commits are waited for.
    private static let chunk = 32

    /// Tries messages again, by their numbers in the quarantine.
    ///
    /// - Parameter report: told how many are done.
    /// - Throws: `LocalError` `busy` while another run goes on, `stopping` when the daemon ends; `StorageError`. What was
    ///   done until then stays done.
    func run(
        _ ids: [Int64], report: (Int) async -> Void = { _ in }
    ) async throws -> [(id: Int64, outcome: Outcome)] {
        guard underWay.begin() else { throw LocalError(code: "busy", "quarantined messages are being tried again") }
        defer { underWay.end() }
        var outcomes: [(id: Int64, outcome: Outcome)] = []
        for start in stride(from: 0, to: ids.count, by: Self.chunk) {
            let some = ids[start..<min(ids.count, start + Self.chunk)]
            let entries = try await reader.quarantine(ids: Array(some))
            var found: [Int64: Outcome] = [:]
            var posted: [(id: Int64, results: Results)] = []
            for (id, step) in decode(entries) {
                switch step {
                case .post(let message): posted.append((id, try post(message)))
                case .keep(let outcome): found[id] = outcome
                }
            }
            let kept = found
            for (id, results) in posted { found[id] = try await outcome(in: results) }
            try await note(kept)
            outcomes += some.map { ($0, found[$0] ?? .gone) }
            await report(outcomes.count)
        }
        return outcomes
    }

    private enum Step {
        case post(RetriedMessage)
        case keep(Outcome)
    }

    private func decode(_ entries: [QuarantineEntry]) -> [(id: Int64, step: Step)] {
        var decoder = makeDecoder()
        return entries.map { entry in
            let message = entry.message
            guard message.payloadSHA256 == nil else { return (entry.id, .keep(.cut)) }
            do throws(DecodeError) {
                let (topic, payload) = (message.topic, message.payload)
                try decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: message.arrivedAtMs)
            } catch {
                return (entry.id, .keep(.unreadable(error.reason, detail: error.description)))
            }
            let decoded = decoder.message
            // Its other readings were stored when it came.
            if let flaw = decoded.flaws.first, let sentence = decoded.flawSentence {
                return (entry.id, .keep(.unreadable(flaw.reason, detail: sentence)))
            }
            let mentions = decoded.sensors.indices.map { index in
                RetriedMessage.Mention(id: decoded.name(of: index), kind: decoded.sensors[index].kind)
            }
            var retried = RetriedMessage(
                id: entry.id, atMs: clock.nowMs(), arrivedAtMs: message.arrivedAtMs, sensors: mentions,
                readings: decoded.measurements)
            retried.route = decoder.route.map { decoder.routes.routes[$0].name }
            retried.topic = String(decoding: message.topic, as: UTF8.self)
            return (entry.id, .post(retried))
        }
    }

    private typealias Results = AsyncStream<RetriedOutcome.Result>

    /// Posts a message; its result comes after the commit.
    private func post(_ message: RetriedMessage) throws -> Results {
        let results = underWay.wait(for: message.id)
        // There is room: a chunk is half of what may wait, and one run goes on at a time.
        guard mailbox.post(.retried(message)) == .taken else {
            underWay.forget(message.id)
            throw LocalError(code: "stopping", "the daemon is stopping; what is left stays in quarantine")
        }
        return results
    }

    /// Waits for the commit, however long that takes: posted twice, a message could be read twice.
    private func outcome(in results: Results) async throws -> Outcome {
        for await result in results {
            switch result {
            case .read(let count): return .read(readings: count)
            case .refused(let reason, let sensor): return .refused(reason, sensor: sensor)
            }
        }
        throw LocalError(code: "stopping", "the daemon is stopping; what was not committed stays in quarantine")
    }

    /// Notes why messages are in quarantine still.
    private func note(_ outcomes: [Int64: Outcome]) async throws {
        let notes = outcomes.compactMap { id, outcome -> (id: Int64, reason: QuarantineReason, detail: String)? in
            guard case .unreadable(let reason, let detail) = outcome else { return nil }
            return (id, reason, detail)
        }
        guard !notes.isEmpty else { return }
        try await store.perform { db in
            for (id, reason, detail) in notes { try QuarantineNote.write(db, id: id, reason: reason, detail: detail) }
        }
    }
}

/// Retried messages whose commit is waited for. One run at a time.
final class RetriesUnderWay: Sendable {
    private struct State {
        var isRunning = false
        var waiters: [Int64: AsyncStream<RetriedOutcome.Result>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// False while another run goes on.
    func begin() -> Bool {
        state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
    }

    func end() { state.withLock { $0.isRunning = false } }

    /// Before the message is posted, so that no answer is missed.
    func wait(for id: Int64) -> AsyncStream<RetriedOutcome.Result> {
        let (results, result) = AsyncStream.makeStream(
            of: RetriedOutcome.Result.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.waiters[id] = result }
        return results
    }

    /// A message that was not posted after all.
    func forget(_ id: Int64) { state.withLock { $0.waiters[id] = nil } }

    /// Called on the store thread, after the commit.
    func tell(_ outcomes: [RetriedOutcome]) {
        for outcome in outcomes {
            guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: outcome.id) }) else { continue }
            waiter.yield(outcome.result)
            waiter.finish()
        }
    }
}
