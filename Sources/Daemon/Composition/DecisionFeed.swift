internal import Incidents
internal import IssueStorage
internal import Synchronization

/// Carries what was decided from the store thread, after the commit, to whoever tells people: the log, the event stream.
///
/// Bounded: the store thread never waits for a slow reader. What did not fit is counted, and the reader is told.
final class DecisionFeed: Sendable {
    /// Commits under way to one reader. A commit carries few decisions; a backlog of this many is a stuck terminal.
    static let capacity = 4096

    /// What one commit has to tell.
    struct News: Sendable {
        var decisions: [Decision]
        /// The first of the messages that went to quarantine, and how many went in all.
        var quarantined: [CommittedBatch.Quarantined]
        var quarantinedCount: Int

        /// How many lines it is worth.
        fileprivate var count: Int { decisions.count + quarantinedCount }
    }

    private let stream: AsyncStream<News>
    private let continuation: AsyncStream<News>.Continuation
    private let dropped = Atomic<Int>(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.capacity))
    }

    /// Called on the store thread, after each commit.
    func publish(_ batch: CommittedBatch) {
        guard !batch.decisions.isEmpty || batch.quarantinedCount > 0 else { return }
        let news = News(
            decisions: batch.decisions, quarantined: batch.quarantined, quarantinedCount: batch.quarantinedCount)
        if case .dropped(let lost) = continuation.yield(news) { dropped.wrappingAdd(lost.count, ordering: .relaxed) }
    }

    /// No more will come: the reader ends after the last.
    func finish() { continuation.finish() }

    /// All news in order of their commits, with how many lines were lost just before. For one reader.
    func forEach(_ body: (_ news: News, _ lostBefore: Int) async -> Void) async {
        for await news in stream {
            await body(news, dropped.exchange(0, ordering: .relaxed))
        }
    }
}
