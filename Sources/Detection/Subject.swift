public import Readings

/// What a verdict or an incident is about: one sensor, or a gateway with everything behind it.
public enum Subject: Sendable, Hashable {
    case sensor(SensorIndex)
    /// By the gateway's dense number, from 0.
    case gateway(Int)
}
