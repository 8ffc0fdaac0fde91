internal import Foundation
internal import Readings
internal import ServiceLifecycle
internal import Telemetry
internal import Settings

/// The events of one data directory, to be followed: the daemon's own, or those of one that runs no more.
struct EventLog: LogSource {
    /// How often is looked for news.
    private static let step = Duration.milliseconds(100)

    private let reader: EventTapeReader
    /// Says cheaply whether there is news; nil: the files are looked at.
    private let tape: EventTape?
    private let clock: WallClock

    /// - Parameter directory: the data directory.
    init(directory: String, tape: EventTape?, clock: WallClock) {
        reader = EventTapeReader(directory: "\(directory)/\(Configuration.Log.tapeFolder)")
        self.tape = tape
        self.clock = clock
    }

    func page(_ question: LogQuestion) async throws -> EventTapeReader.Page? {
        let question = question.bounded
        let matcher = try question.filter.matcher()
        var start: EventTapeReader.Start =
            question.position.map { .behind($0) } ?? question.sinceMs.map { .time(ms: clock.nowMs() - $0) } ?? .end
        let end = ContinuousClock.now + .milliseconds(question.waitMs)
        while true {
            let (from, limit) = (start, question.limit)
            let found = try await offPool("sluice-tail") {
                reader.page(from, limit: limit) { matcher.matches(json: $0) }
            }
            guard let page = found else { return nil }
            let isNews = !page.lines.isEmpty || page.lost > 0 || !page.isEnd
            if isNews || ContinuousClock.now >= end || Task.isShuttingDownGracefully { return page }
            start = .behind(page.position)
            try await news(behind: page.position.sequence, until: end)
        }
    }

    private func news(behind sequence: Int64, until end: ContinuousClock.Instant) async throws {
        repeat {
            try await Task.sleep(for: Self.step)
        } while tape.map { $0.lastSequence <= sequence } ?? false && .now < end && !Task.isShuttingDownGracefully
    }
}
