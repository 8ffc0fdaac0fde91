public import Readings
internal import Simulation

/// Readings with numbers from 0: what each sensor measured when is computed from the number, and the number from that.
///
/// A street of bins and contacts on which known things happen: bins burn, fill up and are emptied, lie on their side, and
/// contacts get wet. Event times lie in the past, each sensor's rising; what a broker has under way at most, 2,000 messages, spans
/// far less event time than the hour for which repeated readings are known.
public struct NumberedStream: Sendable {
    /// One reading.
    public struct Item: Sendable, Equatable {
        public var sensor: Int
        /// Event time, in milliseconds since the Unix epoch.
        public var observedAtMs: Int64
        /// The measurement, with at most one decimal.
        public var value: Double
    }

    /// What a sensor is there for.
    enum Role: Int, Sendable, CaseIterable { case fire, level, contact, noise, tilt }

    public let count: Int
    public let sensorCount: Int
    private let startMs: Int64
    private let stepMs: Int64
    private let seed: UInt64

    /// - Parameters:
    ///   - sensors: how many speak in turn; by default as many as suit the stream's length.
    ///   - endMs: event time that nothing reaches: the present, in milliseconds since the Unix epoch.
    public init(count: Int, sensors: Int? = nil, seed: UInt64, endMs: Int64) {
        precondition(count > 0, "a stream has readings")
        self.count = count
        self.seed = seed
        sensorCount = sensors ?? (count < 250_000 ? 250 : 1000)
        stepMs = count < 250_000 ? 270_000 : 60_000
        let rounds = Int64((count + sensorCount - 1) / sensorCount)
        startMs = (endMs - (rounds + 1) * stepMs) / 3_600_000 * 3_600_000
    }

    // MARK: - From number to reading and back

    public subscript(number: Int) -> Item {
        let (round, sensor) = number.quotientAndRemainder(dividingBy: sensorCount)
        return Item(
            sensor: sensor, observedAtMs: startMs + Int64(round) * stepMs,
            value: value(of: sensor, inRound: round))
    }

    /// The number of the reading with this sensor and time; nil when there is none in the stream.
    public func number(ofSensor sensor: Int, atMs: Int64) -> Int? {
        let (round, rest) = (atMs - startMs).quotientAndRemainder(dividingBy: stepMs)
        guard rest == 0, round >= 0, (0..<sensorCount).contains(sensor) else { return nil }
        let number = Int(round) * sensorCount + sensor
        return number < count ? number : nil
    }

    public func id(ofSensor sensor: Int) -> String { "\(role(of: sensor))-\(sensor)" }

    /// The sensor with this id, if it is one of ours.
    public func sensor(withID id: String) -> Int? {
        guard let number = id.split(separator: "-").last.flatMap({ Int($0) }), (0..<sensorCount).contains(number),
            self.id(ofSensor: number) == id
        else { return nil }
        return number
    }

    // MARK: - As messages and as a file

    public func topic(ofSensor sensor: Int) -> String {
        "sluice/\(kind(of: sensor).name)/\(id(ofSensor: sensor))"
    }

    public func payload(_ number: Int) -> [UInt8] {
        let item = self[number]
        let text =
            "{\"ts\":\(item.observedAtMs),\"metric\":\"\(quantity(of: item.sensor).name)\",\"value\":\(item.value)}"
        return Array(text.utf8)
    }

    /// The same readings as `sluice replay` takes them, in the order of their numbers.
    public func csv() -> String {
        var text = "timestamp,sensor_id,kind,metric,value\n"
        text.reserveCapacity(count * 64)
        for number in 0..<count {
            let item = self[number]
            text += "\(Timestamp.format(item.observedAtMs)),\(id(ofSensor: item.sensor)),"
            text += "\(kind(of: item.sensor).name),\(quantity(of: item.sensor).name),\(item.value)\n"
        }
        return text
    }

    /// The sensors as a registry, each of which is expected to speak every so many seconds.
    public func registry(stepSeconds: Int) -> String {
        let rows = (0..<sensorCount).map { "\(id(ofSensor: $0)),\(kind(of: $0).name),\(stepSeconds)" }
        return (["sensor_id,kind,step_s"] + rows).joined(separator: "\n") + "\n"
    }

    func role(of sensor: Int) -> Role { Role.allCases[sensor % Role.allCases.count] }

    private func kind(of sensor: Int) -> SensorKind {
        switch role(of: sensor) {
        case .fire, .level, .tilt: .binFill
        case .contact: .waterLeak
        case .noise: .generic
        }
    }

    /// What this sensor measures.
    public func quantity(of sensor: Int) -> Quantity {
        switch role(of: sensor) {
        case .fire: .temperature
        case .level: .fill
        case .contact: .wetness
        case .noise: .generic
        case .tilt: .tilt
        }
    }

    // MARK: - What happens

    /// Bins that burn in the stream from beginning to end, each of which must come to one request.
    public var fires: Int { occurrences(of: .fire, rounds: Self.fireRounds) }
    /// Bins that lie on their side for long enough.
    public var falls: Int { occurrences(of: .tilt, rounds: tiltRounds) }

    /// A fire lasts so many readings.
    private static let fireRounds = 8
    /// A bin lies for forty minutes at least: the rule waits for a quarter of an hour.
    private var tiltRounds: Int { rounds(hours: 1) }

    /// From one fire or fall of a bin to the next: beyond the time in which it would count as a recurrence.
    private var period: Int { rounds(hours: 9) }

    private func rounds(hours: Double) -> Int { Int((hours * 3_600_000 / Double(stepMs)).rounded(.up)) }

    /// Rounds after the beginning of a period at which something befalls this sensor.
    private func offset(of sensor: Int) -> Int { 20 + Int(SeededHash.hash(seed, Int64(sensor)) % 20) }

    /// How many readings this sensor has.
    private func rounds(of sensor: Int) -> Int { (count - sensor + sensorCount - 1) / sensorCount }

    private func occurrences(of role: Role, rounds length: Int) -> Int {
        var found = 0
        for sensor in 0..<sensorCount where self.role(of: sensor) == role {
            var begin = offset(of: sensor)
            while begin + length <= rounds(of: sensor) {
                found += 1
                begin += period
            }
        }
        return found
    }

    /// Whether this round is one of `length` in which something befalls the sensor. What the stream's end would cut off does
    /// not begin.
    private func isBefallen(_ sensor: Int, inRound round: Int, for length: Int) -> Bool {
        guard round >= offset(of: sensor) else { return false }
        let phase = (round - offset(of: sensor)) % period
        return phase < length && round - phase + length <= rounds(of: sensor)
    }

    private func value(of sensor: Int, inRound round: Int) -> Double {
        let noise = Double(SeededHash.hash(SeededHash.key(seed, Int64(sensor)), Int64(round)) % 20) / 10
        switch role(of: sensor) {
        case .fire: return isBefallen(sensor, inRound: round, for: Self.fireRounds) ? 80 : 12 + noise
        case .tilt: return isBefallen(sensor, inRound: round, for: tiltRounds) ? 1 : 0
        case .contact: return round >= rounds(hours: 1) && sensor % 3 != 0 ? 1 : 0
        case .noise: return noise
        case .level:
            let cycle = rounds(hours: 7)
            return ((Double((round + offset(of: sensor)) % cycle) / Double(cycle) * 96 + noise) * 10).rounded() / 10
        }
    }
}
