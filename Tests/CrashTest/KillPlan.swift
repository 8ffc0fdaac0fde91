internal import FaultSupport
internal import Simulation

/// When and how each life of the daemon ends, drawn from a seed.
struct KillPlan: Sendable {
    enum Moment: Sendable {
        /// So long after it was started: while it recovers, too.
        case afterStart(ms: Int)
        /// So long after it was ready.
        case afterReady(ms: Int)
        /// When so many acknowledgements of this life have come by.
        case atAcknowledgement(Int, AcknowledgementFate)
        /// At the first acknowledgement of a batch, when so many messages waited for it: where a daemon with the wrong order has
        /// most still to commit.
        case atBatch(of: Int, AcknowledgementFate)
    }

    /// What happens to the broker at the same time.
    enum Broker: Sendable { case lives, diesToo, diesBefore, diesAfter }

    struct Life: Sendable {
        var moment: Moment
        var broker: Broker
        /// Over which time this life's readings are published.
        var spread: Duration
        /// Whether each write of a page takes some milliseconds: then commits take long enough to be hit in their midst.
        var isDiskSlow: Bool
    }

    private var draw: SeededGenerator
    private let chunk: Int
    private let killsBroker: Bool

    /// - Parameter chunk: readings that are published in one life.
    init(seed: UInt64, chunk: Int, killsBroker: Bool) {
        draw = SeededGenerator(seed: seed)
        self.chunk = max(1, chunk)
        self.killsBroker = killsBroker
    }

    mutating func next() -> Life {
        let kind = draw.next(in: 0..<100)
        let ms = draw.next(in: 0..<300)
        let acknowledgement = draw.next(in: 1..<chunk + 1)
        let fate: AcknowledgementFate = draw.next(in: 0..<3) == 0 ? .lost : .delivered
        let moment: Moment =
            switch kind {
            case 0..<15: .afterStart(ms: ms)
            case 15..<35: .afterReady(ms: ms)
            case 35..<60: .atAcknowledgement(acknowledgement, fate)
            default: .atBatch(of: min(chunk / 2, draw.next(in: 300..<1500)), fate)
            }
        let brokers: [Broker] = [.lives, .diesToo, .diesBefore, .diesAfter]
        let broker = brokers[draw.next(in: 0..<4)]
        // At once makes a backlog, and so full batches; slowly makes small ones.
        let spread = Duration.milliseconds(max(0, draw.next(in: -200..<400)))
        let isDiskSlow = draw.next(in: 0..<3) == 0
        return Life(
            moment: moment, broker: killsBroker ? broker : .lives, spread: spread,
            isDiskSlow: isDiskSlow && SystemCallFault.isPossible)
    }
}
