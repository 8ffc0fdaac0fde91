/// What keeps a key from being made or revoked.
public enum KeyError: Error, Equatable, CustomStringConvertible {
    case nameTaken(String)
    case unknownName(String)
    case badName(String)
    case badRate(Int)
    case publicWithRoles
    case withoutRoles

    /// Stable; safe as a metric label.
    public var code: String {
        switch self {
        case .nameTaken: "name_taken"
        case .unknownName: "unknown_name"
        case .badName: "bad_name"
        case .badRate: "bad_rate"
        case .publicWithRoles: "public_with_roles"
        case .withoutRoles: "without_roles"
        }
    }

    public var description: String {
        switch self {
        case .nameTaken(let name): "a key named \(name) exists; revoke it first, or choose another name"
        case .unknownName(let name): "there is no key named \(name); `sluice keys list` shows those that hold"
        case .badName(let name):
            "a key's name must be 1–\(APIKey.longestName) printable characters, found \(name.count) in \"\(name.prefix(20))\""
        case .badRate(let rate):
            "a key's rate must be \(APIKey.rates.lowerBound)–\(APIKey.rates.upperBound) a minute, found \(rate)"
        case .publicWithRoles: "a public key is everybody's: it may have the role report alone"
        case .withoutRoles: "a key needs a role: report, update or administer"
        }
    }
}
