import Forwarding
import Testing

/// Whether a change that failed speaks of its destination or of itself. Time is an argument.
@Suite struct FailureBlameTests {
    enum Event: Sendable {
        case delivers(Int64)
        /// Changes that fail in one round.
        case fails([Int64])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What happens, by the second.
        var events: [(atS: Int64, what: Event)]
        /// Who is to blame each time that something fails: true is the destination.
        var blamed: [[Bool]]
    }

    @Test(arguments: [
        Case(testDescription: "nothing was ever delivered", events: [(0, .fails([1]))], blamed: [[true]]),
        Case(
            testDescription: "one fails just after another was delivered",
            events: [(0, .delivers(1)), (1, .fails([2]))],
            blamed: [[false]]),
        Case(
            testDescription: "the delivery is long ago", events: [(0, .delivers(1)), (60, .fails([2]))],
            blamed: [[true]]),
        Case(
            testDescription: "a second one fails", events: [(0, .delivers(1)), (1, .fails([2])), (2, .fails([3]))],
            blamed: [[false], [true]]),
        Case(
            testDescription: "two fail together", events: [(0, .delivers(1)), (1, .fails([2, 3]))],
            blamed: [[true, true]]),
        Case(
            testDescription: "one fails for ever, long after others were delivered",
            events: [(0, .fails([1])), (1, .delivers(2)), (300, .fails([1])), (900, .fails([1]))],
            blamed: [[true], [false], [false]]),
        Case(
            testDescription: "one that choked, and then the destination goes down",
            events: [
                (0, .fails([1])), (1, .delivers(2)), (300, .fails([1])), (301, .fails([3])), (302, .fails([1, 3])),
            ],
            blamed: [[true], [false], [true], [false, true]]),
        Case(
            testDescription: "what was delivered at last is as any other",
            events: [(0, .fails([1])), (1, .delivers(2)), (2, .delivers(1)), (300, .fails([1]))],
            blamed: [[true], [true]]),
        Case(
            testDescription: "a clock that was set back", events: [(100, .delivers(1)), (0, .fails([2]))],
            blamed: [[true]]),
    ])
    func aChangeAloneIsToBlameWhereOthersGoThrough(_ c: Case) {
        var blame = FailureBlame()
        var blamed: [[Bool]] = []
        for (atS, what) in c.events {
            switch what {
            case .delivers(let change): blame.delivered(change, atMs: atS * 1000)
            case .fails(let changes):
                for change in changes { blame.failed(change) }
                blamed.append(changes.map { blame.isDestinationDown($0, atMs: atS * 1000) })
            }
        }
        #expect(blamed == c.blamed)
    }
}
