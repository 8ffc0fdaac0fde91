/// How the payloads of a route are written.
public enum PayloadFormat: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// One JSON object a message; its two forms are described at ``MessageDecoder``.
    case flatJSON = 1
    /// Any JSON object; the route's fields name paths in it.
    case json = 2
    /// The payload is one number, or one of a field's words.
    case number = 3
    /// Comma-separated values (RFC 4180), one reading time a line.
    case csv = 4
    /// InfluxDB line protocol, one or more lines.
    case lineProtocol = 5
    /// The Things Stack v3, application uplinks and joins.
    case theThingsStack = 6
    /// ChirpStack v4, events as JSON.
    case chirpStack = 7
    /// A SenML pack (RFC 8428) as JSON.
    case senML = 8
    /// A SenML pack as CBOR.
    case senMLCBOR = 9
    /// Entities of FIWARE's smart data models: NGSI-v2, NGSI-LD or key-values.
    case fiware = 10
    /// Observations of an OGC SensorThings server.
    case sensorThings = 11
    /// ChirpStack v4, events as protobuf.
    case chirpStackProtobuf = 12
    /// Sparkplug B; on a connection that acts as its host application.
    case sparkplug = 13

    /// As in configuration.
    public var name: String {
        switch self {
        case .flatJSON: "flat-json"
        case .json: "json"
        case .number: "number"
        case .csv: "csv"
        case .lineProtocol: "line-protocol"
        case .theThingsStack: "the-things-stack"
        case .chirpStack: "chirpstack"
        case .senML: "senml"
        case .senMLCBOR: "senml-cbor"
        case .fiware: "fiware"
        case .sensorThings: "sensorthings"
        case .chirpStackProtobuf: "chirpstack-protobuf"
        case .sparkplug: "sparkplug-b"
        }
    }

    /// Whether a field that is `null` is one that is not there: what servers and platforms write between us and the device, where
    /// a codec had no value or an entity has no measurement.
    public var nullIsAbsent: Bool {
        switch self {
        case .theThingsStack, .chirpStack, .chirpStackProtobuf, .fiware, .sensorThings: true
        case .flatJSON, .json, .number, .csv, .lineProtocol, .senML, .senMLCBOR, .sparkplug: false
        }
    }

    public init?(name: String) {
        guard let format = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = format
    }
}
