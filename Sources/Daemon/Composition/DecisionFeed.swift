internal import Incidents
internal import Synchronization

/// Carries decisions from the store thread, after the commit, to whoever tells people: the log, the event stream.
///
/// Bounded: the store thread never waits for a slow reader. What did not fit is counted, and the reader is told.
final class DecisionFeed: Sendable {
    /// Commits under way to one reader. A commit carries few decisions; a backlog of this many is a stuck terminal.
    static let capacity = 4096

    private let stream: AsyncStream<[Decision]>
    private let continuation: AsyncStream<[Decision]>.Continuation
    private let dropped = Atomic<Int>(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
    }

    /// Called on the store thread, after each commit that decided something.
    func publish(_ decisions: [Decision]) {
        guard !decisions.isEmpty else { return }
        if case .dropped(let lost) = continuation.yield(decisions) {
            dropped.wrappingAdd(lost.count, ordering: .relaxed)
        }
    }

    /// No more will come: the reader ends after the last.
    func finish() { continuation.finish() }

    /// All decisions in order of their commits, with how many were lost just before. For one reader.
    func forEach(_ body: (_ decisions: [Decision], _ lostBefore: Int) async -> Void) async {
        for await decisions in stream {
            await body(decisions, dropped.exchange(0, ordering: .relaxed))
        }
    }
}
