import Telemetry
import Testing

/// What people hear of trouble that comes again and again.
@Suite struct OngoingTroubleTests {
    private let start = ContinuousClock.now

    @Test func itIsToldWhenItBeginsThenOnceInAWhileAndWhenItIsOver() {
        var trouble = OngoingTrouble(reminder: .seconds(60))
        var told: [Int: OngoingTrouble.Word] = [:]
        // Ten times a second for two and a half minutes.
        for tenth in 0..<1500 {
            if let word = trouble.comes(at: start + .milliseconds(tenth * 100)) { told[tenth] = word }
        }
        #expect(told == [0: .begins, 600: .lasts(times: 600), 1200: .lasts(times: 600)])
        #expect(trouble.ends(at: start + .seconds(160), after: .seconds(30)) == nil, "it came ten seconds ago")
        let end = trouble.ends(at: start + .seconds(180), after: .seconds(30))
        #expect(end?.times == 1500 && end?.lasted == .seconds(180))
        #expect(!trouble.isOn)
        #expect(trouble.ends(at: start + .seconds(181)) == nil, "what is over is over once")
        #expect(trouble.comes(at: start + .seconds(182)) == .begins)
    }

    @Test func oneThatNeverCameIsNotOver() {
        var trouble = OngoingTrouble(reminder: .seconds(60))
        #expect(!trouble.isOn && trouble.ends(at: start) == nil)
    }
}
