internal import Detection

// Keys `detection.…`. Ranges here only keep out nonsense; how thresholds must lie to each other is the detectors' own
// business (`DetectionParameters.problems()`), and is checked after reading.

extension DetectionParameters {
    static let keys: [Key<Self>] = sensorKeys + [.group("silence", \.silence, SilenceParameters.keys)]

    /// Those that sensors may have of their own: silence is judged of all together.
    static let sensorKeys: [Key<Self>] = [
        .group("night_flow", \.nightFlow, NightFlowParameters.keys),
        .group("night_pressure", \.nightPressure, NightFlowParameters.keys),
        .group("burst", \.burst, BurstParameters.keys),
        .group("leak_noise", \.leakNoise, LeakNoiseParameters.keys),
        .group("meter", \.meter, MeterParameters.keys),
        .group("wet_contact", \.wetContact, WetContactParameters.keys),
        .group("congestion", \.congestion, CongestionParameters.keys),
        .group("traffic_drop", \.trafficDrop, TrafficDropParameters.keys),
        .group("bin", \.bin, BinParameters.keys),
        .group("anomaly", \.anomaly, AnomalyParameters.keys),
        .scalar("agreement", \.agreementSigmas, score),
        .scalar("adopts_after", \.adoptsAfterMs, .milliseconds(.seconds(0) ... .seconds(366 * 86_400))),
        .scalar("stuck_learns_for", \.stuckLearnsForMs, .milliseconds(.seconds(0) ... .seconds(366 * 86_400))),
    ]
}

private let score = Syntax<Double>.number(0...1000)
private let fraction = Syntax<Double>.number(0...1)
private let percent = Syntax<Double>.number(0...100)
private let days = Syntax<Int>.integer(0...366)
private let upToAWeek = Syntax<Int>.seconds(.seconds(60) ... .seconds(7 * 86_400))

extension NightFlowParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("opens", \.test.atOnce, score),
        .scalar("opens_any_time", \.atOnce, score),
        .scalar("slack", \.test.slack, score),
        .scalar("limit", \.test.limit, score),
        .scalar("clears", \.test.clears, score),
        .scalar("second_leak", \.test.rearms, score),
        .scalar("demand_scale", \.demandScale, fraction),
        .scalar("usual_sigma", \.usualSigma, fraction),
        .scalar("sigma_floor", \.sigmaFloor, fraction),
        .scalar("quarantine_days", \.quarantineDays, days),
        .scalar("reference_days", \.referenceDays, days),
    ]
}

extension BurstParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("rise", \.rise, score),
        .scalar("sigmas", \.sigmas, score),
        .scalar("big_rise", \.bigRise, score),
        .scalar("big_sigmas", \.bigSigmas, score),
    ]
}

extension LeakNoiseParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("opens_at_once", \.opensAtOnce, score),
        .scalar("rise_at_once_db", \.riseAtOnceDB, score),
        .scalar("opens_alone", \.opensAlone, score),
        .scalar("rise_alone_db", \.riseAloneDB, score),
        .scalar("storm", \.stormSigmas, score),
        .scalar("opens", \.opens, score),
        .scalar("rise_db", \.riseDB, score),
        .scalar("clears", \.clears, score),
        .scalar("sigma_floor_db", \.sigmaFloorDB, score),
        .scalar("reference_nights", \.referenceNights, days),
    ]
}

extension MeterParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("least_lph", \.leastLPH, .number(0...1_000_000)),
        .scalar("history_days", \.historyDays, days),
    ]
}

extension WetContactParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("hours", \.hours, .integer(0...168)),
        .scalar("share", \.share, fraction),
    ]
}

extension CongestionParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("slow", \.slow, fraction),
        .scalar("slow_alone", \.slowAlone, fraction),
        .scalar("slack_kmh", \.slackKMH, score),
        .scalar("standing", \.standing, fraction),
        .scalar("blocked", \.blocked, fraction),
        .scalar("blocked_at_once", \.blockedAtOnce, fraction),
        .scalar("surge", \.surge, score),
        .scalar("aftermath", \.aftermathMs, .milliseconds(.seconds(0) ... .seconds(7 * 86_400))),
        .scalar("free", \.free, fraction),
        .scalar("stretch_km", \.stretchKM, .number(0...100)),
        .scalar("least_memories", \.leastMemories, .integer(0...1000)),
    ]
}

extension TrafficDropParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("opens", \.opens, score),
        .scalar("low", \.low, fraction),
        .scalar("back", \.back, fraction),
        .scalar("least_count", \.leastCount, .number(0...1_000_000)),
        .scalar("warm_up_days", \.warmUpDays, days),
    ]
}

extension BinParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("full_percent", \.fullPercent, percent),
        .scalar("overflow_percent", \.overflowPercent, percent),
        .scalar("follow_percent", \.followPercent, percent),
        .scalar("clear_percent", \.clearPercent, percent),
        .scalar("forecast_percent", \.forecastPercent, percent),
        .scalar("forecast_from_percent", \.forecastFromPercent, percent),
        .scalar("lead_time", \.leadTimeMs, .milliseconds(.seconds(0) ... .seconds(7 * 86_400))),
        .scalar("dump_rise", \.dumpRise, percent),
        .scalar("fire_c", \.fireC, score),
        .scalar("fire_rise_c", \.fireRiseC, score),
    ]
}

extension AnomalyParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("level_opens", \.levelOpens, score),
        .scalar("step_opens", \.stepOpens, score),
        .scalar("mean_of", \.meanOf, .integer(1...1000)),
        .scalar("memory", \.memory, .number(10...1_000_000_000)),
        .scalar("least_share", \.leastShare, fraction),
        .scalar("warm_up", \.warmUp, .integer(10...1_000_000)),
        .scalar("calm_readings", \.calmReadings, .integer(1...1_000_000)),
    ]
}

extension SilenceParameters {
    fileprivate static let keys: [Key<Self>] = [
        .scalar("missed_intervals", \.missedIntervals, .integer(1...1000)),
        .scalar("sensor_allowance_min", \.shortestSensorAllowanceS, upToAWeek),
        .scalar("gateway_allowance_min", \.shortestGatewayAllowanceS, upToAWeek),
        .scalar("gateway_sensors", \.gatewaySensors, .integer(2...10_000)),
        .scalar("learned_interval_max", \.longestLearnedIntervalS, upToAWeek),
    ]
}
