package import Telemetry

/// Follows a source of events, over its interruptions.
package struct Tail {
    let source: any LogSource
    /// Whether to wait for more, or to end with what there is.
    let isFollowing: Bool
    /// Shows a line. False when nobody reads any more.
    let show: (String) -> Bool

    /// How often somebody who has gone is looked for.
    private static let retry = Duration.milliseconds(500)

    package init(source: any LogSource, isFollowing: Bool, show: @escaping (String) -> Bool) {
        (self.source, self.isFollowing, self.show) = (source, isFollowing, show)
    }

    /// Returns when everything has been shown, or nobody reads any more.
    package func run(_ first: LogQuestion) async throws {
        var question = first
        // Where to begin is asked for without waiting: were the daemon to end before the first event that is wanted, nobody
        // could say where to go on.
        question.waitMs = 0
        var isInterrupted = false
        while true {
            do {
                guard let page = try await source.page(question) else {
                    guard isFollowing else { throw Failure("no events are kept there", .noInput) }
                    throw TailInterruption(description: "no events are kept there yet")
                }
                if isInterrupted { Terminal.complain("sluice: following again") }
                isInterrupted = false
                if page.lost > 0 {
                    Terminal.complain("sluice: \(page.lost) events are no longer kept, or could not be")
                }
                for line in page.lines { guard show(line) else { return } }
                (question.position, question.waitMs) = (page.position, first.waitMs)
                if !isFollowing, page.isEnd { return }
            } catch let reason as TailInterruption {
                guard isFollowing else { throw Failure(reason.description, reason.exit) }
                if !isInterrupted { Terminal.complain("sluice: \(reason.brief); waiting for it to come back") }
                isInterrupted = true
                try await Task.sleep(for: Self.retry)
            }
        }
    }
}
