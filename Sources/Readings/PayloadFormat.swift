/// How the payloads of a route are written.
public enum PayloadFormat: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// One JSON object a message; its two forms are described at ``MessageDecoder``.
    case flatJSON = 1

    /// As in configuration.
    public var name: String {
        switch self {
        case .flatJSON: "flat-json"
        }
    }

    public init?(name: String) {
        guard let format = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = format
    }
}
