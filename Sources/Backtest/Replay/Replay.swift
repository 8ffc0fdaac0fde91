public import Incidents
public import Pipeline

/// Replays a recording through the pipeline as it runs live, as fast as it goes.
///
/// ```
///  recording ─▶ ticks, outages ─▶ StreamProcessor ─▶ CommitBatch ─▶ IncidentCollector ─▶ incidents, openings
/// ```
/// The stream brings its own time: a reading arrives when it was observed, or with the one before if it is late; a tick
/// goes before the first reading of each new minute. Where the whole recording pauses for more than a day, it is the
/// recorder that paused: the connection goes down and up again, so that nobody counts as silent.
public struct Replay: Sendable {
    /// What the replay came to.
    public struct Outcome: Sendable {
        public var incidents: [DetectedIncident]
        public var openings: [PreventiveOpening]
        public var tallies: StreamTallies
        /// Readings of sensors that policy did not admit.
        public var refused: Int
        /// What decided each step of each request, in order; empty unless it was asked for.
        public var marks: [EvidenceMark]

        public init(
            incidents: [DetectedIncident], openings: [PreventiveOpening] = [], tallies: StreamTallies = StreamTallies(),
            refused: Int = 0, marks: [EvidenceMark] = []
        ) {
            self.incidents = incidents
            self.openings = openings
            self.tallies = tallies
            self.refused = refused
            self.marks = marks
        }
    }

    private let configuration: PipelineConfiguration

    /// - Parameter configuration: the rules, the registry and the clocks.
    public init(configuration: PipelineConfiguration) { self.configuration = configuration }

    /// Replays all of it through a pipeline that has seen nothing.
    ///
    /// - Parameters:
    ///   - keepsMarks: whether the outcome holds what decided each step.
    ///   - progress: told now and then how many readings are done.
    public func run(
        _ recording: Recording, keepsMarks: Bool = false, progress: (Int) -> Void = { _ in }
    ) -> Outcome {
        var stream = ReplayStream(configuration: configuration, keepsMarks: keepsMarks)
        return stream.run(recording, progress: progress)
    }
}
