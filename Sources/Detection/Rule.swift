/// What is looked for: one rule, one detector, one way to be wrong.
///
/// The raw number is stored; never renumber. ``name`` is part of incident keys and of configuration.
public enum Rule: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// Flow at night above its own recent nights: a leak that stays.
    case nightFlow = 1
    /// Flow far above the time of week for hours: a burst.
    case burst = 2
    /// A meter that never rests.
    case meterNeverZero = 3
    /// A contact that stays wet.
    case wetContact = 4
    /// A logger that hears a leak at night.
    case leakNoise = 5
    /// Speed far below, occupancy far above the time of week.
    case congestion = 6
    /// Far fewer vehicles than at this time of week.
    case trafficDrop = 7
    /// A bin that is full.
    case binFull = 8
    /// A bin that burns.
    case binFire = 9
    /// A bin that lies on its side.
    case binTilt = 10
    /// A sensor that has gone quiet.
    case silence = 11
    /// A gateway behind which everything has gone quiet.
    case gatewaySilence = 12
    /// A sensor that repeats one value.
    case stuck = 13
    /// A value that physics rules out.
    case implausible = 14
    /// A sensor that has wandered off from its neighbours, or a meter that tells of less and less.
    case drift = 15
    /// A load tipped into a bin at once.
    case binDumping = 16
    /// A bin that will be full before the next round.
    case binForecast = 17
    /// A series that is not what it was.
    case anomaly = 18
    /// A device whose clock runs ahead, or was set back.
    case clock = 19

    public var name: String {
        switch self {
        case .nightFlow: "night-flow"
        case .burst: "burst"
        case .meterNeverZero: "meter-never-zero"
        case .wetContact: "wet-contact"
        case .leakNoise: "leak-noise"
        case .congestion: "congestion"
        case .trafficDrop: "traffic-drop"
        case .binFull: "bin-full"
        case .binFire: "bin-fire"
        case .binTilt: "bin-tilt"
        case .silence: "silence"
        case .gatewaySilence: "gateway-silence"
        case .stuck: "stuck"
        case .implausible: "implausible"
        case .drift: "drift"
        case .binDumping: "bin-dumping"
        case .binForecast: "bin-forecast"
        case .anomaly: "anomaly"
        case .clock: "clock"
        }
    }

    /// What a table by raw value must reach to.
    public static var greatestRawValue: UInt8 { allCases.reduce(0) { max($0, $1.rawValue) } }

    public init?(name: String) {
        guard let rule = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = rule
    }

    /// What ``Verdict/estimate`` measures; nil for rules that estimate nothing.
    public var estimateName: String? {
        switch self {
        case .nightFlow, .burst, .meterNeverZero: "litres_per_hour"
        case .congestion: "vehicle_hours_per_hour"
        case .binForecast: "hours_to_overflow"
        default: nil
        }
    }

    /// How much before an incident's onset belongs to its evidence, so that one sees what is usual, ms.
    public var evidenceLeadMs: Int64 {
        switch self {
        case .leakNoise: 14 * dayMs
        case .nightFlow, .drift: 7 * dayMs
        case .burst, .meterNeverZero, .binFull, .binForecast: 3 * dayMs
        case .wetContact, .binDumping, .anomaly: 2 * dayMs
        case .silence, .gatewaySilence, .stuck, .implausible, .clock: dayMs
        case .congestion, .trafficDrop, .binFire, .binTilt: 6 * hourMs
        }
    }

    /// Whether it looks at each sensor, whatever that measures.
    public var watchesEverySensor: Bool {
        switch self {
        case .silence, .stuck, .implausible, .clock: true
        default: false
        }
    }

    /// Whether the rule speaks of the sensor itself and not of the street.
    public var isFault: Bool {
        switch self {
        case .silence, .gatewaySilence, .stuck, .implausible, .drift, .clock: true
        default: false
        }
    }
}

/// A set of rules, in one word.
public struct RuleSet: OptionSet, Sendable, BitwiseCopyable, Hashable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(_ rule: Rule) { rawValue = 1 << UInt32(rule.rawValue) }

    public func contains(_ rule: Rule) -> Bool { contains(RuleSet(rule)) }
}
