public import Detection
public import Open311
internal import Readings

/// Where one cause reaches: incidents of one scope share one request.
///
/// Several loggers around one burst, a corridor of slow stations, two hundred sensors behind one gateway: one request each.
struct Scope: Hashable, Sendable {
    var service: ServiceCode
    /// `zone:aston`, `sensor:bin-17/bin-fire`, `gateway:gw-3`.
    var place: String

    private static let zonePrefix = "zone:"

    init(service: ServiceCode, place: String) { (self.service, self.place) = (service, place) }

    /// The zone that it is, if it is one.
    var zone: String? { place.hasPrefix(Self.zonePrefix) ? String(place.dropFirst(Self.zonePrefix.count)) : nil }

    init(rule: Rule, subject: Subject, directory: SensorDirectory) {
        service = rule.service
        switch (rule, subject) {
        case (_, .gateway(let number)):
            place = "gateway:\(directory.gateways[number].id)"
        case (.nightFlow, .sensor(let index)), (.burst, .sensor(let index)), (.leakNoise, .sensor(let index)),
            (.congestion, .sensor(let index)), (.trafficDrop, .sensor(let index)):
            let sensor = directory[index]
            place = sensor.zone.map { Self.zonePrefix + $0 } ?? "sensor:\(sensor.id)"
        case (.binForecast, .sensor(let index)), (.binDumping, .sensor(let index)):
            // It will be full, and then it is, perhaps by a load that was tipped in: one bin, one filling, one request.
            place = "sensor:\(directory[index].id)/\(Rule.binFull.name)"
        case (_, .sensor(let index)):
            // What one device says of itself or of its bin concerns nobody else; its rules are apart, because a full
            // bin and a burning one want different people.
            place = "sensor:\(directory[index].id)/\(rule.name)"
        }
    }
}

extension Rule {
    /// The service that the rule files into.
    public var service: ServiceCode {
        switch self {
        case .nightFlow, .burst, .meterNeverZero, .wetContact, .leakNoise: .waterLeak
        case .congestion, .trafficDrop: .trafficAnomaly
        case .binFull, .binFire, .binTilt, .binDumping, .binForecast: .binFull
        // What an odd number means, only someone who knows the device can say.
        case .silence, .gatewaySilence, .stuck, .implausible, .drift, .clock, .anomaly: .sensorFault
        }
    }
}
