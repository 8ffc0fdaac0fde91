package import Pipeline

extension Configuration {
    /// Which sensors are listened to. Keys `sensors.…`.
    package struct Sensors: Sendable, Equatable {
        /// What happens to a sensor that no registry names. Key `sensors.mode`.
        package var mode = PipelineConfiguration.AdmissionMode.adopt
        /// Which of those are taken on all the same, or refused, and what counts as known of them. Key `sensors.adopt`.
        package var adopt: [AdoptionRule] = []
        /// Most sensors that are kept, known and adopted. Key `sensors.max`. Bounds memory against a flood of new names.
        package var max = 100_000
        /// What one sensor may send for ever, readings a second. Key `sensors.rate`. What is above it is not stored, and named.
        package var rate = 20.0
        /// What one sensor may send at once beyond that, readings. Key `sensors.burst`.
        package var burst = 1200
        /// The registry, CSV. Key `sensors.file`.
        package var file: String?

        static let keys: [Key<Self>] = [
            .scalar("mode", \.mode, .word(PipelineConfiguration.AdmissionMode.allCases) { $0.rawValue }),
            .list("adopt", \.adopt, AdoptionRule.keys) { AdoptionRule() },
            .scalar("max", \.max, .integer(1...10_000_000)),
            .scalar("rate", \.rate, .number(0.001...1_000_000)),
            .scalar("burst", \.burst, .integer(1...10_000_000)),
            .optionalPath("file", \.file, existing: .file),
        ]
    }

    /// Clocks. Keys `time.…`.
    package struct Time: Sendable, Equatable {
        /// IANA name of the zone whose nights and weekdays count for sensors that have none of their own. Key `time.zone`.
        /// Nil: the system's.
        package var zone: String?
        /// How long a repeated reading is known as a repetition, in event time. Key `time.dedup_horizon`.
        package var dedupHorizon = Duration.seconds(3600)
        /// How far a sensor's clock may run ahead before its reading gets the arrival time. Key `time.clock_ahead_max`.
        package var clockAheadMax = Duration.seconds(300)

        static let keys: [Key<Self>] = [
            .optional("zone", \.zone, .text),
            .scalar("dedup_horizon", \.dedupHorizon, .duration(.seconds(0) ... .seconds(7 * 86_400))),
            .scalar("clock_ahead_max", \.clockAheadMax, .duration(.seconds(1) ... .seconds(86_400))),
        ]
    }
}
