internal import TimeBase

/// One number that a route reads from a payload, and what it means.
public struct RouteField: Sendable, Equatable {
    /// Where it stands: member names joined by dots (`\.` is a dot within a name), `[n]` for an array's element
    /// (`rx[0].rssi`); in CSV a column, in line protocol a field's key.
    public var path: String
    public var quantity: Quantity
    /// The unit that the payload has it in. Nil: the quantity's own.
    public var unit: MeasurementUnit?
    /// The number is an amount that was summed over so many seconds; the quantity is its rate.
    public var periodS: Int?
    /// How much earlier than the message's own time it was measured: a meter's value of three hours ago.
    public var ageS: Int
    /// What words mean that stand in place of a number: `normal` 0, `leak` 1. At most 16 bytes each.
    public var words: [String: Double]
    /// Words by which the device says that it could not measure. At most 16 bytes each.
    public var faults: [String]
    /// Whether a number may be written as a string.
    public var isText: Bool
    /// A contact is closed from this number on: a leak status of 3 or 4, where up to 2 is none. Nil: it is told as 0 or 1.
    public var closedFrom: Double?
    /// The record's sum over time is read, not its value: what a flow has come to. SenML only.
    public var isSum: Bool
    /// What is added to the sensor's id, for one of several sensors behind one device: `pump-1`. Sparkplug only.
    public var part: String?

    public init(
        _ path: String, _ quantity: Quantity, unit: MeasurementUnit? = nil, periodS: Int? = nil, ageS: Int = 0,
        words: [String: Double] = [:], faults: [String] = [], isText: Bool = false, closedFrom: Double? = nil,
        isSum: Bool = false
    ) {
        (self.path, self.quantity, self.unit, self.periodS, self.ageS) = (path, quantity, unit, periodS, ageS)
        (self.words, self.faults, self.isText) = (words, faults, isText)
        (self.closedFrom, self.isSum) = (closedFrom, isSum)
    }

    /// Whether it is a bin sensor's distance, of which the mounting makes a fill level.
    public var isDistance: Bool { quantity == .fill && unit?.asLength != nil }

    /// How a number becomes the quantity's, or nil where the units measure different things.
    /// For a distance: how it becomes metres.
    func conversion(intervalS: Int?) -> MeasurementUnit.Conversion? {
        guard let unit else { return .identity }
        if isDistance { return unit.asLength?.conversion(to: .metre) }
        if periodS == nil, let conversion = quantity.conversion(from: unit) { return conversion }
        guard quantity != .generic, let seconds = periodS ?? intervalS,
            let rate = unit.rate(overSeconds: Double(seconds)),
            let conversion = rate.unit.conversion(to: quantity.unit)
        else { return nil }
        return .init(scale: rate.scale * conversion.scale, offset: 0)
    }

    /// Every problem, each starting with its key.
    func problems(intervalS: Int?) -> [String] {
        var found: [String] = []
        if let problem = FieldPath.problem(path) { found.append("path: \(problem)") }
        if let periodS, !(1...31_536_000).contains(periodS) {
            found.append("per: must be 1 s–365 d, found \(periodS) s")
        } else if periodS != nil, unit == nil {
            found.append("per: needs beside it the unit of what is summed: count for vehicles, m3 or L for water")
        } else if conversion(intervalS: intervalS) == nil, let unit {
            found.append(unitProblem(unit, intervalS: intervalS))
        }
        if closedFrom != nil, quantity.unit != .boolean {
            found.append("closed_from: has a meaning for contacts (wet, tilt), found \(quantity.name)")
        }
        if isSum, quantity != .volume, quantity != .generic {
            found.append("sum: is what a flow has come to, quantity volume_m3 or value, found \(quantity.name)")
        }
        if !(0...31_536_000).contains(ageS) { found.append("age: must be 0 s–365 d, found \(ageS) s") }
        for word in words.keys.sorted() + faults where !(1...16).contains(word.utf8.count) {
            found.append("words: must be 1–16 bytes each, found \"\(word)\"")
        }
        for word in words.keys.sorted() where words[word].map({ !$0.isFinite || $0.magnitude > 1e12 }) ?? false {
            found.append("words: must mean finite numbers within ±1e12, found \"\(word)\"")
        }
        return found
    }

    private func unitProblem(_ unit: MeasurementUnit, intervalS: Int?) -> String {
        if unit.rate(overSeconds: 1) != nil, periodS == nil, intervalS == nil {
            return
                "unit: \(unit.symbol) is an amount and \(quantity.name) is a rate; say with per over how long it is summed"
        }
        if periodS != nil, unit.rate(overSeconds: 1) == nil {
            return "per: needs an amount (m3, L or count) as unit, found \(unit.symbol)"
        }
        return "unit: must be convertible into \(quantity.unit.symbol) for \(quantity.name), found \(unit.symbol)"
    }
}

/// A list in the payload whose elements were measured at different times: a device's own history.
public struct RouteSeries: Sendable, Equatable {
    /// Where the array stands, as in ``RouteField/path``. Empty: the payload is the array.
    public var path: String
    /// Where in an element its time stands.
    public var time: String
    public var timeUnit: TimeUnit
    /// Their paths begin at the element.
    public var fields: [RouteField]

    public init(_ path: String, time: String, timeUnit: TimeUnit = .automatic, fields: [RouteField]) {
        (self.path, self.time, self.timeUnit, self.fields) = (path, time, timeUnit, fields)
    }

    func problems(intervalS: Int?) -> [String] {
        var found: [String] = []
        if !path.isEmpty, let problem = FieldPath.problem(path) { found.append("path: \(problem)") }
        if let problem = FieldPath.problem(time) { found.append("time: \(problem)") }
        if fields.isEmpty { found.append("fields: must name at least one field") }
        for (index, field) in fields.enumerated() {
            found += field.problems(intervalS: intervalS).map { "fields[\(index)].\($0)" }
        }
        return found
    }
}

/// How a payload writes moments as numbers.
public enum TimeUnit: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// Seconds or milliseconds, by the size of the number.
    case automatic = 0
    case seconds, milliseconds, microseconds, nanoseconds

    public var name: String {
        switch self {
        case .automatic: "auto"
        case .seconds: "s"
        case .milliseconds: "ms"
        case .microseconds: "us"
        case .nanoseconds: "ns"
        }
    }

    /// Milliseconds since the Unix epoch, or nil if that is no time.
    func milliseconds(_ number: Double) -> Int64? {
        let ms: Double
        switch self {
        case .automatic: return Timestamp.parse(number: number)
        case .seconds: ms = number * 1000
        case .milliseconds: ms = number
        case .microseconds: ms = number / 1000
        case .nanoseconds: ms = number / 1_000_000
        }
        guard ms.magnitude < 1e16 else { return nil }
        return Int64(ms < 0 ? ms - 0.5 : ms + 0.5)
    }

    /// The same for a whole number, exactly; rounded down.
    func milliseconds(_ number: Int64) -> Int64? {
        switch self {
        case .automatic, .seconds: return milliseconds(Double(number))
        case .milliseconds: return number
        case .microseconds: return floorDivide(number, 1000)
        case .nanoseconds: return floorDivide(number, 1_000_000)
        }
    }
}

/// Paths into a payload as configuration writes them: `rx[0].rssi`, with `\.` for a dot within a name.
enum FieldPath {
    /// As the parser wants it.
    static func parserPath(_ path: String) -> String { names(path).joined(separator: "\u{1F}") }

    /// The names on the way; an array's element is `[n]`.
    static func names(_ path: String) -> [String] {
        var (names, name, isEscaped) = ([String](), "", false)
        for character in path.unicodeScalars {
            if isEscaped || !(character == "." || character == "\\" || character == "[") {
                name.unicodeScalars.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "." {
                names.append(name)
                name = ""
            } else {
                if !name.isEmpty { names.append(name) }
                name = "["
            }
        }
        return names + [name]
    }

    /// What is wrong with the elements of arrays that a path into JSON names; no more than the first hundred can be asked for.
    static func elementProblem(_ path: String) -> String? {
        var rest = path.unicodeScalars[...]
        while let character = rest.popFirst() {
            if character == "\\" {
                rest = rest.dropFirst()
            } else if character == "[" {
                let digits = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(digits.count)
                let isWhole = (1...2).contains(digits.count) && (digits.count == 1 || digits.first != "0")
                guard isWhole, rest.popFirst() == "]", rest.isEmpty || rest.first == "." || rest.first == "[" else {
                    return "must name an array's element as [0] to [99], such as rx[0].rssi, found \"\(path)\""
                }
            }
        }
        return nil
    }

    static func problem(_ path: String) -> String? {
        if path.isEmpty { return "must not be empty" }
        if path.utf8.count > 200 { return "must be at most 200 bytes" }
        if path.unicodeScalars.contains(where: { $0.value < 0x20 }) { return "must not have control characters" }
        let names = names(path)
        if names.contains("") || names.contains("*") || names.count > 16 {
            return "must be names joined by dots, such as uplink.level, found \"\(path)\""
        }
        return nil
    }
}
