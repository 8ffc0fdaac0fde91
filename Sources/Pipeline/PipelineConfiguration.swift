public import Detection
public import Incidents
public import Open311
public import Readings

/// What the outcome depends on beside the stream itself. All of it is data: no clock, no file.
public struct PipelineConfiguration: Sendable {
    /// Whether sensors that are not in the registry are taken in. Key `sensors.mode`.
    public enum AdmissionMode: String, Sendable, CaseIterable {
        /// An unknown sensor is adopted when it first speaks.
        case adopt
        /// An unknown sensor's messages go to quarantine.
        case allowList = "allow_list"
    }

    public var admission = AdmissionMode.adopt
    /// Who else is let in, and who is not. Key `sensors.adopt`.
    public var adoption: [AdoptionRule] = []
    /// The most sensors that are taken in. Key `sensors.max`.
    public var sensorLimit = 100_000
    /// The registry: what is known of sensors before they speak. Key `sensors.file`.
    public var registry: [Sensor] = []
    /// A repeated event time within this is a duplicate. Key `time.dedup_horizon`, milliseconds.
    public var dedupHorizonMs: Int64 = 3_600_000
    /// A reading further ahead of its arrival is taken at its arrival. Key `time.clock_ahead_max`, milliseconds.
    public var clockAheadLimitMs: Int64 = 5 * 60_000
    /// What one sensor may send for ever, readings a second. Key `sensors.rate`.
    public var readingsPerSecond = 20.0
    /// What one sensor may send at once beyond that, readings. Key `sensors.burst`. The default is a minute's worth.
    public var readingBurst = 1200
    /// The shortest time from one saving of the state to the next, by the daemon's clock. Key `data.snapshot_interval`,
    /// milliseconds.
    public var stateIntervalMs: Int64 = 10 * 60_000
    /// State is saved no more often than that each entry of the log pays for so many bytes of it. A start takes over about as
    /// many bytes of state in the time in which it meets one entry again, so whoever pays so much meets again for about as long
    /// as the state takes: less would save little, and write more. Once a day it is saved in any case, so that the log can be
    /// cut.
    public var stateBytesPerEntry: Int64 = 192
    package var stateSteps = StateSteps()
    /// Whether ticks save the state. A recording's would do so each moment, for a day of its time.
    package var savesState = true
    /// How many milliseconds of the daemon's clock pass in one of the machine's: more than one in a demonstration.
    public var clockRate = 1
    /// The clock that texts and sensors without one of their own follow. Key `time.zone`.
    public var zone = ZoneTable.utc
    /// Clocks of sensors that name one, by IANA name.
    public var sensorZones: [String: ZoneTable] = [:]
    /// What all sensors are judged by. Groups `detection` and `rules`.
    public var rules = RuleSettings()
    public var detection: DetectionParameters {
        get { rules.detection }
        set { rules.detection = newValue }
    }
    public var policies: RulePolicies {
        get { rules.policies }
        set { rules.policies = newValue }
    }
    /// What some are judged by instead: the first that fits a sensor. Group `overrides`.
    public var overrides: [RuleOverride] = []
    /// The city's services. Group `services`.
    public var catalog = ServiceCatalog.standard
    /// Which department deals with what. Group `routing`.
    public var routing = Routing()

    public init() {}
}
