import Readings
internal import TimeBase

/// One MQTT message from a device of the city. Its buffers are reused from message to message.
public struct CityMessage: Sendable, Equatable {
    /// The sensor's index in ``SyntheticCity/sensors``.
    public fileprivate(set) var sensor = -1
    /// When the device sends it: some seconds after the measurement, always the same for one device.
    public fileprivate(set) var atMs: Int64 = 0
    /// `sluice/<kind>/<sensor id>`.
    public fileprivate(set) var topic: [UInt8] = []
    /// Flat JSON: `{"ts":"2026-03-02T08:00:00Z","metrics":{"fill_pct":41,"temperature_c":9.3}}`.
    public fileprivate(set) var payload: [UInt8] = []

    public init() {}
}

extension SyntheticCity {
    /// The messages about what is measured in `fromMs ..< toMs`, in the order in which they are sent.
    ///
    /// Spans that touch give each message once: a span is cut by time of measurement, and devices send within two
    /// minutes of it.
    public func messages(fromMs: Int64, toMs: Int64) -> CityMessages {
        CityMessages(city: self, fromMs: fromMs, toMs: toMs)
    }

    /// When a device sends after it has measured, in milliseconds: up to two minutes, less than a tick.
    func sendDelayMs(_ sensor: Int) -> Int64 { Int64(SeededHash.hash(devices[sensor].key, 60) % 120_000) }
}

/// A span of the city's time, as messages.
public struct CityMessages: Sendable {
    private let city: SyntheticCity
    private let toMs: Int64
    private var moment: LocalMoment
    private var effects: CityEffects
    private var effectsUntilMs: Int64
    /// The sensors of this tick in the order in which they send, and how many have.
    private var order: [Int32] = []
    private var sent = 0
    /// Orders by tick of the hour, made when first met: there are four.
    private var orders: [Int: [Int32]] = [:]

    init(city: SyntheticCity, fromMs: Int64, toMs: Int64) {
        self.city = city
        self.toMs = toMs
        let tickMs = DeviceSort.tickMs
        let first = floorDivide(fromMs + tickMs - 1, tickMs) * tickMs
        moment = city.moment(atMs: first)
        (effects, effectsUntilMs) = city.effects(atMs: first)
        if first < toMs { order = sendingOrder() }
    }

    /// Writes the next message into `message`. False when the span is over.
    public mutating func next(into message: inout CityMessage) -> Bool {
        while true {
            while sent == order.count {
                guard advance() else { return false }
            }
            let sensor = Int(order[sent])
            sent += 1
            let sample = city.sample(sensor, at: moment, effects: effects)
            if sample.count == 0 { continue }
            message.write(sample, sensor: sensor, moment: moment, city: city)
            return true
        }
    }

    private mutating func advance() -> Bool {
        let atMs = moment.atMs + DeviceSort.tickMs
        guard atMs < toMs else { return false }
        moment = city.moment(atMs: atMs)
        if atMs >= effectsUntilMs { (effects, effectsUntilMs) = city.effects(atMs: atMs) }
        (order, sent) = (sendingOrder(), 0)
        return true
    }

    private mutating func sendingOrder() -> [Int32] {
        let sorts = DeviceSort.allCases.filter { floorModulo(moment.atMs, $0.intervalS * 1000) == 0 }
        let key = sorts.reduce(0) { $0 | 1 << $1.rawValue }
        if let order = orders[key] { return order }
        let order = sorts.flatMap { city.range(of: $0) }
            .map { (delayMs: city.sendDelayMs($0), sensor: Int32($0)) }
            .sorted { ($0.delayMs, $0.sensor) < ($1.delayMs, $1.sensor) }
            .map(\.sensor)
        orders[key] = order
        return order
    }
}

extension CityMessage {
    fileprivate mutating func write(_ sample: CitySample, sensor: Int, moment: LocalMoment, city: SyntheticCity) {
        self.sensor = sensor
        atMs = moment.atMs + city.sendDelayMs(sensor)
        topic.removeAll(keepingCapacity: true)
        topic.append("sluice/")
        topic.append(city.devices[sensor].sort.kindName)
        topic.append(0x2F)
        city.appendID(of: sensor, to: &topic)
        payload.removeAll(keepingCapacity: true)
        payload.append("{\"ts\":\"")
        Timestamp.append(moment.atMs, to: &payload)
        payload.append("\",\"metrics\":{")
        for index in 0..<sample.count {
            if index > 0 { payload.append(0x2C) }
            payload.append(0x22)
            payload.append(contentsOf: sample.quantity(index).name.utf8)
            payload.append("\":")
            payload.appendHundredths(sample.value(index))
        }
        payload.append("}}")
    }
}
