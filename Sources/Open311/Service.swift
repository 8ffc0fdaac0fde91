/// One entry of `GET services`, GeoReport v2.
public struct Service: Sendable, Equatable {
    public var code: ServiceCode
    /// `service_name`
    public var name: String
    public var description: String
    /// `group`: the department that deals with it.
    public var group: String
    /// `keywords`
    public var keywords: [String]
    /// `agency_responsible` of its requests.
    public var agency: String

    public static let all: [Service] = [
        Service(
            code: .waterLeak, name: "Water leak",
            description: "Water escapes from a main, a service pipe or a fitting.", group: "water",
            keywords: ["sensor", "automatic", "leak", "burst"], agency: "Water"),
        Service(
            code: .trafficAnomaly, name: "Traffic anomaly",
            description: "Traffic is much slower or much lighter than is usual at this time of the week.",
            group: "highways", keywords: ["sensor", "automatic", "congestion", "incident"], agency: "Highways"),
        Service(
            code: .binFull, name: "Bin needs attention",
            description: "A public bin is full or about to be, has fallen over or is on fire.", group: "waste",
            keywords: ["sensor", "automatic", "bin", "waste", "fire"], agency: "Waste and Recycling"),
        Service(
            code: .sensorFault, name: "Sensor fault",
            description: "A street sensor or its gateway is silent, stuck or implausible.", group: "operations",
            keywords: ["sensor", "automatic", "fault"], agency: "Sensor Operations"),
    ]

    /// The service with this code. Every code has one.
    public static func named(_ code: ServiceCode) -> Service { all[ServiceCode.allCases.firstIndex(of: code) ?? 0] }
}
