/// The services that Sluice files into.
///
/// The raw string is the GeoReport `service_code`.
public enum ServiceCode: String, Sendable, CaseIterable, Hashable {
    case waterLeak = "water-leak"
    case trafficAnomaly = "traffic-anomaly"
    case binFull = "bin-full"
    case sensorFault = "sensor-fault"
}
