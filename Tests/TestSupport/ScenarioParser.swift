import Open311
import Readings
import Simulation

/// Reads a scenario line by line; see `fixtures/scenarios/README.md`.
struct ScenarioParser {
    /// One line of values: a sensor's quantity over the script.
    private struct Series {
        var line: Int
        var sensor: Int
        var quantity: Quantity
        var stretches: [ScenarioStretch]
    }

    /// One sensor's quantity on ordinary days.
    private struct Usual {
        var sensor: Int
        var quantity: Quantity
        var pattern: WeeklyPattern
    }

    private var file = ScenarioFile()
    private var hasStart = false
    private var warmUpDays = 0
    private var usuals: [Usual] = []
    private var series: [Series] = []
    private var offset: @Sendable (Int64) -> Int = { UnitedKingdomTime.offsetSeconds(atMs: $0) }

    mutating func readLine(_ words: [String], number line: Int) throws(ScenarioError) {
        for words in Self.expanded(words) {
            switch words[0] {
            case "scenario": file.name = words.dropFirst().joined(separator: " ")
            case "clock": try readClock(words, line)
            case "start": try readStart(words, line)
            case "sensor": try readSensor(words, line)
            case "warm-up": try readWarmUp(words, line)
            case "usual": try readUsual(words, line)
            case "values": try readValues(words, line)
            case "at": try readExpectation(words, line)
            default:
                throw ScenarioError(
                    line: line,
                    "a line begins with scenario, clock, start, sensor, warm-up, usual, values or at, found \(words[0])"
                )
            }
        }
    }

    /// `bin-{1..3} …` → the line three times, with 1, 2 and 3 wherever the braces stand.
    private static func expanded(_ words: [String]) -> [[String]] {
        for word in words {
            guard let open = word.firstIndex(of: "{"), let close = word.lastIndex(of: "}"), open < close else {
                continue
            }
            let braces = String(word[open...close])
            let bounds = braces.dropFirst().dropLast().split(separator: ".").compactMap { Int($0) }
            guard bounds.count == 2, bounds[0] <= bounds[1] else { continue }
            return (bounds[0]...bounds[1]).map { number in
                words.map { word in
                    guard let open = word.firstIndex(of: "{"), let close = word.lastIndex(of: "}"), open < close,
                        word[open...close] == braces
                    else { return word }
                    return word[..<open] + "\(number)" + word[word.index(after: close)...]
                }
            }
        }
        return [words]
    }

    private mutating func readClock(_ words: [String], _ line: Int) throws(ScenarioError) {
        switch words.dropFirst().first {
        case "Europe/London": offset = { UnitedKingdomTime.offsetSeconds(atMs: $0) }
        case "UTC": offset = { _ in 0 }
        default: throw ScenarioError(line: line, "the clock is Europe/London or UTC")
        }
    }

    private mutating func readStart(_ words: [String], _ line: Int) throws(ScenarioError) {
        guard words.count == 3, let localMs = Timestamp.parse("\(words[1])T\(words[2]):00Z") else {
            throw ScenarioError(line: line, "a start looks like this: start 2026-03-16 00:00")
        }
        // The offset at local midnight may differ from the one at UTC midnight: ask again at the answer.
        let guess = localMs - Int64(offset(localMs)) * 1000
        file.startMs = localMs - Int64(offset(guess)) * 1000
        hasStart = true
    }

    private mutating func readSensor(_ words: [String], _ line: Int) throws(ScenarioError) {
        guard words.count >= 3, words.count % 2 == 1, let kind = SensorKind(name: words[2]) else {
            throw ScenarioError(
                line: line, "a sensor looks like this: sensor flow-1 water-leak every 15m zone aston gateway gw-1")
        }
        guard !file.sensors.contains(where: { $0.id == words[1] }) else {
            throw ScenarioError(line: line, "there are two sensors \(words[1])")
        }
        var sensor = Sensor(id: words[1], kind: kind)
        sensor.timeZone = "Europe/London"
        for index in stride(from: 3, to: words.count, by: 2) {
            switch words[index] {
            case "every": sensor.expectedIntervalS = try Self.interval(words[index + 1], line)
            case "zone": sensor.zone = words[index + 1]
            case "gateway": sensor.gateway = words[index + 1]
            default:
                throw ScenarioError(line: line, "after a sensor come every, zone and gateway, found \(words[index])")
            }
        }
        guard sensor.expectedIntervalS != nil else {
            throw ScenarioError(line: line, "say how often \(sensor.id) measures: every 15m")
        }
        file.sensors.append(sensor)
    }

    private mutating func readWarmUp(_ words: [String], _ line: Int) throws(ScenarioError) {
        guard words.count == 3, words[2].hasPrefix("day"), let days = Int(words[1]), (0...400).contains(days) else {
            throw ScenarioError(line: line, "a warm-up looks like this: warm-up 14 days")
        }
        warmUpDays = days
    }

    private mutating func readUsual(_ words: [String], _ line: Int) throws(ScenarioError) {
        guard words.count == 8, words[3] == "weekly", words[4] == "pattern", words[6] == "size",
            let size = Double(words[7]), size.isFinite
        else {
            throw ScenarioError(
                line: line, "what is usual looks like this: usual flow-1 flow_m3h weekly pattern water-flow size 40")
        }
        guard let kind = WeeklyPattern.Kind(rawValue: words[5]) else {
            let names = WeeklyPattern.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ScenarioError(line: line, "the patterns are \(names); found \(words[5])")
        }
        let sensor = try sensor(words[1], line)
        let id = file.sensors[sensor].id
        let pattern = WeeklyPattern(
            kind, size: size, key: Self.key(id), groupKey: Self.key(file.sensors[sensor].zone ?? id))
        usuals.append(Usual(sensor: sensor, quantity: try Self.quantity(words[2], line), pattern: pattern))
    }

    private mutating func readValues(_ words: [String], _ line: Int) throws(ScenarioError) {
        guard words.count >= 4 else {
            throw ScenarioError(line: line, "values look like this: values flow-1 flow_m3h ~x8 ~+18x96 _x4 40x2")
        }
        var stretches: [ScenarioStretch] = []
        for word in words[3...] {
            guard let stretch = ScenarioStretch(word) else {
                throw ScenarioError(
                    line: line, "values are written 40, 40x16, 40+2x10, ~x4, ~*1.4x9 or _x8; found \(word)")
            }
            stretches.append(stretch)
        }
        series.append(
            Series(
                line: line, sensor: try sensor(words[1], line), quantity: try Self.quantity(words[2], line),
                stretches: stretches))
    }

    private mutating func readExpectation(_ words: [String], _ line: Int) throws(ScenarioError) {
        var rest = words[...].dropFirst()
        guard let clock = rest.popFirst(), let sinceMs = Self.elapsed(clock) else {
            throw ScenarioError(line: line, "a time since the start looks like this: at 04:30 …")
        }
        var expectation = ScenarioFile.Expectation(
            line: line, atMs: sinceMs, count: .some, service: nil, isOpen: nil, subject: .anything,
            text: words.joined(separator: " "))
        if rest.first == "no" || rest.first == "one" { expectation.count = rest.removeFirst() == "no" ? .none : .one }
        guard rest.popFirst() == "request" else {
            throw ScenarioError(line: line, "after the time comes request, one request or no request")
        }
        if let service = rest.first.flatMap({ ServiceCode(rawValue: $0) }), ServiceCode.standard.contains(service) {
            expectation.service = service
            rest.removeFirst()
        }
        if rest.first == "open" || rest.first == "closed" { expectation.isOpen = rest.removeFirst() == "open" }
        if rest.count == 2, let word = rest.popFirst(), let id = rest.popFirst() {
            switch word {
            case "sensor": expectation.subject = .sensor(file.sensors[try sensor(id, line)].id)
            case "gateway": expectation.subject = .gateway(id)
            default: throw ScenarioError(line: line, "a request is about a sensor or a gateway, found \(word)")
            }
        }
        guard rest.isEmpty else {
            throw ScenarioError(line: line, "can't be understood from here on: \(rest.joined(separator: " "))")
        }
        file.expectations.append(expectation)
    }

    /// Puts times and readings together, once every line is known.
    mutating func finish() throws(ScenarioError) -> ScenarioFile {
        guard hasStart else { throw ScenarioError(line: 0, "there is no start line") }
        file.warmUpMs = file.startMs - Int64(warmUpDays) * 86_400_000
        for usual in usuals { warmUp(usual) }
        for series in series { try add(series) }
        file.readings.sort {
            ($0.observedAtMs, $0.sensor, $0.quantity.rawValue) < ($1.observedAtMs, $1.sensor, $1.quantity.rawValue)
        }
        for index in file.expectations.indices { file.expectations[index].atMs += file.startMs }
        file.expectations.sort { ($0.atMs, $0.line) < ($1.atMs, $1.line) }
        file.endMs = max(
            file.readings.last?.observedAtMs ?? file.startMs, file.expectations.last?.atMs ?? file.startMs)
        return file
    }

    private mutating func warmUp(_ usual: Usual) {
        for atMs in stride(from: file.warmUpMs, to: file.startMs, by: Int(stepMs(usual.sensor))) {
            append(usual.sensor, usual.quantity, atMs, usual.pattern.value(at: moment(atMs)))
        }
    }

    private mutating func add(_ series: Series) throws(ScenarioError) {
        let usual = usuals.first { $0.sensor == series.sensor && $0.quantity == series.quantity }
        var atMs = file.startMs
        for stretch in series.stretches {
            for index in 0..<stretch.count {
                if stretch.needsUsual && usual == nil {
                    throw ScenarioError(
                        line: series.line, "~ means \"as usual\", and no usual line says what that is")
                }
                if let value = stretch.value(index, usual: usual?.pattern.value(at: moment(atMs)) ?? 0) {
                    append(series.sensor, series.quantity, atMs, value)
                }
                atMs += stepMs(series.sensor)
            }
        }
    }

    private mutating func append(_ sensor: Int, _ quantity: Quantity, _ atMs: Int64, _ value: Double) {
        file.readings.append(CityReading(sensor: sensor, quantity: quantity, observedAtMs: atMs, value: value))
    }

    private func moment(_ atMs: Int64) -> LocalMoment { LocalMoment(atMs: atMs, offsetSeconds: offset(atMs)) }

    private func stepMs(_ sensor: Int) -> Int64 { Int64(file.sensors[sensor].expectedIntervalS ?? 300) * 1000 }

    private func sensor(_ id: String, _ line: Int) throws(ScenarioError) -> Int {
        guard let index = file.sensors.firstIndex(where: { $0.id == id }) else {
            throw ScenarioError(line: line, "no sensor line above names \(id)")
        }
        return index
    }

    private static func quantity(_ name: String, _ line: Int) throws(ScenarioError) -> Quantity {
        guard let quantity = Quantity(name: name) else {
            let names = Quantity.allCases.map(\.name).joined(separator: ", ")
            throw ScenarioError(line: line, "the quantities are \(names); found \(name)")
        }
        return quantity
    }

    /// `90s`, `15m`, `1h` in seconds.
    private static func interval(_ text: String, _ line: Int) throws(ScenarioError) -> Int {
        let scale = ["s": 1, "m": 60, "h": 3600][String(text.suffix(1))]
        guard let scale, let number = Int(text.dropLast()), number > 0 else {
            throw ScenarioError(line: line, "a step looks like 30s, 15m or 1h, found \(text)")
        }
        return number * scale
    }

    /// `04:30`, `170:00` in milliseconds.
    private static func elapsed(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = Int64(parts[0]), let minutes = Int64(parts[1]), hours >= 0,
            (0..<60).contains(minutes)
        else { return nil }
        return (hours * 60 + minutes) * 60_000
    }

    /// FNV-1a: the same name always makes the same sensor.
    private static func key(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
