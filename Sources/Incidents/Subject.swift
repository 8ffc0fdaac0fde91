public import Readings

/// What an incident is about: one sensor, or a gateway with everything behind it.
public enum Subject: Sendable, Hashable {
    case sensor(SensorIndex)
    /// By the gateway's number in the ``SensorDirectory``.
    case gateway(Int)
}
