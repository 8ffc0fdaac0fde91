import Daemon
import Foundation
import Synchronization
import Telemetry
import Testing

/// What `sluice tail` asks for, and shows.
@Suite struct TailTests {
    /// Answers as it was told to, and keeps what it was asked.
    private final class Script: LogSource {
        enum Answer {
            case page(lines: [String], position: String)
            case interruption
        }

        private let answers: Mutex<[Answer]>
        private let asked = Mutex<[LogQuestion]>([])

        init(_ answers: [Answer]) { self.answers = Mutex(answers) }

        var questions: [LogQuestion] { asked.withLock { $0 } }

        func page(_ question: LogQuestion) async throws -> EventTapeReader.Page? {
            asked.withLock { $0.append(question) }
            switch answers.withLock({ $0.removeFirst() }) {
            case .interruption: throw TailInterruption(description: "the daemon has ended")
            case .page(let lines, let position):
                let lines = String(decoding: try JSONEncoder().encode(lines), as: UTF8.self)
                let page = #"{"lines":\#(lines),"position":"\#(position)","lost":0,"isEnd":true}"#
                return try JSONDecoder().decode(EventTapeReader.Page.self, from: Data(page.utf8))
            }
        }
    }

    @Test func aDaemonThatEndsBeforeTheFirstEventLeavesNoGap() async throws {
        let script = Script([
            .page(lines: [], position: "tape.7.1.100"), .interruption, .page(lines: ["one"], position: "tape.8.1.120"),
            .interruption, .page(lines: ["two"], position: "tape.9.1.140"),
        ])
        var shown: [String] = []
        var question = LogQuestion()
        question.waitMs = 20_000
        try await Tail(source: script, isFollowing: true) { line in
            shown.append(line)
            return shown.count < 2
        }.run(question)
        #expect(shown == ["one", "two"])
        #expect(script.questions.map { $0.position?.sequence } == [nil, 7, 7, 8, 8])
        #expect(script.questions.map(\.waitMs) == [0, 20_000, 20_000, 20_000, 20_000], "only the first does not wait")
    }

    @Test func whoDoesNotFollowEndsWithWhatThereIs() async throws {
        let script = Script([.page(lines: ["one"], position: "tape.7.1.100")])
        var shown: [String] = []
        try await Tail(source: script, isFollowing: false) { line in
            shown.append(line)
            return true
        }.run(LogQuestion())
        #expect(shown == ["one"] && script.questions.count == 1)
    }
}
