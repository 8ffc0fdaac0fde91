public import Readings

// Sensors of one gateway depend on each other; beyond that on the connections and the clock alone, which depend on no
// sensor. So the connections, and each gateway with its sensors, can be saved at places of their own in the stream.
extension SilenceMonitor {
    /// Connections and clock.
    public mutating func codeConnections(_ coder: inout StateCoder) {
        let count = coder.codeCount(sources.count)
        if coder.isReading { sources = Array(repeating: SourceState(), count: count) }
        for source in sources.indices { coder.code(&sources[source]) }
        coder.code(&lastTickMs)
        coder.code(&upSinceMs)
        sensorTimers.codeTurn(&coder)
        gatewayTimers.codeTurn(&coder)
        upCount = sources.count { $0.isUp }
    }

    /// What the connections' part did not hold once: state that was saved then ends before it.
    public mutating func codePause(_ coder: inout StateCoder) {
        guard !coder.isReading || coder.remaining > 0 else { return }
        coder.code(&awakeSinceMs)
    }

    /// One sensor, which has just been added when it is restored.
    public mutating func code(_ sensor: SensorIndex, _ coder: inout StateCoder) {
        coder.code(&sensors[sensor.int])
        sensorTimers.code(sensor.int, &coder)
        guard coder.isReading else { return }
        if sensors[sensor.int].isHeardAgain { heardAgain.append(Int32(sensor.int)) }
        if sensors[sensor.int].isDying { dying.append(Int32(sensor.int)) }
    }

    /// One gateway. When it is restored its sensors may still have to be added: those that the registry has put behind it since
    /// it was saved come with what they were behind.
    public mutating func code(gateway: Int, _ coder: inout StateCoder) {
        makeRoom(forGateway: gateway)
        coder.code(&gateways[gateway])
        gatewayTimers.code(gateway, &coder)
        guard coder.isReading else { return }
        if gateways[gateway].isHeardAgain { gatewaysHeardAgain.append(Int32(gateway)) }
        if gateways[gateway].isDying { gatewaysDying.append(Int32(gateway)) }
    }

    /// When the clock was last told; nil before the first tick.
    public var tickedAtMs: Int64? { lastTickMs == .min ? nil : lastTickMs }
}

// What is known of each of them.
extension SilenceMonitor {
    struct SensorState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var lastHeardMs = Int64.min
        var cadence = Cadence()
        var pauses = Pauses()
        /// The registry's interval, or 0.
        var givenS: Int32 = 0
        var gateway: Int32 = -1
        var nextOfGateway: Int32 = -1
        var source: Int32 = -1
        var isWatched = false
        var isSilent = false
        var isHeardAgain = false
        var isDying = false
        mutating func hear(source: Int, atMs: Int64) {
            lastHeardMs = max(lastHeardMs, atMs)
            self.source = Int32(source)
            if givenS == 0 { cadence.heard(atMs: atMs) }
        }

        /// The registry's part and the chain of its gateway's sensors are told anew at each start. What is last may be
        /// missing: it is learned again.
        mutating func code(_ coder: inout StateCoder) {
            coder.code(&lastHeardMs)
            coder.code(&cadence)
            coder.code(&source)
            coder.code(&isSilent)
            coder.code(&isHeardAgain)
            coder.code(&pauses)
            coder.code(&isDying)
        }
    }

    struct GatewayState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var lastHeardMs = Int64.min
        var returnedMs = Int64.min
        var allowedMs: Int64 = 0
        var firstSensor: Int32 = -1
        var source: Int32 = -1
        var sensorCount: Int32 = 0
        var isSilent = false
        var isHeardAgain = false
        var isDying = false
        /// Whether it tells when it dies. The registry's part: told anew at each start.
        var announces = false

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&lastHeardMs)
            coder.code(&returnedMs)
            coder.code(&allowedMs)
            coder.code(&source)
            coder.code(&isSilent)
            coder.code(&isHeardAgain)
            coder.code(&isDying)
        }
    }

    struct SourceState: Sendable, Equatable, StateCodable, BitwiseCopyable {
        var upSinceMs = Int64.min
        var isUp = false
        var wasUp = false

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&upSinceMs)
            coder.code(&isUp)
            coder.code(&wasUp)
        }
    }
}
