/// When a sensor or a gateway counts as silent.
public struct SilenceParameters: Sendable, Equatable {
    /// Expected intervals that may pass unheard. Three: at 5 % lost messages, once in 8 000 by chance.
    public var missedIntervals = 3
    /// A sensor's least allowance, s.
    public var shortestSensorAllowanceS = 900
    /// A gateway's least allowance, s. Shorter than a sensor's, so that a dead gateway is known before its sensors are
    /// missed.
    public var shortestGatewayAllowanceS = 600
    /// A gateway needs this many sensors to be judged: two quiet sensors are two quiet sensors.
    public var gatewaySensors = 3
    /// The longest cadence that is learned, s. Also assumed before one is learned.
    public var longestLearnedIntervalS = 86_400

    public init() {}

    public func problems() -> [String] {
        var found: [String] = []
        if missedIntervals < 1 { found.append("silence.missed_intervals: must be 1 or more, found \(missedIntervals)") }
        if shortestSensorAllowanceS < 60 {
            found.append("silence.sensor_allowance_min: must be 60 s or more, found \(shortestSensorAllowanceS)")
        }
        if !(60...max(60, shortestSensorAllowanceS)).contains(shortestGatewayAllowanceS) {
            found.append(
                "silence.gateway_allowance_min: must be 60 s to sensor_allowance_min, is \(shortestGatewayAllowanceS)"
            )
        }
        if gatewaySensors < 2 { found.append("silence.gateway_sensors: must be 2 or more, found \(gatewaySensors)") }
        if !(60...604_800).contains(longestLearnedIntervalS) {
            found.append(
                "silence.learned_interval_max: must be 60 s to 7 days, found \(longestLearnedIntervalS) s")
        }
        return found
    }
}
