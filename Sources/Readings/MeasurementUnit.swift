/// A unit that a payload or a route may name, and how to convert it.
///
/// Symbols follow SenML's registries where those have one (RFC 8428 §12.1, RFC 8798), with the everyday spellings
/// beside them.
public enum MeasurementUnit: UInt8, Sendable, CaseIterable, Hashable {
    case cubicMetrePerSecond, cubicMetrePerHour, litrePerSecond, litrePerMinute, litrePerHour
    case pascal, hectopascal, kilopascal, bar, metreOfWater
    case decibel
    case boolean
    case vehiclePerHour, vehiclePerMinute
    case ratio, percent
    case metrePerSecond, kilometrePerHour, milePerHour
    case celsius, fahrenheit, kelvin
    case cubicMetre, litre
    case millimetre, centimetre, metre
    case count
    case none

    /// What the unit measures; only units of one dimension convert into each other.
    enum Dimension {
        case volumeFlow, pressure, level, boolean, vehicleFlow, ratio, speed, temperature, volume, length, count, none
    }

    /// Symbols that name the unit. The first is the one we print.
    public var symbols: [String] {
        switch self {
        case .cubicMetrePerSecond: ["m3/s"]
        case .cubicMetrePerHour: ["m³/h", "m3/h"]
        case .litrePerSecond: ["L/s", "l/s"]
        case .litrePerMinute: ["L/min", "l/min"]
        case .litrePerHour: ["L/h", "l/h"]
        case .pascal: ["Pa"]
        case .hectopascal: ["hPa", "mbar"]
        case .kilopascal: ["kPa"]
        case .bar: ["bar"]
        case .metreOfWater: ["m", "mH2O"]
        case .decibel: ["dB"]
        case .boolean: ["bool"]
        case .vehiclePerHour: ["veh/h", "vph"]
        case .vehiclePerMinute: ["veh/min"]
        case .ratio: ["/"]
        case .percent: ["%", "/100", "%RH", "%EL"]
        case .metrePerSecond: ["m/s"]
        case .kilometrePerHour: ["km/h"]
        case .milePerHour: ["mph", "mi/h"]
        case .celsius: ["°C", "Cel", "C"]
        case .fahrenheit: ["°F", "F"]
        case .kelvin: ["K"]
        case .cubicMetre: ["m3", "m³"]
        case .litre: ["L", "l"]
        case .millimetre: ["mm"]
        case .centimetre: ["cm"]
        case .metre: ["metre"]  // "m" is a height of water or of anything, see asLength
        case .count: ["count"]
        case .none: [""]
        }
    }

    public var symbol: String { symbols[0] }

    /// The unit with this symbol, or nil.
    public init?(symbol: String) {
        guard let unit = Self.allCases.first(where: { $0.symbols.contains(symbol) }) else { return nil }
        self = unit
    }

    /// How to turn a number in this unit into one in `target`, or nil if they measure different things.
    public func conversion(to target: MeasurementUnit) -> Conversion? {
        Self.conversions[Int(rawValue) << 5 | Int(target.rawValue)]
    }

    /// Every unit into every other, worked out once; a row has room for 32.
    private static let conversions: [Conversion?] = {
        precondition(allCases.count <= 32, "a row of conversions is too short")
        var table: [Conversion?] = Array(repeating: nil, count: allCases.count << 5)
        for unit in allCases {
            for target in allCases {
                table[Int(unit.rawValue) << 5 | Int(target.rawValue)] = unit.workedOutConversion(to: target)
            }
        }
        return table
    }()

    private func workedOutConversion(to target: MeasurementUnit) -> Conversion? {
        guard dimension == target.dimension else { return nil }
        let (from, to) = (base, target.base)
        return Conversion(scale: from.scale / to.scale, offset: (from.offset - to.offset) / to.scale)
    }

    /// `target = value · scale + offset`.
    public struct Conversion: Sendable, Equatable, BitwiseCopyable {
        public var scale: Double
        public var offset: Double

        public static let identity = Conversion(scale: 1, offset: 0)

        public init(scale: Double, offset: Double) { (self.scale, self.offset) = (scale, offset) }

        @inline(__always) public func callAsFunction(_ value: Double) -> Double { value * scale + offset }
    }

    /// The unit of a distance: a metre of water is a metre.
    var asLength: MeasurementUnit? {
        if self == .metreOfWater { return .metre }
        return dimension == .length ? self : nil
    }

    /// What an amount in this unit becomes when it was summed over a period: litres become litres per hour, and so on.
    /// Nil for a unit that doesn't count anything.
    func rate(overSeconds period: Double) -> (unit: MeasurementUnit, scale: Double)? {
        switch self {
        case .cubicMetre: (.cubicMetrePerHour, 3600 / period)
        case .litre: (.litrePerHour, 3600 / period)
        case .count: (.vehiclePerHour, 3600 / period)
        default: nil
        }
    }

    /// What comes together in a second at a rate of one in this unit: a cubic metre of one per second. Nil for a unit that is
    /// no flow.
    var amountInASecond: (unit: MeasurementUnit, scale: Double)? {
        switch self {
        case .cubicMetrePerSecond: (.cubicMetre, 1)
        case .cubicMetrePerHour: (.cubicMetre, 1 / 3600)
        case .litrePerSecond: (.litre, 1)
        case .litrePerMinute: (.litre, 1 / 60)
        case .litrePerHour: (.litre, 1 / 3600)
        default: nil
        }
    }

    var dimension: Dimension {
        switch self {
        case .cubicMetrePerSecond, .cubicMetrePerHour, .litrePerSecond, .litrePerMinute, .litrePerHour: .volumeFlow
        case .pascal, .hectopascal, .kilopascal, .bar, .metreOfWater: .pressure
        case .decibel: .level
        case .boolean: .boolean
        case .vehiclePerHour, .vehiclePerMinute: .vehicleFlow
        case .ratio, .percent: .ratio
        case .metrePerSecond, .kilometrePerHour, .milePerHour: .speed
        case .celsius, .fahrenheit, .kelvin: .temperature
        case .cubicMetre, .litre: .volume
        case .millimetre, .centimetre, .metre: .length
        case .count: .count
        case .none: .none
        }
    }

    /// `base = value · scale + offset`, where base is the first everyday unit of the dimension.
    private var base: (scale: Double, offset: Double) {
        switch self {
        case .cubicMetrePerHour, .metreOfWater, .decibel, .boolean, .vehiclePerHour, .percent, .kilometrePerHour,
            .celsius, .cubicMetre, .metre, .count, .none:
            (1, 0)
        case .litre, .millimetre: (0.001, 0)
        case .centimetre: (0.01, 0)
        case .cubicMetrePerSecond: (3600, 0)
        case .litrePerSecond: (3.6, 0)
        case .litrePerMinute: (0.06, 0)
        case .litrePerHour: (0.001, 0)
        case .pascal: (1 / 9806.65, 0)  // conventional metre of water, NIST SP 811 B.8
        case .hectopascal: (100 / 9806.65, 0)
        case .kilopascal: (1000 / 9806.65, 0)
        case .bar: (100_000 / 9806.65, 0)
        case .vehiclePerMinute: (60, 0)
        case .ratio: (100, 0)
        case .metrePerSecond: (3.6, 0)
        case .milePerHour: (1.609344, 0)
        case .fahrenheit: (5.0 / 9, -160.0 / 9)
        case .kelvin: (1, -273.15)
        }
    }
}
