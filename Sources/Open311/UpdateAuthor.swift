/// Who changed a request.
public enum UpdateAuthor: String, Sendable, CaseIterable, Codable {
    /// A rule, for what a sensor measured.
    case sensor
    /// Sluice itself: recovery, a parent that closed, changed rules.
    case system
    /// Staff, with a key that may update.
    case staff
    /// A person who reported.
    case person
    /// Another city's server.
    case city
}
