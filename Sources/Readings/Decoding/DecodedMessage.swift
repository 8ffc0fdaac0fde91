/// What one MQTT message said: about which sensors, and their measurements in order of event time.
public struct DecodedMessage: Sendable, Equatable {
    /// The sensors that the message speaks of. At least one after a successful decode, unless ``isIgnored``.
    public internal(set) var sensors: [SensorMention] = []
    /// Sorted by sensor, then by time; those of one moment in the payload's order.
    public internal(set) var measurements: [Measurement] = []
    /// The radio frame that brought the message, where a LoRaWAN server says.
    public internal(set) var frame = FrameInfo()
    /// Whether the message is sound and carries nothing to measure by its nature: a join, an acknowledgement.
    public internal(set) var isIgnored = false
    /// What was passed over because nobody can read it, while the rest of the message is good: the first of each field. The
    /// message belongs in quarantine beside its measurements.
    public internal(set) var flaws: [DecodeError] = []
    /// The sensors' ids, one behind the other.
    private var ids = ByteBuffer(capacity: Sensor.longestID)
    private var gatewayName = ByteBuffer()

    /// What the sensors are heard through: a LoRaWAN gateway's id, an edge node. Empty where nothing says it.
    public var gateway: [UInt8] { gatewayName.withBytes { [UInt8](copying: $0) } }

    /// One sensor of a message.
    public struct SensorMention: Sendable, Equatable, BitwiseCopyable {
        public var kind: SensorKind
        /// Where its id stands among all ids.
        var start: UInt32
        var end: UInt32
    }

    /// One number that a message carried. Becomes a ``Reading`` when its sensor's index is known.
    public struct Measurement: Sendable, Equatable, BitwiseCopyable {
        /// Event time in milliseconds since the Unix epoch; the arrival time where the payload has none.
        public var observedAtMs: Int64
        /// In the unit of `quantity`. Finite, and at most 1e12 in magnitude.
        public var value: Double
        /// The device's frame counter, or -1.
        public var counter: Int32
        /// Which of the message's ``DecodedMessage/sensors``.
        public var sensor: UInt16
        public var quantity: Quantity
        /// Whether the payload said when; otherwise it has the time of arrival.
        public var hasOwnTime: Bool
        /// Whether the device says that it kept this and sends it later: history, whatever its time.
        public var isHistory: Bool

        public init(
            quantity: Quantity, observedAtMs: Int64, value: Double, counter: Int32 = -1, sensor: UInt16 = 0,
            hasOwnTime: Bool = true, isHistory: Bool = false
        ) {
            self.isHistory = isHistory
            (self.quantity, self.observedAtMs, self.sensor) = (quantity, observedAtMs, sensor)
            (self.value, self.counter, self.hasOwnTime) = (value, counter, hasOwnTime)
        }
    }

    init() {
        sensors.reserveCapacity(16)
        measurements.reserveCapacity(64)
    }

    /// The most sensors that one message may speak of.
    static let mostSensors = 256

    /// The id of a sensor of ``sensors``, 1–128 bytes of UTF-8.
    @inline(__always)
    public func withID<Result>(of sensor: Int, _ body: (borrowing Span<UInt8>) -> Result) -> Result {
        ids.withBytes(Int(sensors[sensor].start)..<Int(sensors[sensor].end), body)
    }

    /// The first sensor's id.
    public var sensorID: [UInt8] { sensors.isEmpty ? [] : withID(of: 0) { [UInt8](copying: $0) } }

    /// The first sensor's id as text.
    public var sensorName: String { name(of: 0) }

    public func name(of sensor: Int) -> String {
        sensors.indices.contains(sensor) ? withID(of: sensor) { String(copying: $0) } : ""
    }

    /// Whether the payload said of every measurement when it was.
    public var hasOwnTime: Bool { measurements.allSatisfy(\.hasOwnTime) }

    /// The first sensor's kind.
    public var kind: SensorKind { sensors.first?.kind ?? .generic }

    mutating func clear() {
        // One by one: most messages have few, and emptying the whole array at once costs as much as five.
        if measurements.count > 5 { measurements.removeAll(keepingCapacity: true) }
        while measurements.popLast() != nil {}
        if sensors.count > 5 { sensors.removeAll(keepingCapacity: true) }
        while sensors.popLast() != nil {}
        ids.clear()
        gatewayName.clear()
        frame = FrameInfo()
        isIgnored = false
        if !flaws.isEmpty { flaws.removeAll() }
    }

    /// So many flaws are named at most.
    private static let mostFlaws = 32

    /// Passes over a field that can't be read.
    @inline(never)
    mutating func passOver(_ flaw: DecodeError) {
        if flaws.count < Self.mostFlaws, !flaws.contains(where: { $0.field == flaw.field }) { flaws.append(flaw) }
    }

    /// Forgets the fields whose value is null: where that is the format's word for "nothing to say", nothing is wrong.
    mutating func forgetNulls() { flaws.removeAll { $0.found == Excerpt("null") } }

    /// What to say of a message of which a part could not be read. Nil for a sound one.
    public var flawSentence: String? {
        if flaws.isEmpty { return nil }
        return flaws.map(\.description).joined(separator: "; ") + "; what else it measured is stored"
    }

    /// The longest name of a gateway that is taken, in bytes.
    public static let longestGateway = 200

    /// Takes the name of what the message came through, if it can be one.
    mutating func setGateway(_ name: borrowing Span<UInt8>) {
        guard !name.isEmpty, name.count <= Self.longestGateway, Sensor.problem(withName: name) == nil else { return }
        gatewayName.assign(name)
    }

    /// Takes an edge node as what the message came through, as ``EdgeNodeID/gateway`` writes it.
    mutating func setGateway(group: borrowing Span<UInt8>, node: borrowing Span<UInt8>) {
        SparkplugTopic.namespace.withUTF8Buffer { unsafe gatewayName.assign($0.span) }
        gatewayName.append(group)
        gatewayName.append(UInt8(ascii: "/"))
        gatewayName.append(node)
        let isSound = gatewayName.withBytes { $0.count <= Self.longestGateway && Sensor.problem(withName: $0) == nil }
        if !isSound { gatewayName.clear() }
    }

    /// Adds the first sensor.
    @inline(__always)
    mutating func addFirst(_ id: borrowing Span<UInt8>, kind: SensorKind) {
        ids.append(id)
        sensors.append(SensorMention(kind: kind, start: 0, end: UInt32(ids.count)))
    }

    /// Adds a sensor, or finds it among those that are there.
    mutating func sensor(_ id: borrowing Span<UInt8>, kind: SensorKind) -> UInt16 {
        for index in sensors.indices {
            let known = sensors[index]
            if ids.withBytes(Int(known.start)..<Int(known.end), { $0.hasSameBytes(as: id) }) { return UInt16(index) }
        }
        let start = UInt32(ids.count)
        ids.append(id)
        sensors.append(SensorMention(kind: kind, start: start, end: UInt32(ids.count)))
        return UInt16(sensors.count - 1)
    }

    /// Stable; in place for a short message, which is mostly sorted already.
    @inline(__always)
    mutating func sortByTime() {
        if measurements.count > 1, !isSorted { sort() }
    }

    private var isSorted: Bool {
        let span = measurements.span
        for index in 1..<span.count where Self.isBefore(span[index], span[index - 1]) { return false }
        return true
    }

    private mutating func sort() {
        if measurements.count > 128 {
            let sorted = measurements.enumerated().sorted {
                ($0.element.sensor, $0.element.observedAtMs, $0.offset)
                    < ($1.element.sensor, $1.element.observedAtMs, $1.offset)
            }
            measurements = sorted.map(\.element)
            return
        }
        var span = measurements.mutableSpan
        for index in 1..<span.count {
            let measurement = span[index]
            var hole = index
            while hole > 0, Self.isBefore(measurement, span[hole - 1]) {
                span[hole] = span[hole - 1]
                hole -= 1
            }
            if hole != index { span[hole] = measurement }
        }
    }

    /// Of several contacts of one sensor and quantity at one moment, any that is closed counts: what a meter calls a leak and
    /// what it calls a burst are both wet. Sorted by time before.
    mutating func joinContacts() {
        var (kept, first) = (0, 0)  // first: of the moment in hand, among those kept
        for index in measurements.indices {
            let measurement = measurements[index]
            if kept > 0, Self.isBefore(measurements[kept - 1], measurement) { first = kept }
            if measurement.quantity.unit == .boolean,
                let other = (first..<kept).first(where: { measurements[$0].quantity == measurement.quantity })
            {
                measurements[other].value = max(measurements[other].value, measurement.value)
            } else {
                measurements[kept] = measurement
                kept += 1
            }
        }
        measurements.removeLast(measurements.count - kept)
    }

    @inline(__always)
    private static func isBefore(_ a: Measurement, _ b: Measurement) -> Bool {
        a.sensor == b.sensor ? a.observedAtMs < b.observedAtMs : a.sensor < b.sensor
    }
}
